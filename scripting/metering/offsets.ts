import { IntList } from "./plan.ts";

/**
 * Maps byte offsets of a metered module to the original's, so that traps and stops resolve to a
 * source line. Code that the meter inserted maps to the instruction it stands before.
 */
export class OffsetMap {
  private readonly metered: Int32Array;
  private readonly original: Int32Array;

  /** `original` holds `offset << 1 | inserted`; both ascend in `metered`. */
  constructor(metered: Int32Array, original: Int32Array) {
    this.metered = metered;
    this.original = original;
  }

  /** Number of runs, for size figures. */
  get length(): number {
    return this.metered.length;
  }

  /** The original offset of a metered one; undefined outside of code that came from the original. */
  toOriginal(meteredOffset: number): number | undefined {
    const i = this.runAt(meteredOffset);
    if (i < 0) return undefined;
    const original = this.original[i] as number;
    if (original === unmapped) return undefined;
    const base = original >> 1;
    if ((original & 1) === 1) return base;
    return base + meteredOffset - (this.metered[i] as number);
  }

  /** Whether the meter inserted the byte at this offset. */
  isInserted(meteredOffset: number): boolean {
    const i = this.runAt(meteredOffset);
    return i < 0 || this.original[i] === unmapped || ((this.original[i] as number) & 1) === 1;
  }

  private runAt(meteredOffset: number): number {
    let low = 0;
    let high = this.metered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.metered[middle] as number) <= meteredOffset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

const unmapped = -1;

/** Collects an {@link OffsetMap} while code is written; positions are relative until `finish`. */
export class OffsetMapBuilder {
  private readonly metered: IntList;
  private readonly original: IntList;
  private delta = Number.NaN;
  /** First run of the body being written. */
  private firstRun = 0;

  /** @param runs how many are expected. */
  constructor(runs: number) {
    this.metered = new IntList(runs);
    this.original = new IntList(runs);
  }

  /** Starts a body; positions count from the first byte of its code. What stands in front of it maps to nothing. */
  beginBody(): void {
    this.none(0);
    this.firstRun = this.metered.length;
  }

  /** The body being written stands at `start`, and its code at `codeStart`. */
  placeBody(start: number, codeStart: number): void {
    this.metered.values[this.firstRun - 1] = start;
    for (let i = this.firstRun; i < this.metered.length; i++) {
      this.metered.values[i] = this.metered.at(i) + codeStart;
    }
    this.delta = Number.NaN;
  }

  /** From `position` on, bytes are copied from `offset` on. */
  copied(position: number, offset: number): void {
    const delta = position - offset;
    if (delta === this.delta) return;
    this.delta = delta;
    this.add(position, offset << 1);
  }

  /** From `position` on, bytes are the meter's, standing before the instruction at `offset`. */
  inserted(position: number, offset: number): void {
    this.delta = Number.NaN;
    this.add(position, (offset << 1) | 1);
  }

  /** From `position` on, bytes belong to no original instruction. */
  none(position: number): void {
    this.delta = Number.NaN;
    this.metered.push(position);
    this.original.push(unmapped);
  }

  private add(position: number, value: number): void {
    const last = this.metered.length - 1;
    if (last >= this.firstRun && this.metered.at(last) === position) {
      this.original.values[last] = value;
      return;
    }
    this.metered.push(position);
    this.original.push(value);
  }

  finish(base: number): OffsetMap {
    // Room that isn't used takes no memory, a copy would.
    const metered = this.metered.values.subarray(0, this.metered.length);
    for (let i = 0; i < metered.length; i++) metered[i] = (metered[i] as number) + base;
    return new OffsetMap(metered, this.original.values.subarray(0, this.original.length));
  }
}
