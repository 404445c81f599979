import { Bytes, newBytes } from "../../../wasm/core/memory.as";
import { Objection } from "../objections";
import { holders } from "./holders.as";
import { input } from "./input.as";
import { refuse } from "./refusal.as";

/** What the functions of a type in tables do. */
const enum Depth {
  unknown = 0,
  notTaken = 1,
  taken = 2,
}

/**
 * How the functions in tables take their fuel. Either all go by the global, or all take it as a
 * parameter; then the host must not see them, and those of one type agree on depth, so that no
 * indirect call can pass one thing for another.
 */
@unmanaged
export class TableConvention {
  threaded: bool = false;
  /** By canonical type. */
  private depths: Bytes = changetype<Bytes>(0);

  /** Holds all functions that anything refers to against each other. */
  begin(hostHandles: bool): void {
    this.depths = newBytes(input.typeCount);
    this.threaded =
      input.useCount > 0 && holders.isThreaded(input.uses[0] - input.importedFunctions);
    for (let i = 0; i < input.useCount; i++) this.add(input.uses[i], hostHandles);
  }

  /** Whether functions of a canonical type take depth. */
  isDeep(type: i32): bool {
    return type >= 0 && this.depths[type] == Depth.taken;
  }

  private add(functionIndex: i32, hostHandles: bool): void {
    const f = functionIndex - input.importedFunctions;
    const threaded = holders.isThreaded(f);
    if (threaded != this.threaded) refuse(functionIndex, 0, Objection.tablesDiffer);
    if (!threaded) return;
    if (hostHandles) refuse(functionIndex, 0, Objection.threadedOutside);
    const type = input.canonicalTypes[input.typeOf(f)];
    const depth = holders.depth(f) >= 0 ? Depth.taken : Depth.notTaken;
    if (this.depths[type] == Depth.unknown) this.depths[type] = depth;
    if (this.depths[type] != depth) refuse(functionIndex, 0, Objection.typeDiffersInDepth);
  }
}

export const tables: TableConvention = changetype<TableConvention>(
  memory.data(offsetof<TableConvention>()),
);
