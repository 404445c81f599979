import { indexPart } from "../../engine/index.ts";
import { rowStates } from "./attachments.ts";
import { fuelPerWindowLook } from "./clock-looks.ts";
import type { SystemCore } from "./core.ts";
import { callFuel, fuelPerLook } from "./frame-runner.ts";
import { MessageBatch } from "./message-batch.ts";
import { MessageSorter } from "./message-sorter.ts";
import { isDue } from "./round.ts";
import type { ScriptSlot } from "./slot.ts";
import { startRow } from "./start-row.ts";
import type { Strikes } from "./strikes.ts";
import type { WindowRunner } from "./window-runner.ts";

/** Part of what a frame has left for scripts that messages may take before any `onUpdate`. */
const messagesShare = 0.5;
/** What a message counts for that its receiver isn't called for, in fuel. */
const passedFuel = 20;
/** What opening a window counts for, in fuel, and each message that is shown there. */
const windowFuel = 2_000;
const shownFuel = 50;

/** What is left of a message once it had its turn. */
type Outcome = "gone" | "waits" | "out-of-time";

/**
 * Calls `onMessage` for the messages that were sent until the frame began, before any `onUpdate`.
 *
 * As many as can be go through the script's window at a time, see {@link MessageBatch}.
 *
 * Messages may take half of a frame's time, shared out between the scripts like that for `onUpdate`: a storm of
 * them doesn't keep others from their turn. What a call takes beyond that is taken off the next frame's half. What
 * doesn't fit waits, and goes first next frame; each receiver gets its messages in the order they were sent.
 */
export class Deliveries {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;
  readonly #windows: WindowRunner;
  readonly #batch: MessageBatch;
  readonly #sorter: MessageSorter;
  /** When the clock was looked at, other than for the calls of a script. */
  #nowMs = 0;
  /** Milliseconds that messages have taken of what wasn't theirs. */
  #overdrawnMs = 0;
  /** The script that goes first: the one that had to wait for it longest. */
  #turn = 0;
  /** Whether any script was called, or restarted, in this frame. */
  #anyServed = false;

  constructor(core: SystemCore, strikes: Strikes, windows: WindowRunner) {
    this.#core = core;
    this.#strikes = strikes;
    this.#windows = windows;
    this.#batch = new MessageBatch(core);
    this.#sorter = new MessageSorter(core);
  }

  /** Whether there is nothing to deliver, and nothing to make up for. */
  get isIdle(): boolean {
    return this.#core.messages.room.taken === 0 && this.#overdrawnMs === 0;
  }

  /**
   * Delivers until messages' part of the time from `startMs` until `endMs` is over, by the clock.
   * @param due how many were queued when the frame began; later ones are for the next frame.
   * @returns the time when it was done.
   */
  run(due: number, startMs: number, endMs: number): number {
    const { messages, slots } = this.#core;
    const shareMs = Math.max(0, endMs - startMs) * messagesShare;
    const untilMs = startMs + Math.max(0, shareMs - this.#overdrawnMs);
    this.#overdrawnMs = Math.max(0, this.#overdrawnMs - shareMs);
    if (messages.room.taken === 0) return startMs;
    this.#anyServed = false;
    this.#nowMs = this.#sorter.sort(due, startMs, untilMs);
    const turn = this.#turn < slots.length ? this.#turn : 0;
    this.#turn = 0;
    let next = -1;
    let allThrough = true;
    for (let n = 0; n < slots.length; n++) {
      const at = (turn + n) % slots.length;
      const slot = slots[at] as ScriptSlot;
      if (slot.inbox.length === 0) continue;
      const shareEndMs = this.#nowMs + (untilMs - this.#nowMs) / (slots.length - n);
      const before = slot.inbox.length;
      if (this.#nowMs < untilMs && this.#deliver(slot, shareEndMs)) continue;
      allThrough = false;
      if (next < 0 && slot.inbox.length === before) next = at;
    }
    for (let n = 0; n < slots.length && !allThrough && this.#nowMs < untilMs; n++) {
      const slot = slots[(turn + n) % slots.length] as ScriptSlot;
      if (slot.inbox.length > 0) this.#deliver(slot, untilMs);
    }
    if (next >= 0) this.#turn = next;
    if (!allThrough) {
      this.#countWaiting();
      this.#look();
    }
    const overMs = this.#nowMs - untilMs;
    if (overMs > 0) this.#overdrawnMs += overMs;
    return this.#nowMs;
  }

  #look(): number {
    this.#nowMs = this.#core.clock.nowMs();
    return this.#nowMs;
  }

  /** Delivers what a script has waiting. @returns whether nothing is left that had to wait for time. */
  #deliver(slot: ScriptSlot, untilMs: number): boolean {
    const { call, messages } = this.#core;
    const { inbox, program, usage } = slot;
    const window = program.windowOf("onMessage");
    const mostFuel = window === undefined ? fuelPerLook : fuelPerWindowLook;
    const startMs = this.#nowMs;
    /** Fuel since the clock was looked at. */
    let lookFuel = 0;
    let kept = 0;
    let at = 0;
    program.script.callsBeginMs = startMs;
    while (at < inbox.length) {
      if (lookFuel >= mostFuel) {
        lookFuel = 0;
        const nowMs = this.#look();
        if (nowMs >= untilMs) break;
        program.script.callsBeginMs = nowMs;
      }
      if (window !== undefined && !slot.disabled) {
        const count = this.#batch.collect(slot, window, at);
        if (count > 0) {
          if (program.stale && !this.#renew(slot, untilMs)) {
            if (!slot.disabled) break;
            continue;
          }
          this.#anyServed = true;
          lookFuel += windowFuel + count * shownFuel;
          lookFuel = this.#windows.deliver(slot, window, this.#batch, untilMs, lookFuel);
          at += this.#windows.ran;
          if (program.stale) lookFuel = mostFuel;
          continue;
        }
      }
      const fuelBefore = usage.fuel;
      const callsBefore = usage.calls;
      const outcome = this.#deliverOne(slot, at, untilMs);
      if (outcome === "out-of-time") break;
      if (outcome === "waits") inbox.keep(at, kept++);
      lookFuel += usage.fuel - fuelBefore + (usage.calls > callsBefore ? callFuel : passedFuel);
      // What follows a fault takes a while.
      if (program.stale) lookFuel = mostFuel;
      at++;
    }
    const through = at >= inbox.length;
    inbox.remove(kept, at);
    call.nth = 0;
    messages.current.kind = -1;
    program.script.callsBeginMs = undefined;
    usage.addTimeMs(this.#look() - startMs);
    return through;
  }

  #deliverOne(slot: ScriptSlot, at: number, untilMs: number): Outcome {
    const { call, messages, report } = this.#core;
    const { inbox, program, rows, usage } = slot;
    const { onMessage } = program;
    if (onMessage === undefined || slot.disabled) return "gone";
    const target = inbox.targetAt(at);
    const row = rows.rowOf(indexPart(target), target);
    if (row < 0) return "gone";
    if (!isDue(slot, row, call.frame)) return this.#whileAway(slot, row);
    if (program.stale && !this.#renew(slot, untilMs)) return slot.disabled ? "gone" : "out-of-time";
    this.#anyServed = true;
    if (!startRow(this.#core, this.#strikes, slot, row)) return this.#whileAway(slot, row);
    messages.current.show(inbox, at);
    call.nth = ++usage.messages;
    const fault = program.run("onMessage", onMessage, target);
    usage.calls++;
    usage.fuel += onMessage.fuelUsed;
    report.calls++;
    report.messages++;
    report.fuel += onMessage.fuelUsed;
    if (fault !== null) this.#strikes.againstRow(slot, row, "onMessage", fault);
    messages.current.kind = -1;
    return "gone";
  }

  /** A receiver that backs off gets its messages afterwards; one that won't be called any more doesn't. */
  #whileAway({ rows }: ScriptSlot, row: number): Outcome {
    const over = rowStates.removed | rowStates.disabled | rowStates.leaving;
    return ((rows.states[row] as number) & over) !== 0 ? "gone" : "waits";
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

  /** Counts what has to wait for time, and not for its receiver. */
  #countWaiting(): void {
    const { call, report, slots } = this.#core;
    for (const slot of slots) {
      const { inbox, rows } = slot;
      let waiting = 0;
      for (let at = 0; at < inbox.length; at++) {
        const target = inbox.targetAt(at);
        const row = rows.rowOf(indexPart(target), target);
        if (row >= 0 && isDue(slot, row, call.frame)) waiting++;
      }
      if (waiting > 0) slot.usage.defer();
      report.deferred += waiting;
    }
  }
}
