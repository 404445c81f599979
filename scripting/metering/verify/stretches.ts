import type { CallOrder } from "./order.ts";

/** No such stretch. */
export const none = -1;

/**
 * Instructions that a counted function may run in front of its check, and until a return that comes
 * before it.
 */
export const maxLeafInstructions = 192;

/**
 * What a function may run without a check, in instructions, `none` where it doesn't; of a call, the
 * worst where there are several callees.
 */
export interface Stretch {
  /** From the entry on. */
  readonly prefix: number;
  /** Until the return, where a check was passed and where none was. */
  readonly checkedExit: number;
  readonly uncheckedExit: number;
  /** Until the return, since a call that leads back into the cycle. */
  readonly unwinding: number;
}

const nobody: Stretch = { prefix: 0, checkedExit: none, uncheckedExit: none, unwinding: none };
/**
 * A counted function, for callers in its group, which may come first: it returns before its check, or
 * what it leaves behind it counts as unwinding.
 */
const countedWithin: Stretch = {
  prefix: maxLeafInstructions,
  checkedExit: 0,
  uncheckedExit: maxLeafInstructions,
  unwinding: 0,
};

/** What each function leaves unchecked towards its callers, filled in the order of calls. */
export class Stretches {
  readonly #order: CallOrder;
  readonly #functions: Stretch[] = [];
  /** What callers outside of a function's group find. */
  readonly #outside: Stretch[] = [];
  /** Of all that a type leads to, for callers within the group of one of them, and for all others. */
  readonly #typeWithin: Stretch[] = [];
  readonly #typeOutside: Stretch[] = [];

  constructor(order: CallOrder) {
    this.#order = order;
  }

  set(f: number, stretch: Stretch): void {
    this.#functions[f] = stretch;
    this.#outside[f] = this.#called(f, false);
  }

  /** What function `caller` finds in a function that it calls. */
  direct(caller: number, callee: number): Stretch {
    const within = this.#order.sameGroup(caller, callee);
    return within ? this.#called(callee, true) : (this.#outside[callee] ?? nobody);
  }

  /** What function `caller` finds in what it calls through a type, all of which comes before it. */
  indirect(caller: number, typeIndex: number): Stretch {
    const within = this.#order.reachesGroup(caller, typeIndex);
    const known = within ? this.#typeWithin : this.#typeOutside;
    known[typeIndex] ??= this.#order
      .targets(typeIndex)
      .map((f) => this.#called(f, within && this.#order.sameGroup(caller, f)))
      .reduce(worst, nobody);
    return known[typeIndex];
  }

  #called(f: number, within: boolean): Stretch {
    if (within && this.#order.isCounted(f)) return countedWithin;
    const stretch = this.#functions[f];
    if (stretch === undefined) return nobody;
    return within ? stretch : { ...stretch, unwinding: none };
  }
}

function worst(a: Stretch, b: Stretch): Stretch {
  return {
    prefix: Math.max(a.prefix, b.prefix),
    checkedExit: Math.max(a.checkedExit, b.checkedExit),
    uncheckedExit: Math.max(a.uncheckedExit, b.uncheckedExit),
    unwinding: Math.max(a.unwinding, b.unwinding),
  };
}
