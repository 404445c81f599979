import { indexPart } from "../../engine/index.ts";
import { rowStates } from "./attachments.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * How many rows from one on, up to another, can run in a window, one after the other: they have started, nothing is
 * held against them, and they have all that the script accesses.
 */
export function plainRowsFrom(
  { program, rows }: ScriptSlot,
  window: RowWindow,
  from: number,
  to: number,
): number {
  const { states, handles } = rows;
  const { complete } = window;
  let end = Math.min(to, from + window.room);
  if (program.onStart === undefined) {
    for (let row = from; row < end && states[row] === 0; row++) states[row] = rowStates.started;
  }
  end = from + rows.startedFrom(from, end);
  if (complete.count !== rows.count) {
    for (let row = from; row < end; row++) {
      if (!complete.has(indexPart(handles[row] as number))) end = row;
    }
  }
  return end - from;
}
