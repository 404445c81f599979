import { rowStates } from "./attachments.ts";
import { fuelPerWindowLook } from "./clock-looks.ts";
import type { SystemCore } from "./core.ts";
import { callFuel, fuelPerLook } from "./frame-runner.ts";
import { isDue } from "./round.ts";
import { RowBatch } from "./row-batch.ts";
import type { ScriptSlot } from "./slot.ts";
import { startRow } from "./start-row.ts";
import type { Strikes } from "./strikes.ts";
import { endsIdle, plainRowsFrom } from "./window-rows.ts";
import type { WindowRunner } from "./window-runner.ts";

/** Part of a frame's budget that its fixed steps together may take before messages and `onUpdate`. */
const fixedShare = 0.5;

/**
 * Runs `onFixedUpdate` for every row that is due, once a fixed step.
 *
 * The steps of a frame may take half of its budget, shared out between the scripts like that for `onUpdate`. What a
 * call takes beyond that is taken off the next frame's half. Rows for which there is no time left miss the step, and
 * go first in the next one.
 */
export class FixedRunner {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;
  readonly #windows: WindowRunner;
  readonly #batch = new RowBatch();
  /** Milliseconds that are left for the frame's steps. */
  #leftMs = 0;
  /** Milliseconds that steps have taken of what wasn't theirs. */
  #overdrawnMs = 0;
  /** Steps run in this frame. */
  #steps = 0;
  /** The script that goes first: the one that had to wait for it longest. */
  #turn = 0;
  /** Whether any script was called, or restarted, in this step. */
  #anyServed = false;

  constructor(core: SystemCore, strikes: Strikes, windows: WindowRunner) {
    this.#core = core;
    this.#strikes = strikes;
    this.#windows = windows;
  }

  /** Whether any script has something to do in a step. */
  get wanted(): boolean {
    return this.#core.slots.some(({ program }) => program.onFixedUpdate !== undefined);
  }

  /** A new frame, in which all scripts may take so many milliseconds. */
  beginFrame(budgetMs: number): void {
    const shareMs = budgetMs * fixedShare;
    this.#steps = 0;
    this.#leftMs = Math.max(0, shareMs - this.#overdrawnMs);
    this.#overdrawnMs = Math.max(0, this.#overdrawnMs - shareMs);
  }

  /** When a step that begins now has to end, by the clock. */
  endMs(startMs: number): number {
    return startMs + this.#leftMs;
  }

  /** A step has taken so many milliseconds. */
  took(ms: number): void {
    const overMs = ms - this.#leftMs;
    if (overMs > 0) this.#overdrawnMs += overMs;
    this.#leftMs = Math.max(0, -overMs);
  }

  /** Runs a step until `endMs`, by the clock. */
  run(endMs: number): void {
    const { call, clock, slots } = this.#core;
    const turn = this.#turn < slots.length ? this.#turn : 0;
    this.#turn = 0;
    this.#anyServed = false;
    call.nth = ++this.#steps;
    for (const slot of slots) beginStep(slot);
    let next = -1;
    for (let n = 0; n < slots.length; n++) {
      const at = (turn + n) % slots.length;
      const slot = slots[at] as ScriptSlot;
      if (slot.fixedLeft === 0) continue;
      const startMs = clock.nowMs();
      const before = slot.fixedLeft;
      if (startMs < endMs) this.#serve(slot, startMs + (endMs - startMs) / (slots.length - n));
      if (next < 0 && slot.fixedLeft === before) next = at;
    }
    for (let n = 0; n < slots.length && clock.nowMs() < endMs; n++) {
      const slot = slots[(turn + n) % slots.length] as ScriptSlot;
      if (slot.fixedLeft > 0) this.#serve(slot, endMs);
    }
    if (next >= 0) this.#turn = next;
    for (const slot of slots) this.#settle(slot);
    call.nth = 0;
  }

  /** Goes on with a script's rows until a time. */
  #serve(slot: ScriptSlot, untilMs: number): void {
    const { clock } = this.#core;
    const { program, rows, usage } = slot;
    const { idle } = rows;
    const batch = this.#batch;
    const window = program.windowOf("onFixedUpdate");
    const mostFuel = window === undefined ? fuelPerLook : fuelPerWindowLook;
    const startMs = clock.nowMs();
    let lookFuel = 0;
    program.script.callsBeginMs = startMs;
    while (slot.fixedLeft > 0) {
      if (lookFuel >= mostFuel) {
        lookFuel = 0;
        const nowMs = clock.nowMs();
        if (nowMs >= untilMs) break;
        program.script.callsBeginMs = nowMs;
      }
      const row = slot.fixedCursor;
      const end = Math.min(slot.fixedEnd, row + slot.fixedLeft);
      const awake = idle?.firstAwake(row, end) ?? row;
      if (awake > row) {
        advance(slot, awake - row);
        continue;
      }
      const count = window === undefined ? 0 : plainRowsFrom(slot, window, row, end);
      const started = rows.states[row] === rowStates.started;
      if (count === 0 && !started && !isDue(slot, row, this.#core.call.frame)) {
        advance(slot, 1);
        continue;
      }
      if (program.stale && !this.#renew(slot, untilMs)) {
        if (slot.disabled) slot.fixedLeft = 0;
        break;
      }
      this.#anyServed = true;
      if (window !== undefined && endsIdle(rows, window, row, count, end)) {
        batch.collect(slot, window, row, end, undefined);
        lookFuel = this.#windows.runBatch(slot, window, "onFixedUpdate", batch, untilMs, lookFuel);
        advance(slot, batch.behind(this.#windows.ran) - row);
      } else if (window !== undefined && count > 0) {
        lookFuel = this.#windows.runFrom(
          slot,
          window,
          "onFixedUpdate",
          row,
          count,
          untilMs,
          lookFuel,
        );
        advance(slot, this.#windows.ran);
      } else {
        advance(slot, 1);
        lookFuel += this.#call(slot, row);
      }
      // What follows a fault takes a while.
      if (program.stale) lookFuel = mostFuel;
    }
    program.script.callsBeginMs = undefined;
    usage.addTimeMs(clock.nowMs() - startMs);
  }

  /** @returns what it counts for, in fuel. */
  #call(slot: ScriptSlot, row: number): number {
    const { report } = this.#core;
    const { program, rows, usage } = slot;
    const { onFixedUpdate } = program;
    const fuelBefore = usage.fuel;
    if (onFixedUpdate !== undefined && startRow(this.#core, this.#strikes, slot, row)) {
      const fault = program.run("onFixedUpdate", onFixedUpdate, rows.handles[row] as number);
      usage.calls++;
      usage.fuel += onFixedUpdate.fuelUsed;
      report.calls++;
      report.fuel += onFixedUpdate.fuelUsed;
      if (fault !== null) this.#strikes.againstRow(slot, row, "onFixedUpdate", fault);
    }
    return usage.fuel - fuelBefore + callFuel;
  }

  /** Restarts a script, unless that is likely not to fit and may wait. @returns whether it can be called now. */
  #renew(slot: ScriptSlot, untilMs: number): boolean {
    const { clock } = this.#core;
    if (this.#anyServed && clock.nowMs() + slot.restartMs > untilMs) return false;
    this.#anyServed = true;
    if (!this.#strikes.renew(slot)) return false;
    const nowMs = clock.nowMs();
    slot.program.script.callsBeginMs = nowMs;
    return nowMs < untilMs;
  }

  /** Counts who has missed the step; where nobody has, the next one is in the order of rows again. */
  #settle(slot: ScriptSlot): void {
    const { call, report } = this.#core;
    let waiting = 0;
    const from = slot.fixedCursor;
    for (let n = 0; n < slot.fixedLeft; n++) {
      const row = (from + n) % slot.fixedEnd;
      if (slot.rows.idle?.has(row) !== true && isDue(slot, row, call.frame)) waiting++;
    }
    if (waiting > 0) slot.usage.defer();
    else slot.fixedCursor = 0;
    report.deferred += waiting;
    slot.fixedLeft = 0;
  }
}

function beginStep(slot: ScriptSlot): void {
  const { length } = slot.rows;
  const wants = slot.program.onFixedUpdate !== undefined && !slot.disabled;
  slot.fixedEnd = length;
  slot.fixedLeft = wants ? length : 0;
  if (slot.fixedCursor >= length) slot.fixedCursor = 0;
}

function advance(slot: ScriptSlot, rows: number): void {
  slot.fixedLeft -= rows;
  slot.fixedCursor += rows;
  if (slot.fixedCursor >= slot.fixedEnd) slot.fixedCursor = 0;
}
