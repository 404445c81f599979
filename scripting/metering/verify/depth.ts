import { Op } from "../../wasm/opcodes.ts";
import type { FuelHolder } from "./holders.ts";
import type { Listing } from "./listing.ts";
import type { CallOrder } from "./order.ts";

/**
 * Which functions, once called, read the global that holds the depth left: themselves, or by what
 * they call without having stored it. Their callers have to store it first, for else a recursion
 * would start over with all of the depth in each frame. Filled in the order of calls; those that may
 * come behind their callers hold depth themselves.
 */
export class DepthReaders {
  /** Whether there may be any; without, nothing needs to be asked. */
  readonly any: boolean;
  readonly #functions: boolean[];
  readonly #types: boolean[] = [];

  constructor(
    private readonly order: CallOrder,
    private readonly imported: number,
    holders: readonly FuelHolder[],
  ) {
    this.#functions = holders.map((h) => h.depth >= 0 && !h.threaded);
    this.any = holders.some((h) => h.depth >= 0);
  }

  /** Defined function `f` reads it. */
  add(f: number): void {
    this.#functions[f] = true;
  }

  /** Whether instruction `i` calls such a function, or may. */
  isCalledAt(l: Listing, i: number): boolean {
    const a = l.a[i] as number;
    switch (l.ops[i]) {
      case Op.call:
      case Op.returnCall:
        return this.#functions[a - this.imported] === true;
      case Op.callIndirect:
      case Op.returnCallIndirect:
        this.#types[a] ??= this.order.targets(a).some((f) => this.#functions[f] === true);
        return this.#types[a];
      default:
        return false;
    }
  }
}
