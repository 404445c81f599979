/** How a loop of the original stands in the metered module. */
export const LoopForm = {
  /** Nothing branches back to it: it is a block. */
  once: 0,
  /** A check at the header. */
  plain: 1,
  /** An outer loop with the check, around the original one: no call inside the hot loop. */
  stripMined: 2,
} as const;

/** Growing list of i32; the plan of a whole module takes four of them. */
export class IntList {
  values = new Int32Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

/**
 * What the analysis decided for every function, for the rewriter to carry out. Positions are
 * offsets of instructions in the original module; a function's entries stand together, in order.
 */
export class MeteringPlan {
  /** Charge `chargeFuel[i]` before the instruction at `chargeOffset[i]`. A charge of 0 is none. */
  readonly chargeOffset = new IntList();
  readonly chargeFuel = new IntList();
  /** Check before the instruction at this offset (behind a charge at the same place). */
  readonly checkOffset = new IntList();
  /** {@link LoopForm} of each loop that can be reached, in order of appearance. */
  readonly loopForm = new IntList();
  /** 1 where something branches to the function's own label. */
  readonly exitLabelUsed: Uint8Array;
  private readonly starts: Uint32Array;

  constructor(functions: number) {
    this.exitLabelUsed = new Uint8Array(functions);
    this.starts = new Uint32Array(functions * 6);
  }

  /** Begins a function's entries. */
  open(f: number): void {
    this.starts[f * 6] = this.chargeOffset.length;
    this.starts[f * 6 + 1] = this.checkOffset.length;
    this.starts[f * 6 + 2] = this.loopForm.length;
  }

  /** Ends them. */
  close(f: number): void {
    this.starts[f * 6 + 3] = this.chargeOffset.length;
    this.starts[f * 6 + 4] = this.checkOffset.length;
    this.starts[f * 6 + 5] = this.loopForm.length;
  }

  firstCharge(f: number): number {
    return this.starts[f * 6] as number;
  }
  firstCheck(f: number): number {
    return this.starts[f * 6 + 1] as number;
  }
  firstLoop(f: number): number {
    return this.starts[f * 6 + 2] as number;
  }
  endCharge(f: number): number {
    return this.starts[f * 6 + 3] as number;
  }
  endCheck(f: number): number {
    return this.starts[f * 6 + 4] as number;
  }
}
