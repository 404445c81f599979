/** No instruction's offset. */
const none = -1;

/** How a loop of the original stands in the metered module. */
export const LoopForm = {
  /** Nothing branches back to it: it is a block. */
  once: 0,
  /** A check at the header. */
  plain: 1,
  /**
   * An outer loop with the check, around the original one: no call inside the hot loop. With more bits
   * set, its body is written several times over, see `unrolling.ts`.
   */
  stripMined: 2,
} as const;

/** The form without what it says of unrolling. */
export function baseForm(form: number): number {
  return form & 3;
}

/** Growing list of i32; the plan of a whole module takes six of them. */
export class IntList {
  values: Int32Array;
  length = 0;

  /** @param capacity how many are expected; room that isn't used takes no memory. */
  constructor(capacity = 64) {
    this.values = new Int32Array(Math.max(16, capacity));
  }

  push(value: number): number {
    if (this.length === this.values.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

/**
 * What the analysis decided for every function, for the rewriter to carry out. Positions are
 * offsets of instructions in the original module. A function's entries stand together, and in the
 * order in which a walk over its reachable instructions comes by them.
 */
export class MeteringPlan {
  /** Charge `chargeFuel[i]` before the instruction at `chargeOffset[i]`. A charge of 0 is none. */
  readonly chargeOffset: IntList;
  readonly chargeFuel: IntList;
  /** What each `br` and `br_if` charges when it is taken. */
  readonly edgeFuel: IntList;
  /** What each `if` without an `else` charges when its condition doesn't hold. */
  readonly otherwiseFuel: IntList;
  /** Check before the instruction at this offset (behind a charge at the same place). */
  readonly checkOffset = new IntList();
  /** {@link LoopForm} of each loop that can be reached. */
  readonly loopForm: IntList;
  /** What is charged behind the end of the function's body. */
  readonly endFuel: Int32Array;
  /** 1 where something branches to the function's own label. */
  readonly exitLabelUsed: Uint8Array;
  private readonly starts: Uint32Array;
  private readonly lists: readonly IntList[];

  /** @param marks how many marks the functions have, for the room that is set aside. */
  constructor(functions: number, marks: number) {
    this.chargeOffset = new IntList(marks >> 1);
    this.chargeFuel = new IntList(marks >> 1);
    this.edgeFuel = new IntList(marks >> 1);
    this.otherwiseFuel = new IntList(marks >> 3);
    this.loopForm = new IntList(marks >> 4);
    this.endFuel = new Int32Array(functions);
    this.exitLabelUsed = new Uint8Array(functions);
    this.lists = [
      this.chargeOffset,
      this.edgeFuel,
      this.otherwiseFuel,
      this.checkOffset,
      this.loopForm,
    ];
    this.starts = new Uint32Array(functions * this.lists.length * 2);
  }

  /** Begins a function's entries. */
  open(f: number): void {
    for (let i = 0; i < this.lists.length; i++) {
      this.starts[this.slot(f, i)] = (this.lists[i] as IntList).length;
    }
  }

  /** Drops what was entered since `open`. */
  reopen(f: number): void {
    for (let i = 0; i < this.lists.length; i++) {
      (this.lists[i] as IntList).length = this.starts[this.slot(f, i)] as number;
    }
    this.chargeFuel.length = this.chargeOffset.length;
  }

  /** Ends a function's entries. */
  close(f: number): void {
    for (let i = 0; i < this.lists.length; i++) {
      this.starts[this.slot(f, i) + 1] = (this.lists[i] as IntList).length;
    }
  }

  /** First entry of function `f` in a list. */
  first(list: IntList, f: number): number {
    return this.starts[this.slot(f, this.lists.indexOf(list))] as number;
  }

  /** Entry behind the last one of function `f` in a list. */
  end(list: IntList, f: number): number {
    return this.starts[this.slot(f, this.lists.indexOf(list)) + 1] as number;
  }

  /** Whether any charge of function `f` stands in its body. */
  chargesInside(f: number): boolean {
    return [this.chargeOffset, this.edgeFuel, this.otherwiseFuel].some((list) => {
      const fuel = list === this.chargeOffset ? this.chargeFuel : list;
      for (let i = this.first(list, f); i < this.end(list, f); i++) if (fuel.at(i) > 0) return true;
      return false;
    });
  }

  charge(offset: number, fuel: number): number {
    this.chargeOffset.push(offset);
    return this.chargeFuel.push(fuel);
  }

  /** Keeps apart what stands at the same offset in two copies of a body. */
  beginCopy(): void {
    this.charge(none, 0);
    this.checkOffset.push(none);
  }

  addCharge(charge: number, fuel: number): void {
    this.chargeFuel.values[charge] = this.chargeFuel.at(charge) + fuel;
  }

  edge(): number {
    return this.edgeFuel.push(0);
  }

  setEdge(edge: number, fuel: number): void {
    this.edgeFuel.values[edge] = fuel;
  }

  otherwise(): number {
    return this.otherwiseFuel.push(0);
  }

  setOtherwise(index: number, fuel: number): void {
    this.otherwiseFuel.values[index] = fuel;
  }

  private slot(f: number, list: number): number {
    return (f * this.lists.length + list) * 2;
  }
}
