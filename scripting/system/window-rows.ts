import { type Attachments, rowStates } from "./attachments.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * How many rows from one on, up to another, can run in a window, one after the other: they have started, aren't idle,
 * nothing is held against them, and they have all that the script accesses.
 */
export function plainRowsFrom(
  slot: ScriptSlot,
  window: RowWindow,
  from: number,
  to: number,
): number {
  const { program, rows } = slot;
  const { states, handles, idle } = rows;
  const { complete } = window;
  let end = Math.min(to, from + window.room);
  if (idle !== undefined) end = idle.firstIdle(from, end);
  if (program.onStart === undefined) {
    for (let row = from; row < end && states[row] === 0; row++) states[row] = rowStates.started;
  }
  end = from + rows.startedFrom(from, end);
  if (!complete.areAll(slot)) {
    for (let row = from; row < end; row++) {
      if (!complete.has(handles[row] as number)) end = row;
    }
  }
  return end - from;
}

/** Rows from which on a run of them goes through the window by itself: copying it at once is worth that. */
const leastRun = 32;

/** Whether so few rows that can run in a window end at an idle one that they had better go with those behind it. */
export function endsIdle(
  { idle }: Attachments,
  window: RowWindow,
  from: number,
  count: number,
  to: number,
): boolean {
  if (idle === undefined || count === 0 || count >= leastRun || count >= window.room) return false;
  return from + count < to && idle.has(from + count);
}

/** How many rows from the cursor on can run in a window in a frame, one after the other and with the same delta. */
export function plainRows(slot: ScriptSlot, window: RowWindow, frame: number): number {
  const { rows, cursor } = slot;
  const { lags } = rows;
  let end = cursor + plainRowsFrom(slot, window, cursor, slot.roundEnd);
  if (slot.hasRunRows) {
    const { lastRuns } = rows;
    for (let row = cursor; row < end; row++) if (lastRuns[row] === frame) end = row;
  }
  if (slot.lagging) {
    const lag = lags[cursor];
    for (let row = cursor + 1; row < end; row++) if (lags[row] !== lag) end = row;
  }
  return end - cursor;
}

/** Whether a row can run in a window, but by itself: one that was stopped the last time, or cut short. */
export function runsAlone({ rows }: ScriptSlot, window: RowWindow, row: number): boolean {
  const plain = rowStates.suspect | rowStates.costly | rowStates.cut;
  const state = rows.states[row] as number;
  if ((state & plain) === 0 || (state & ~plain) !== rowStates.started) return false;
  return window.complete.has(rows.handles[row] as number);
}
