import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";

import type { InlinedCode } from "./inlined-code.ts";

/**
 * What a run of metered code stands for: copied from the original, inserted before an instruction of
 * it, or neither.
 */
const RunKind = { copied: 0, inserted: 1, none: 2 } as const;
const kindBits = 2;

/** Runs of code, encoded one behind the other as `core/offsets.as.ts` says. */
export interface OffsetRuns {
  readonly bytes: Uint8Array;
  /** Where the last one begins, from the first byte of code. */
  readonly end: number;
}

/**
 * Maps byte offsets of a metered module to the original's, so that traps and stops resolve to a
 * source line. Code that the meter inserted maps to the instruction it stands before.
 *
 * Two or three bytes a run are kept until something is asked for the first time; eight from then on.
 */
export class OffsetMap {
  /** Where the code section's bodies begin in the metered module. */
  private readonly base: number;
  private encoded: Uint8Array | undefined;
  private metered = new Int32Array(0);
  /** `offset << 1 | inserted`, or `unmapped`. */
  private original = new Int32Array(0);

  private readonly inlined: InlinedCode | undefined;

  constructor(encoded: Uint8Array, base: number, inlined?: InlinedCode) {
    this.encoded = encoded;
    this.base = base;
    this.inlined = inlined;
  }

  /**
   * Of original functions and, behind them, the meter's.
   * @param ownStarts where the code of those begins, from the first byte of code.
   * @param inlined what stands in them of the former.
   */
  static of(
    runs: OffsetRuns,
    ownStarts: readonly number[],
    base: number,
    inlined: InlinedCode,
  ): OffsetMap {
    const out = new ByteWriter(runs.bytes.length + 5 * ownStarts.length);
    out.copy(runs.bytes, 0, runs.bytes.length);
    let last = runs.end;
    for (const start of ownStarts) {
      out.u32(((start - last) << kindBits) | RunKind.none);
      last = start;
    }
    return new OffsetMap(out.view(), base, inlined);
  }

  /** The original offset of a metered one; undefined outside of code that came from the original. */
  toOriginal(offsetInMetered: number): number | undefined {
    const meteredOffset = this.inlined?.ownOffset(offsetInMetered) ?? offsetInMetered;
    const i = this.runAt(meteredOffset);
    if (i < 0) return undefined;
    const original = this.original[i] as number;
    if (original === unmapped) return undefined;
    const offset = original >> 1;
    if ((original & 1) === 1) return offset;
    return offset + meteredOffset - this.base - (this.metered[i] as number);
  }

  /** Whether the meter inserted the byte at this offset. */
  isInserted(meteredOffset: number): boolean {
    const i = this.runAt(this.inlined?.ownOffset(meteredOffset) ?? meteredOffset);
    return i < 0 || this.original[i] === unmapped || ((this.original[i] as number) & 1) === 1;
  }

  /** The last run that begins at or in front of an offset; -1 in front of all of them. */
  private runAt(meteredOffset: number): number {
    if (this.encoded !== undefined) this.decode(this.encoded);
    const position = meteredOffset - this.base;
    let low = 0;
    let high = this.metered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.metered[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private decode(encoded: Uint8Array): void {
    this.encoded = undefined;
    // A run takes one byte at least, and two if it is mapped.
    const metered = new Int32Array(encoded.length);
    const original = new Int32Array(encoded.length);
    const reader = new ByteReader(encoded);
    let count = 0;
    let position = 0;
    let offset = 0;
    while (reader.offset < reader.end) {
      const gap = reader.u32();
      const kind = gap & ((1 << kindBits) - 1);
      position += gap >>> kindBits;
      if (kind !== RunKind.none) offset += reader.s32();
      metered[count] = position;
      original[count++] = kind === RunKind.none ? unmapped : (offset << 1) | kind;
    }
    this.metered = metered.slice(0, count);
    this.original = original.slice(0, count);
  }
}

const unmapped = -1;
