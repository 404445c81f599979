import { Op } from "../../../wasm/op";
import { Bytes, newBytes } from "../../../wasm/core/memory.as";
import { holders } from "./holders.as";
import { input } from "./input.as";
import { order } from "./order.as";

/** What is known of a type. */
const enum Known {
  nothing = 0,
  readsNone = 1,
  reads = 2,
}

/**
 * Which functions, once called, read the global that holds the depth left: themselves, or by what
 * they call without having stored it. Their callers have to store it first, for else a recursion
 * would start over with all of the depth in each frame. Filled in the order of calls; those that
 * may come behind their callers hold depth themselves.
 */
@unmanaged
export class DepthReaders {
  /** Whether there may be any; without, nothing needs to be asked. */
  any: bool = false;
  private functions: Bytes = changetype<Bytes>(0);
  /** By canonical type. */
  private types: Bytes = changetype<Bytes>(0);

  begin(): void {
    this.functions = newBytes(input.bodyCount);
    this.types = newBytes(input.typeCount);
    this.any = holders.anyDepth();
    for (let f = 0; f < input.bodyCount; f++) {
      if (holders.depth(f) >= 0 && !holders.isThreaded(f)) this.add(f);
    }
  }

  /** Defined function `f` reads it. */
  add(f: i32): void {
    this.functions[f] = 1;
  }

  /** Whether an instruction, whose first immediate is `a`, calls such a function, or may. */
  isCalledBy(op: i32, a: i32): bool {
    switch (op) {
      case Op.call:
      case Op.returnCall: {
        const f = a - input.importedFunctions;
        return input.isDefined(f) && this.functions[f] != 0;
      }
      case Op.callIndirect:
      case Op.returnCallIndirect:
        return this.isTypeReader(input.canonical(a));
      default:
        return false;
    }
  }

  private isTypeReader(type: i32): bool {
    if (type < 0) return false;
    if (this.types[type] == Known.nothing) {
      let known = Known.readsNone;
      for (let at = order.targetsBegin(type); at < order.targetsEnd(type); at++) {
        if (this.functions[order.target(at)] != 0) known = Known.reads;
      }
      this.types[type] = known;
    }
    return this.types[type] == Known.reads;
  }
}

export const depthReaders: DepthReaders = changetype<DepthReaders>(
  memory.data(offsetof<DepthReaders>()),
);
