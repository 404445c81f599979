import { Op } from "../../wasm/opcodes.ts";
import type { CallOrder } from "./calls.ts";
import type { FuelHolder } from "./holders.ts";
import type { Listing } from "./listing.ts";
import type { MeterIndices } from "./verify.ts";

/**
 * Which functions, once called, read the global that holds the depth left: themselves, or by what
 * they call without having stored it. Their callers have to store it first, for else a recursion
 * would start over with all of the depth in each frame. Filled callees first.
 */
export class DepthReaders {
  readonly #nodes: boolean[];
  readonly #any: boolean;

  constructor(
    private readonly calls: CallOrder,
    private readonly meter: MeterIndices,
    private readonly imported: number,
    holders: readonly FuelHolder[],
  ) {
    this.#nodes = holders.map((h) => h.depth >= 0 && !h.threaded);
    this.#any = holders.some((h) => h.depth >= 0);
  }

  /** Whether there are any; without, nothing needs to be settled. */
  get any(): boolean {
    return this.#any;
  }

  /** Settles a function that has no depth of its own, whose callees are settled. */
  settleFunction(f: number, l: Listing): void {
    for (let i = 0; i < l.length && this.#nodes[f] !== true; i++) {
      const reads = l.is(i, Op.globalGet, this.meter.depth) || this.isCalledAt(l, i);
      this.#nodes[f] = reads;
    }
  }

  /** Settles the node of a type, when all that it leads to is. */
  settleType(node: number): void {
    this.#nodes[node] = this.calls.targets(node).some((f) => this.#nodes[f] === true);
  }

  /** Whether instruction `i` calls such a function, or may. */
  isCalledAt(l: Listing, i: number): boolean {
    const a = l.a[i] as number;
    switch (l.ops[i]) {
      case Op.call:
      case Op.returnCall:
        return this.#nodes[a - this.imported] === true;
      case Op.callIndirect:
      case Op.returnCallIndirect:
        return this.#nodes[this.calls.typeNode(a) ?? -1] === true;
      default:
        return false;
    }
  }
}
