import { rowStates } from "./attachments.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";

/** Rows that run in a window one after the other, with idle rows between them: each has one of the window's. */
export class RowBatch {
  /** Their entities. */
  handles = new Int32Array(0);
  /** Which they are among all that carry the script, rising. */
  rows = new Int32Array(0);
  /** How many they are. */
  count = 0;
  /** The first row behind them that may have to be called. */
  end = 0;

  /**
   * Takes rows from one on, up to another, as long as they can run in the window; idle ones are passed over.
   * @param ranIn the frame that a row must not have run in; undefined where that is of no interest.
   * @returns how many they are.
   */
  collect(
    slot: ScriptSlot,
    window: RowWindow,
    from: number,
    to: number,
    ranIn: number | undefined,
  ): number {
    const { lagging, program, rows } = slot;
    const { handles, idle, lags, lastRuns, states } = rows;
    const { complete, room } = window;
    const isComplete = complete.areAll(slot);
    const needsStart = program.onStart !== undefined;
    if (this.rows.length < room) {
      this.handles = new Int32Array(room);
      this.rows = new Int32Array(room);
    }
    let count = 0;
    let row = from;
    for (; row < to && count < room; row++) {
      if (idle?.has(row) === true) continue;
      if (states[row] !== rowStates.started) {
        if (states[row] !== 0 || needsStart) break;
        states[row] = rowStates.started;
      }
      if (ranIn !== undefined && lastRuns[row] === ranIn) break;
      // They are all told the same delta.
      if (lagging && lags[row] !== lags[from]) break;
      const handle = handles[row] as number;
      if (!isComplete && !complete.has(handle)) break;
      this.handles[count] = handle;
      this.rows[count++] = row;
    }
    this.count = count;
    this.end = row;
    return count;
  }

  /** Where rows go on when so many of these have had their turn. */
  behind(ran: number): number {
    return ran < this.count ? (this.rows[ran] as number) : this.end;
  }

  /** Which row, among all that carry the script, is at a place. */
  rowAt(place: number): number {
    return this.rows[place] as number;
  }

  /** A row that was stopped ends nothing. */
  endBehind(_place: number, end: number): number {
    return end;
  }

  /** Host functions have nothing to know of a row but that it is called. */
  meet(_place: number): void {}

  /** Nothing else is lost with a call that was stopped. */
  strike(_place: number): void {}

  /** The place of a row in the batch, or -1. */
  placeOf(row: number): number {
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = (this.rows[middle] as number) - row;
      if (found === 0) return middle;
      if (found < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
