import { rowStates } from "./attachments.ts";
import { hookNumbers } from "./call-info.ts";
import { fuelPerWindowLook } from "./clock-looks.ts";
import type { SystemCore } from "./core.ts";
import type { Lags } from "./lags.ts";
import { beginTurns, countDue, isDue, startLastRound, suspectsOf } from "./round.ts";
import { RowBatch } from "./row-batch.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";
import { startRow } from "./start-row.ts";
import type { Strikes } from "./strikes.ts";
import type { Suspects } from "./suspects.ts";
import { endsIdle, plainRows, runsAlone } from "./window-rows.ts";
import type { WindowRunner } from "./window-runner.ts";

/**
 * Fuel after which the clock is looked at again. Fuel is about a nanosecond, so this is how far a
 * share may be overrun unnoticed, on top of the one call that was under way.
 */
export const fuelPerLook = 10_000;
/** What a call counts for in that, beside the fuel it used. */
export const callFuel = 200;

/**
 * Runs `onUpdate` for every row that is due, until the frame's budget is spent.
 *
 * Time is shared out evenly between the scripts that are still to be served, so a cheap script
 * isn't kept waiting by an expensive one; what the cheap ones leave over goes to those with rows
 * left. Rows that had to wait go first the next time: within a script because the round goes on
 * where it stopped, and it takes in newcomers only when it starts over; between scripts because
 * those that had no turn at all move to the front, and in front of them who was cut short.
 *
 * Rows whose last call was stopped may take a part of the time only, see {@link Suspects}.
 *
 * A restart after a fault is made when the next call needs it, in the script's own time. One that won't
 * fit waits for a frame in which the script goes first: then it is made, whatever it takes.
 */
export class FrameRunner {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;
  readonly #windows: WindowRunner;
  readonly #lags: Lags;
  readonly #marks: boolean;
  readonly #batch = new RowBatch();
  /** Scripts in the order they are served in; the order they were loaded in while none had to wait. */
  readonly #order: ScriptSlot[] = [];
  readonly #nextOrder: ScriptSlot[] = [];
  #inLoadOrder = true;
  #endMs = 0;
  /** Whether any script was called or restarted in this frame. */
  #anyServed = false;

  /** @param marks whether each script's part of a frame becomes a performance measure. */
  constructor(
    core: SystemCore,
    strikes: Strikes,
    windows: WindowRunner,
    lags: Lags,
    marks: boolean,
  ) {
    this.#windows = windows;
    this.#lags = lags;
    this.#core = core;
    this.#strikes = strikes;
    this.#marks = marks;
  }

  /** To be called when a script was loaded or unloaded. */
  refresh(): void {
    const { slots } = this.#core;
    const kept = this.#order.filter((slot) => slots.includes(slot));
    const added = slots.filter((slot) => !this.#order.includes(slot));
    replace(this.#order, [...kept, ...added]);
  }

  /** Serves scripts in the order they are listed in, as if none had ever had to wait. */
  reset(): void {
    replace(this.#order, this.#core.slots);
    this.#inLoadOrder = true;
  }

  /** Runs a frame of `delta` seconds from `startMs` until `endMs`, by the clock. */
  run(delta: number, startMs: number, endMs: number): void {
    this.#lags.beginFrame(delta);
    const order = this.#order;
    this.#endMs = endMs;
    this.#anyServed = false;
    const evenMs = Math.max(0, endMs - startMs) / order.length;
    for (let at = 0; at < order.length; at++) beginTurns(order[at] as ScriptSlot, evenMs);
    let nowMs = startMs;
    for (let at = 0; at < order.length && nowMs < endMs; at++) {
      const shareMs = (endMs - nowMs) / (order.length - at);
      nowMs = this.#serve(order[at] as ScriptSlot, nowMs, nowMs + shareMs);
    }
    for (let at = 0; at < order.length && nowMs < endMs; at++) {
      const slot = order[at] as ScriptSlot;
      if (!slot.finished) nowMs = this.#serve(slot, nowMs, endMs);
    }
    this.#settleOrder();
  }

  /** Lets a script run until `untilMs`. @returns the time when it was done. */
  #serve(slot: ScriptSlot, nowMs: number, untilMs: number): number {
    const { script } = slot.program;
    script.callsBeginMs = nowMs;
    script.rowsEndMs = this.#endMs;
    while (!slot.finished && this.#runRound(slot, untilMs)) {
      if (slot.lastRound) slot.finished = true;
      else if (this.#core.clock.nowMs() < untilMs) startLastRound(slot, true);
      else break;
    }
    script.callsBeginMs = undefined;
    script.rowsEndMs = Infinity;
    const doneMs = this.#core.clock.nowMs();
    slot.usage.addTimeMs(doneMs - nowMs);
    if (this.#marks) mark(slot.name, doneMs - nowMs);
    return doneMs;
  }

  /** Goes on with a script's round. @returns whether it came to the round's end. */
  #runRound(slot: ScriptSlot, untilMs: number): boolean {
    const { call, clock, report } = this.#core;
    const { frame } = call;
    const { program, rows, usage } = slot;
    const { onUpdate, script } = program;
    const { idle } = rows;
    const window = program.windowOf("onUpdate");
    let calls = 0;
    let fuel = 0;
    let unwatchedFuel = 0;
    let ended = true;
    const lookFuel = window === undefined ? fuelPerLook : fuelPerWindowLook;
    let { stale } = program;
    let first = true;
    /** Of the row that was called last, if it had been stopped before. */
    let calledOf: Suspects | undefined;
    let suspect = 0;
    let suspectFromMs = 0;
    while (slot.cursor < slot.roundEnd) {
      if (calledOf !== undefined) this.#settle(slot, calledOf, suspect, suspectFromMs);
      calledOf = undefined;
      if (idle !== undefined) {
        slot.cursor = idle.firstAwake(slot.cursor, slot.roundEnd);
        if (slot.cursor === slot.roundEnd) break;
      }
      if (unwatchedFuel >= lookFuel) {
        unwatchedFuel = 0;
        const nowMs = clock.nowMs();
        if (nowMs >= untilMs) {
          ended = false;
          break;
        }
        script.callsBeginMs = nowMs;
      }
      const row = slot.cursor;
      let count = window === undefined ? 0 : plainRows(slot, window, frame);
      const isBatch = window !== undefined && endsIdle(rows, window, row, count, slot.roundEnd);
      const started = rows.states[row] === rowStates.started;
      let suspects: Suspects | undefined;
      if (count === 0) {
        slot.cursor++;
        if (rows.lastRuns[row] === frame) continue;
        if (!started && !isDue(slot, row, frame)) {
          slot.passedOver ||= ((rows.states[row] as number) & rowStates.backingOff) !== 0;
          continue;
        }
        suspects = suspectsOf(slot, row);
        if (suspects?.admits(row) === false) {
          slot.passedOver = true;
          continue;
        }
      }
      if (stale && (!started || onUpdate !== undefined)) {
        const nowMs = this.#renew(slot, first ? this.#endMs : untilMs, first);
        if (slot.finished) break;
        if (nowMs >= untilMs) {
          slot.cursor = row;
          ended = false;
          break;
        }
        stale = false;
        unwatchedFuel = 0;
        script.callsBeginMs = nowMs;
      }
      if (suspects !== undefined) {
        calledOf = suspects;
        suspect = row;
        suspectFromMs = clock.nowMs();
      }
      if (window !== undefined && count === 0 && runsAlone(slot, window, row)) {
        slot.cursor = row;
        count = 1;
      }
      if (window !== undefined && count > 0) {
        first = false;
        this.#lags.enter(slot, row);
        unwatchedFuel = isBatch
          ? this.#runBatch(slot, window, untilMs, unwatchedFuel)
          : this.#windows.run(slot, window, count, untilMs, unwatchedFuel);
        this.#lags.leave();
        stale = program.stale;
        continue;
      }
      first = false;
      slot.hasProgressed = true;
      rows.states[row] = (rows.states[row] as number) & ~rowStates.cut;
      if (!started) {
        unwatchedFuel = lookFuel;
        if (!startRow(this.#core, this.#strikes, slot, row)) {
          stale = program.stale;
          continue;
        }
      }
      rows.lastRuns[row] = frame;
      if (onUpdate === undefined) continue;
      const entity = rows.handles[row] as number;
      script.entity = entity;
      call.serial++;
      call.hook = hookNumbers.onUpdate;
      this.#lags.enter(slot, row);
      program.save();
      const fault = onUpdate.run(entity);
      call.hook = 0;
      calls++;
      fuel += onUpdate.fuelUsed;
      unwatchedFuel += onUpdate.fuelUsed + callFuel;
      if (fault !== null) {
        unwatchedFuel = lookFuel;
        this.#strikes.againstRow(slot, row, "onUpdate", fault);
        stale = program.stale;
      }
      this.#lags.leave();
    }
    if (calledOf !== undefined) this.#settle(slot, calledOf, suspect, suspectFromMs);
    if (!first) this.#noteServed(slot);
    usage.calls += calls;
    usage.fuel += fuel;
    report.calls += calls;
    report.fuel += fuel;
    return ended;
  }

  /** Runs rows from the cursor on in a window, with idle ones between them; else like {@link WindowRunner.run}. */
  #runBatch(slot: ScriptSlot, window: RowWindow, untilMs: number, unwatched: number): number {
    const batch = this.#batch;
    const { frame } = this.#core.call;
    const { cursor, hasRunRows, roundEnd, rows } = slot;
    batch.collect(slot, window, cursor, roundEnd, hasRunRows ? frame : undefined);
    const unlooked = this.#windows.runBatch(slot, window, "onUpdate", batch, untilMs, unwatched);
    const { ran } = this.#windows;
    for (let n = 0; n < ran; n++) rows.lastRuns[batch.rows[n] as number] = frame;
    slot.cursor = batch.behind(ran);
    return unlooked;
  }

  /**
   * Restarts a script, unless that is likely to take longer than until a time and may wait.
   * @param first whether it is the first thing that the script does in its turn.
   * @returns the time by the clock; Infinity when it has to wait.
   */
  #renew(slot: ScriptSlot, untilMs: number, first: boolean): number {
    const { clock } = this.#core;
    const mayWait = !first || this.#anyServed;
    if (slot.disabled) {
      slot.finished = true;
      return Infinity;
    }
    const fromMs = clock.nowMs();
    if (mayWait && fromMs + slot.restartMs > untilMs) return Infinity;
    this.#noteServed(slot);
    const payers = slot.program.leavesMemory ? slot.costly : slot.suspects;
    if (!this.#strikes.renew(slot)) slot.finished = true;
    const nowMs = clock.nowMs();
    payers.charge(nowMs - fromMs);
    return nowMs;
  }

  /** After the call of a suspect: what it took, and whether it finished. */
  #settle(slot: ScriptSlot, suspects: Suspects, row: number, fromMs: number): void {
    const { rows } = slot;
    const state = rows.states[row] as number;
    const stopped = rowStates.backingOff | rowStates.disabled;
    const called = rows.lastRuns[row] === this.#core.call.frame;
    if (called && (state & stopped) === 0) this.#strikes.finished(slot, row);
    suspects.charge(this.#core.clock.nowMs() - fromMs);
  }

  #noteServed(slot: ScriptSlot): void {
    slot.served = true;
    this.#anyServed = true;
  }

  /** Counts who had to wait, and brings those forward that had no turn. */
  #settleOrder(): void {
    const order = this.#order;
    const { report, slots } = this.#core;
    let anyWaits = false;
    for (let at = 0; at < order.length; at++) {
      const slot = order[at] as ScriptSlot;
      if (!slot.finished) slot.passedOver = true;
      const waiting = slot.finished ? 0 : countDue(slot, this.#core.call.frame);
      this.#lags.endFrame(slot);
      if (waiting === 0) {
        slot.finished = true;
        continue;
      }
      anyWaits = true;
      slot.usage.defer();
      report.deferred += waiting;
    }
    if (!anyWaits) {
      if (!this.#inLoadOrder) replace(order, slots);
      this.#inLoadOrder = true;
      return;
    }
    const next = this.#nextOrder;
    next.length = 0;
    for (let rank = 0; rank <= 2; rank++) {
      for (const slot of order) if (!slot.finished && rankOf(slot) === rank) next.push(slot);
    }
    for (const slot of order) if (slot.finished) next.push(slot);
    replace(order, next);
    this.#inLoadOrder = false;
  }
}

/**
 * Who goes first in the next frame, of those that aren't through: one that was cut short, unless that was its
 * privilege in this frame already; then those that had no turn.
 */
function rankOf({ isCut, retried, served }: ScriptSlot): number {
  if (isCut && !retried) return 0;
  return served ? 2 : 1;
}

function replace(target: ScriptSlot[], source: readonly ScriptSlot[]): void {
  target.length = 0;
  for (let at = 0; at < source.length; at++) target.push(source[at] as ScriptSlot);
}

/** Shows in the browser's profiler, which has taken note by the time that the measure is dropped again. */
function mark(script: string, ms: number): void {
  const name = `script ${script}`;
  const end = performance.now();
  performance.measure(name, { start: Math.max(0, end - ms), end });
  performance.clearMeasures(name);
}
