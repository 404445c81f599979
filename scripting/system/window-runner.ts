import { noEntity } from "../../engine/index.ts";
import type { Fault } from "../fault.ts";
import type { ScriptLog } from "../host/log.ts";
import { rowStates } from "./attachments.ts";
import { hookNumbers } from "./call-info.ts";
import { ClockLooks } from "./clock-looks.ts";
import type { SystemCore } from "./core.ts";
import type { Hook } from "./events.ts";
import type { MessageBatch } from "./message-batch.ts";
import type { RowBatch } from "./row-batch.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";
import type { Strikes } from "./strikes.ts";

/** Fuel after which a guest's state is saved anew, so that undoing a call repeats no more than that. */
const fuelPerSave = 250_000;
/** Undo records after which it is saved anew, too, and milliseconds, at the next look at the clock. */
const recordsPerSave = 1 << 16;
const msPerSave = 0.25;

/**
 * Runs rows of a script in its window. A stopped call is undone in the guest, too: its state is set to what was
 * saved last, and the calls that finished since then are made again, with the same outcome. When time is over
 * that is put off: those rows then count as not called, and go first the next time.
 *
 * So does the row that is under way when the frame's time is over: it is cut short, undone, and called again in
 * the next frame, where it has all of a call's time.
 */
export class WindowRunner {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;
  readonly #log: ScriptLog;
  /** Rows that the last run called. */
  ran = 0;
  #slot!: ScriptSlot;
  #window!: RowWindow;
  #hook: Hook = "onUpdate";
  /** Its place among those that are driven. */
  #which = 0;
  /** The messages that rows are called for, or those rows; undefined when they follow one another. */
  #batch: MessageBatch | RowBatch | undefined;
  /** The slot's row that is the window's first; all other rows here are the window's. */
  #first = 0;
  /** Rows in front of it have been called. */
  #next = 0;
  /** Rows up to this one are to be. */
  #end = 0;
  /** Rows in front of it are written back, and stay as they are. */
  #kept = 0;
  /** Rows from {@link #kept} up to this one are called again, unless they were stopped. */
  #againTo = 0;
  /** 1 for rows from {@link #kept} on that were stopped. */
  #stopped = new Uint8Array(0);
  #stops = 0;
  /** Faults of rows that are still to be captured. */
  readonly #faults = new Map<number, Fault>();
  /** Fuel of rows that finished since the last save. */
  #openFuel = 0;
  #fuel = 0;
  readonly #looks: ClockLooks;
  /** When state was last saved, in milliseconds: no later than the clock was looked at. */
  #savedMs = 0;
  /** Whether calls since the last save may send and write handles in the window, without asking. */
  #trusts = true;
  /** Whether a stopped call takes those back that finished since the last save. */
  #repeats = false;
  /** Whether there are any to take back, in the world's transaction. */
  #isOpen = false;

  constructor(core: SystemCore, strikes: Strikes, log: ScriptLog) {
    this.#core = core;
    this.#strikes = strikes;
    this.#log = log;
    this.#looks = new ClockLooks(core.clock);
  }

  /**
   * Runs `onUpdate` for `count` rows from the slot's cursor on, or as many as come to an end before a time. Moves the
   * cursor, and leaves the program stale where a fault wants a new instance.
   * @param unwatched fuel that was used since the clock was looked at.
   * @returns the same when it is done; {@link fuelPerWindowLook} when there may be no time for more.
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
    rows.haveRun(this.#core.call.frame, cursor, cursor + this.ran);
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
    this.#first = first;
    this.#batch = undefined;
    window.open(slot.rows, first, count, hook);
    return this.#run(slot, window, hook, count, untilMs, unwatched);
  }

  /** Runs a hook for the rows of a batch; else like {@link runFrom}. */
  runBatch(
    slot: ScriptSlot,
    window: RowWindow,
    hook: Hook,
    batch: RowBatch,
    untilMs: number,
    unwatched: number,
  ): number {
    this.#first = 0;
    this.#batch = batch;
    window.openBatch(slot.rows, batch, hook);
    return this.#run(slot, window, hook, batch.count, untilMs, unwatched);
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
    this.#first = 0;
    this.#batch = batch;
    window.openBatch(slot.rows, batch, "onMessage");
    const unlooked = this.#run(slot, window, "onMessage", batch.count, untilMs, unwatched);
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
    count: number,
    untilMs: number,
    unwatched: number,
  ): number {
    const { call, report } = this.#core;
    const { script } = slot.program;
    const { rowsEndMs } = script;
    this.#slot = slot;
    this.#window = window;
    this.#hook = hook;
    this.#which = window.driver.driven.indexOf(hook);
    this.#next = 0;
    this.#end = count;
    this.#kept = 0;
    this.#againTo = 0;
    if (this.#stopped.length < count) this.#stopped = new Uint8Array(Math.max(count, window.room));
    this.#stops = 0;
    this.#openFuel = 0;
    this.#fuel = 0;
    this.#looks.begin(script.callsBeginMs ?? 0, untilMs, unwatched);
    const { undoing, repeatable } = window.driver;
    const takesBack = window.mayRefuse || (hook === "onMessage" && window.repeats);
    this.#repeats = repeatable && (undoing === "state" || takesBack);
    this.#trusts = true;
    if (window.mayRefuse) window.trust(this.#repeats);
    if (this.#repeats) this.#save();
    else this.#log.save(slot.name);
    call.hook = hookNumbers[hook];
    try {
      this.#runRows(rowsEndMs);
    } finally {
      script.rowsEndMs = rowsEndMs;
      call.hook = 0;
      this.#log.muted = false;
      this.#log.release();
      if (this.#isOpen) this.#core.transaction.commit();
      this.#isOpen = false;
      if (this.#againTo > 0 || this.#faults.size > 0) this.#forgetStops();
      window.close();
    }
    const calls = this.#next + this.#stops;
    const fuel = this.#fuel + this.#openFuel;
    this.ran = this.#next;
    slot.usage.calls += calls;
    slot.usage.fuel += fuel;
    report.calls += calls;
    report.fuel += fuel;
    return this.#looks.unwatched;
  }

  #runRows(rowsEndMs: number): void {
    while (this.#next < this.#end) {
      const again = this.#next < this.#againTo;
      if (again && this.#stopped[this.#next] === 1) {
        this.#capture(this.#next);
        this.#next++;
      } else if (!this.#drive(again, rowsEndMs)) break;
      if (this.#next < this.#againTo) continue;
      if (this.#repeats && (this.#savesNow() || this.#looks.isOver || this.#next === this.#end)) {
        if (!this.#settles()) {
          if (!this.#redo()) break;
          continue;
        }
        this.#keep();
        if (!this.#looks.isOver && this.#next < this.#end) this.#save();
      }
      if (this.#looks.isOver) break;
    }
    if (this.#next > this.#kept) this.#keep();
  }

  /**
   * Calls rows from the next one on, until one is stopped, or it is time for a look at the clock.
   * @returns whether there may be more to do.
   */
  #drive(again: boolean, rowsEndMs: number): boolean {
    const slot = this.#slot;
    const { driver } = this.#window;
    const { script } = slot.program;
    // One that was cut short is called with all of its time, else it might never come to an end.
    const isUpdate = this.#hook === "onUpdate";
    const retries = isUpdate && !again && this.#takeRetry();
    const cuts = isUpdate && driver.repeatable && !again && !retries;
    const from = this.#next;
    const to = again
      ? this.#runEnd()
      : Math.min(this.#end, from + this.#looks.rowsPerLook(slot.rowFuel));
    script.rowsEndMs = cuts ? rowsEndMs : Infinity;
    this.#log.muted = again;
    this.#window.find();
    const fault = driver.run(this.#which, from, to, this.#looks.fuelFor(to - from, slot.rowFuel));
    this.#next = driver.next;
    if (fault === null) slot.rowFuel = driver.finishedFuel / (this.#next - from);
    this.#openFuel += driver.finishedFuel;
    const isDue = this.#looks.isDue(driver.finishedFuel);
    if (isDue || fault !== null) script.callsBeginMs = this.#looks.look();
    if (fault === null) return true;
    // What it did before may be what it is stopped for.
    if (this.#repeats && !driver.isCut && !this.#settles()) return this.#redo();
    this.#fuel += driver.fuelUsed;
    const row = this.#next - 1;
    // Before the guest's memory, for the window is in it.
    if (this.#repeats) this.#rollBack();
    if (driver.isCut) {
      this.#looks.isOver = true;
      slot.isCut = true;
      const { states } = slot.rows;
      const cut = this.#rowAt(row);
      states[cut] = (states[cut] as number) | rowStates.cut;
      slot.program.stopped();
    } else {
      const struck = this.#rowAt(row);
      if (isUpdate) slot.rows.lastRuns[struck] = this.#core.call.frame;
      this.#strikes.againstRow(slot, struck, this.#hook, fault);
      this.#batch?.strike(row);
      this.#end = this.#batch?.endBehind(row, this.#end) ?? this.#end;
      if (this.#core.captures !== undefined) this.#faults.set(row, fault);
    }
    return this.#repeats ? this.#undo(row, driver.isCut) : this.#passOver(row, driver.isCut);
  }

  /** After a row was stopped in a guest that calls don't change, or that has to be restarted. */
  #passOver(row: number, isCut: boolean): boolean {
    this.#next = row;
    this.#keep(false);
    if (isCut) {
      const cut = this.#entityOf(row);
      this.#log.keepHeld((entity) => entity !== cut);
      return false;
    }
    this.#next = row + 1;
    this.#kept = this.#next;
    if (this.#slot.program.stale) return false;
    this.#window.gather(row, this.#next);
    this.#capture(row);
    return true;
  }

  /**
   * After a row was stopped: those that finished since the last save are called again, or put off.
   * @returns whether they are to be called again now.
   */
  #undo(row: number, isCut: boolean): boolean {
    this.#next = this.#kept;
    const behind = Math.max(this.#againTo, row + 1);
    // Where the batch has come to end in front of rows that have run, those aren't called again.
    this.#againTo = Math.min(behind, this.#end);
    if (isCut) {
      this.#end = row;
      this.#againTo = row;
    } else {
      this.#stopped[row] = 1;
      this.#stops++;
    }
    // What they have logged they log again; what the stopped call has logged may explain the stop.
    return this.#again(isCut ? noEntity : this.#entityOf(row), true, behind);
  }

  /** Whether what calls since the last save did in the window is allowed. */
  #settles(): boolean {
    if (this.#trusts) return this.#window.settle(this.#kept, this.#next);
    // The host was asked for all of it; whatever stands there was written over it.
    this.#window.dropSent();
    return true;
  }

  /**
   * Some call since the last save did in the window what isn't allowed: they are all made again, now or the next time,
   * with the host to be asked for it. @returns whether now.
   */
  #redo(): boolean {
    this.#againTo = Math.max(this.#againTo, this.#next);
    this.#next = this.#kept;
    this.#rollBack();
    this.#slot.program.stopped();
    return this.#again(noEntity, false, this.#againTo);
  }

  /**
   * Calls that were undone are made again, or put off.
   * @param logged whose log lines are kept, if they aren't.
   * @param trusted whether what they do in the window is allowed.
   * @param behind the row behind the last one that did anything.
   */
  #again(logged: number, trusted: boolean, behind: number): boolean {
    const slot = this.#slot;
    const window = this.#window;
    if (this.#next === this.#end || this.#mayPutOff() || !this.#strikes.renew(slot)) {
      this.#log.keepHeld((entity) => entity === logged);
      this.#looks.isOver = true;
      return false;
    }
    // Else the window is part of the state that was set.
    const { undoing, layout } = window.driver;
    if (undoing === "nothing" || layout.isBehind) {
      window.gather(this.#kept, Math.max(behind, this.#againTo));
    }
    if (window.mayRefuse) window.trust(trusted && this.#trusts);
    this.#trusts &&= trusted;
    this.#log.restore(slot.name);
    this.#core.transaction.begin();
    this.#isOpen = true;
    return true;
  }

  /** The rows in front of it have run, so all is as it was when it was called and stopped. */
  #capture(row: number): void {
    const fault = this.#faults.get(row);
    const { program } = this.#slot;
    if (fault === undefined || !this.#faults.delete(row) || program.isolated === undefined) return;
    const before = program.script.snapshot();
    // What is captured may send, too, and is undone.
    this.#window.takeSent();
    this.#batch?.meet(row);
    this.#core.captures?.take(program, this.#hook, this.#entityOf(row), fault, before);
  }

  /** Whether the next row was cut short, and is alone here therefore; it won't be again. */
  #takeRetry(): boolean {
    const { states } = this.#slot.rows;
    const row = this.#rowAt(this.#next);
    const state = states[row] as number;
    if ((state & rowStates.cut) === 0) return false;
    states[row] = state & ~rowStates.cut;
    this.#slot.retried = true;
    return true;
  }

  /** The slot's row that is a row of the window. */
  #rowAt(row: number): number {
    return this.#batch === undefined ? this.#first + row : this.#batch.rowAt(row);
  }

  #entityOf(row: number): number {
    return (this.#batch ?? this.#slot.rows).handles[this.#first + row] as number;
  }

  /** Whether there is no time to undo a stopped call. It is undone all the same where a turn would come to nothing. */
  #mayPutOff(): boolean {
    const { hasProgressed, program, restartMs } = this.#slot;
    if (!hasProgressed) return false;
    return this.#looks.isOver || (program.stale && this.#looks.exceeds(restartMs));
  }

  /** Where the rows from the next one on end that are called again. */
  #runEnd(): number {
    let to = this.#next;
    while (to < this.#againTo && this.#stopped[to] === 0) to++;
    return to;
  }

  /** A row that was stopped isn't undone twice; else it is a matter of how much there would be to repeat. */
  #savesNow(): boolean {
    const { journal } = this.#core.transaction;
    return (
      this.#againTo > this.#kept ||
      this.#openFuel >= fuelPerSave ||
      this.#looks.lookedMs - this.#savedMs >= msPerSave ||
      journal.length >= recordsPerSave
    );
  }

  #save(): void {
    if (!this.#trusts) this.#window.trust(true);
    this.#trusts = true;
    this.#core.transaction.begin();
    this.#isOpen = true;
    this.#savedMs = this.#looks.lookedMs;
    this.#log.save(this.#slot.name);
    this.#window.driver.save();
  }

  /**
   * What rows in front of the next one did stands.
   * @param all whether that is all that was done.
   */
  #keep(all = true): void {
    const refused = this.#window.scatter(this.#kept, this.#next, all);
    if (refused > 0) this.#strikes.numbersRefused(this.#slot, this.#hook, refused);
    if (this.#isOpen) this.#core.transaction.commit();
    this.#isOpen = false;
    if (this.#next > this.#kept) this.#slot.hasProgressed = true;
    if (this.#againTo > this.#kept) this.#stopped.fill(0, this.#kept, this.#againTo);
    this.#stops = 0;
    this.#kept = this.#next;
    this.#fuel += this.#openFuel;
    this.#openFuel = 0;
  }

  #forgetStops(): void {
    this.#faults.clear();
    this.#stopped.fill(0, 0, this.#againTo);
  }

  #rollBack(): void {
    this.#core.transaction.rollback();
    this.#isOpen = false;
    this.#openFuel = 0;
    this.#window.dropSent();
  }
}
