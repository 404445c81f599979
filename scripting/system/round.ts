import { rowStates } from "./attachments.ts";
import type { ScriptSlot } from "./slot.ts";

/** A new frame: a round that stopped half-way goes on, then a last one begins; otherwise the last one begins. */
export function beginTurns(slot: ScriptSlot): void {
  slot.served = false;
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
  slot.roundEnd = slot.rows.length;
}

/** Whether a row may be called in this frame; ends its back-off when that is over. */
export function isDue(slot: ScriptSlot, row: number, frame: number): boolean {
  const { rows } = slot;
  const state = rows.states[row] as number;
  if ((state & (rowStates.removed | rowStates.disabled | rowStates.leaving)) !== 0) return false;
  if ((state & rowStates.backingOff) === 0) return true;
  if (frame < (rows.wakes[row] as number)) return false;
  rows.states[row] = state & ~rowStates.backingOff;
  return true;
}

/** Rows that may be called in this frame and haven't been. */
export function countDue(slot: ScriptSlot, frame: number): number {
  let due = 0;
  for (let row = 0; row < slot.rows.length; row++) {
    if (slot.rows.lastRuns[row] !== frame && isDue(slot, row, frame)) due++;
  }
  return due;
}
