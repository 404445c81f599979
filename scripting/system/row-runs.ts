import type { Column } from "../../engine/index.ts";

/** Runs of rows, in order, that are to move together: each behind the one before it. */
export class RowRuns {
  /** Where each run begins, and where it ends. */
  bounds: Int32Array = new Int32Array(64);
  count = 0;

  /**
   * Finds those of the first `length` rows whose state has a bit not.
   * @param words the states, four rows a word.
   */
  find(states: Uint8Array, words: Uint32Array, length: number, bit: number): void {
    const fourBits = 0x01010101 * bit;
    this.count = 0;
    let row = 0;
    while (row < length) {
      while (row < length && ((states[row] as number) & bit) !== 0) row++;
      const from = row;
      while (row < length) {
        if ((row & 3) === 0 && ((words[row >> 2] as number) & fourBits) === 0) row += 4;
        else if (((states[row] as number) & bit) === 0) row++;
        else break;
      }
      // Four at a time may lead past the end.
      if (from < length) this.#add(from, Math.min(row, length));
    }
  }

  #add(from: number, to: number): void {
    const at = 2 * this.count;
    if (at === this.bounds.length) {
      const wider = new Int32Array(2 * at);
      wider.set(this.bounds);
      this.bounds = wider;
    }
    this.bounds[at] = from;
    this.bounds[at + 1] = to;
    this.count++;
  }
}

/** Moves a column's runs together, from row 0 on. @returns how many rows they have. */
export function moveRuns(column: Column, { bounds, count }: RowRuns): number {
  let to = 0;
  for (let n = 0; n < count; n++) {
    const from = bounds[2 * n] as number;
    const end = bounds[2 * n + 1] as number;
    if (from !== to) column.copyWithin(to, from, end);
    to += end - from;
  }
  return to;
}
