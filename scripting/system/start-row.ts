import { rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { ScriptSlot } from "./slot.ts";
import type { Strikes } from "./strikes.ts";

/** Calls `onStart` for a row that hasn't started. @returns whether it has now. */
export function startRow(
  { call, report }: SystemCore,
  strikes: Strikes,
  slot: ScriptSlot,
  row: number,
): boolean {
  const { rows, program, usage } = slot;
  const state = rows.states[row] as number;
  if ((state & rowStates.started) !== 0) return true;
  const { onStart } = program;
  if (onStart !== undefined) {
    const fault = program.run("onStart", onStart, rows.handles[row] as number);
    usage.calls++;
    usage.fuel += onStart.fuelUsed;
    report.calls++;
    report.fuel += onStart.fuelUsed;
    if (fault !== null) {
      rows.lastRuns[row] = call.frame;
      strikes.againstRow(slot, row, "onStart", fault);
      return false;
    }
  }
  rows.states[row] = state | rowStates.started;
  return true;
}
