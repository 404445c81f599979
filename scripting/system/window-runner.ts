import type { ScriptLog } from "../host/log.ts";
import { hookNumbers } from "./call-info.ts";
import type { SystemCore } from "./core.ts";
import type { Hook } from "./events.ts";
import type { MessageBatch } from "./message-batch.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";
import type { Strikes } from "./strikes.ts";

/**
 * Fuel after which rows come back for a look at the clock. Fuel is about a nanosecond, so this is how far a share
 * may be overrun unnoticed, on top of the call that was under way.
 */
export const fuelPerWindowLook = 100_000;
/** Fuel after which a guest's state is saved anew, so that undoing a call repeats no more than that. */
const fuelPerSave = 250_000;
/** Undo records after which it is saved anew, too. */
const recordsPerSave = 1 << 16;

/**
 * Runs rows of a script in its window. A stopped call is undone in the guest, too: its state is set to what was
 * saved last, and the calls that finished since then are made again, with the same outcome.
 */
export class WindowRunner {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;
  readonly #log: ScriptLog;
  /** Rows that the last run called. */
  ran = 0;
  /** 1 for rows that were stopped since the last save. */
  #stopped = new Uint8Array(0);

  constructor(core: SystemCore, strikes: Strikes, log: ScriptLog) {
    this.#core = core;
    this.#strikes = strikes;
    this.#log = log;
  }

  /**
   * Runs `onUpdate` for `count` rows from the slot's cursor on, or as many as come to an end before a time. Moves the
   * cursor, and leaves the program stale where a fault wants a restart.
   * @param unwatched fuel that was used since the clock was looked at.
   * @returns the same when it is done.
   */
  run(
    slot: ScriptSlot,
    window: RowWindow,
    count: number,
    untilMs: number,
    unwatched: number,
  ): number {
    const { rows, cursor } = slot;
    const unlooked = this.runFrom(slot, window, "onUpdate", cursor, count, untilMs, unwatched);
    rows.lastRuns.fill(this.#core.call.frame, cursor, cursor + this.ran);
    slot.cursor = cursor + this.ran;
    return unlooked;
  }

  /** Runs a hook for `count` rows from one on; else like {@link run}, but that the cursor stays. */
  runFrom(
    slot: ScriptSlot,
    window: RowWindow,
    hook: Hook,
    first: number,
    count: number,
    untilMs: number,
    unwatched: number,
  ): number {
    window.open(slot.rows, first, count);
    return this.#run(slot, window, hook, first, count, undefined, untilMs, unwatched);
  }

  /** Runs `onMessage` for a batch's messages, or as many as come to an end before a time; else like {@link run}. */
  deliver(
    slot: ScriptSlot,
    window: RowWindow,
    batch: MessageBatch,
    untilMs: number,
    unwatched: number,
  ): number {
    const { call, messages, report } = this.#core;
    window.openBatch(slot.rows, batch);
    const { count } = batch;
    const unlooked = this.#run(slot, window, "onMessage", 0, count, batch, untilMs, unwatched);
    messages.current.kind = -1;
    call.nth = 0;
    slot.usage.messages += this.ran;
    report.messages += this.ran;
    return unlooked;
  }

  #run(
    slot: ScriptSlot,
    window: RowWindow,
    hook: Hook,
    first: number,
    count: number,
    batch: MessageBatch | undefined,
    untilMs: number,
    unwatched: number,
  ): number {
    const { call, clock, report, transaction } = this.#core;
    const { program, usage } = slot;
    const { driver } = window;
    const which = driver.driven.indexOf(hook);
    const repeats = driver.undoing === "state";
    if (this.#stopped.length < count) this.#stopped = new Uint8Array(window.room);
    let next = 0;
    /** Rows in front of it are written back, and stay as they are. */
    let kept = 0;
    let lastStopped = -1;
    let unlooked = unwatched;
    let fuel = 0;
    let openFuel = 0;
    if (repeats) this.#save(slot, window);
    call.hook = hookNumbers[hook];
    try {
      while (next < count) {
        const to = lastStopped < next ? count : this.#runEnd(next, count);
        if (to === next) {
          next++;
          continue;
        }
        this.#log.muted = next < lastStopped;
        const fault = driver.run(which, next, to, Math.max(1, fuelPerWindowLook - unlooked));
        next = driver.next;
        openFuel += driver.finishedFuel;
        unlooked += driver.finishedFuel;
        if (fault !== null) {
          const row = next - 1;
          fuel += driver.fuelUsed;
          // Before the guest's memory, for the window is in it.
          if (repeats) transaction.rollback();
          const struck = batch === undefined ? first + row : (batch.rows[row] as number);
          this.#strikes.againstRow(slot, struck, hook, fault);
          batch?.strike(row);
          if (repeats) {
            this.#stopped[row] = 1;
            lastStopped = Math.max(lastStopped, row);
            this.#log.restore(slot.name);
            openFuel = 0;
            next = kept;
            transaction.begin();
            if (program.stale) break;
          } else {
            this.#writeBack(slot, window, hook, kept, row);
            kept = next;
            if (program.stale) break;
            window.gather(row, next);
          }
        }
        let isOver = false;
        if (fault !== null || unlooked >= fuelPerWindowLook) {
          const nowMs = clock.nowMs();
          program.script.callsBeginMs = nowMs;
          isOver = nowMs >= untilMs;
          unlooked = 0;
        }
        if (next <= lastStopped) continue;
        if (isOver) {
          unlooked = fuelPerWindowLook;
          break;
        }
        if (!repeats) continue;
        const saves = openFuel >= fuelPerSave || transaction.journal.length >= recordsPerSave;
        if (saves || lastStopped >= kept) {
          this.#writeBack(slot, window, hook, kept, next);
          transaction.commit();
          kept = next;
          fuel += openFuel;
          openFuel = 0;
          lastStopped = this.#forget(lastStopped);
          this.#save(slot, window);
        }
      }
      this.#writeBack(slot, window, hook, kept, next);
    } finally {
      call.hook = 0;
      this.#log.muted = false;
      this.#forget(lastStopped);
      if (repeats) transaction.commit();
      window.close();
    }
    this.ran = next;
    usage.calls += next;
    usage.fuel += fuel + openFuel;
    report.calls += next;
    report.fuel += fuel + openFuel;
    return unlooked;
  }

  #writeBack(slot: ScriptSlot, window: RowWindow, hook: Hook, from: number, to: number): void {
    const refused = window.scatter(from, to);
    if (refused > 0) this.#strikes.numbersRefused(slot, hook, refused);
  }

  /** Where the rows from one on end that weren't stopped. */
  #runEnd(from: number, count: number): number {
    let to = from;
    while (to < count && this.#stopped[to] === 0) to++;
    return to;
  }

  #forget(lastStopped: number): -1 {
    if (lastStopped >= 0) this.#stopped.fill(0, 0, lastStopped + 1);
    return -1;
  }

  #save(slot: ScriptSlot, { driver }: RowWindow): void {
    this.#core.transaction.begin();
    this.#log.save(slot.name);
    driver.save();
  }
}
