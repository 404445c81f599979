import { rowStates } from "./attachments.ts";
import type { ScriptSlot } from "./slot.ts";
import type { Suspects } from "./suspects.ts";

/** Part of a script's share of a frame that its rows may take that were stopped the last time. */
const suspectsShare = 0.25;
/**
 * The same for those among them that had grown the script's memory. A memory can't shrink, so undoing that takes a
 * new instance, and leaves the old one to the engine, which collects some dozens of them at once, when it likes, for
 * milliseconds: a part so small makes that rare.
 */
const costlyShare = 1 / 32;

/**
 * A new frame: a round that stopped half-way goes on, then a last one begins; otherwise the last one begins.
 * @param shareMs the script's share of the frame, in milliseconds.
 */
export function beginTurns(slot: ScriptSlot, shareMs: number): void {
  slot.suspects.beginFrame(shareMs * suspectsShare);
  slot.costly.beginFrame(shareMs * costlyShare);
  slot.served = false;
  slot.hasProgressed = false;
  slot.isCut = false;
  slot.retried = false;
  slot.finished = slot.disabled;
  slot.lastRound = false;
  slot.hasRunRows = false;
  if (slot.cursor >= slot.roundEnd) startLastRound(slot, false);
}

/**
 * Visits every row there is, so that after it each has had its turn in this frame.
 * @param hasRunRows whether some may have had it in the round before.
 */
export function startLastRound(slot: ScriptSlot, hasRunRows: boolean): void {
  slot.hasRunRows = hasRunRows;
  slot.lastRound = true;
  slot.cursor = 0;
  slot.suspects.beginRound();
  slot.costly.beginRound();
  slot.roundEnd = slot.rows.length;
}

/** Whether a row may be called in this frame, idle or not; ends its back-off when that is over. */
export function isDue(slot: ScriptSlot, row: number, frame: number): boolean {
  const { rows } = slot;
  const state = rows.states[row] as number;
  if ((state & (rowStates.removed | rowStates.disabled | rowStates.leaving)) !== 0) return false;
  if ((state & rowStates.backingOff) === 0) return true;
  if (frame < (rows.wakes[row] as number)) return false;
  rows.states[row] = state & ~rowStates.backingOff;
  return true;
}

/** Those that a row belongs to whose last call was stopped, or that is degraded; undefined for any other row. */
export function suspectsOf(
  { rows, suspects, costly }: ScriptSlot,
  row: number,
): Suspects | undefined {
  const state = rows.states[row] as number;
  if ((state & rowStates.suspect) === 0) return undefined;
  return (state & rowStates.costly) === 0 ? suspects : costly;
}

/** Rows that may be called in this frame and haven't been. */
export function countDue(slot: ScriptSlot, frame: number): number {
  let due = 0;
  for (let row = 0; row < slot.rows.length; row++) {
    if (slot.rows.idle?.has(row) === true) continue;
    if (slot.rows.lastRuns[row] !== frame && isDue(slot, row, frame)) due++;
  }
  return due;
}
