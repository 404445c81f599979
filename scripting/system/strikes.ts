import { type Fault, type FaultKind, faultTexts } from "../fault.ts";
import { rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { FaultEvent, Hook } from "./events.ts";
import { backOffFor, periodFor } from "./policy.ts";
import type { ScriptSlot } from "./slot.ts";

/** Restarts in a row, longer than all scripts may take of a frame, after which a script is disabled. */
const maxSlowRestarts = 3;

/** The last frame that a row's columns can hold. */
export const lastFrame = 0x7fff_ffff;

const noPause = { backOffFrames: 0, periodFrames: 1 } as const;

/** What follows when a call has been stopped; the transaction has undone it by then. */
export class Strikes {
  readonly #core: SystemCore;

  constructor(core: SystemCore) {
    this.#core = core;
  }

  /** A strike against one row: it pauses, or is struck out. The script's next call needs a restart. */
  againstRow(slot: ScriptSlot, row: number, hook: Hook, fault: Fault): void {
    const { rows } = slot;
    const { policy } = slot;
    const { frame } = this.#core.call;
    const age = frame - (rows.lastFaults[row] as number);
    const strikes = (age > policy.forgiveAfterFrames ? 0 : (rows.strikes[row] as number)) + 1;
    rows.strikes[row] = strikes;
    rows.lastFaults[row] = frame;
    const entity = rows.handles[row] as number;
    if (strikes >= policy.maxStrikes) {
      rows.disable(row);
      this.#report(slot, { ...noPause, hook, entity, fault, strikes, outcome: "disabled" });
      this.#core.events.post({ type: "disable", script: slot.name, entity, fault });
    } else {
      const backOffFrames = backOffFor(policy, strikes);
      rows.states[row] = (rows.states[row] as number) | rowStates.backingOff;
      rows.wakes[row] = Math.min(frame + 1 + backOffFrames, lastFrame);
      const periodFrames = periodFor(policy, strikes);
      const outcome = periodFrames > 1 ? "degraded" : "back-off";
      const pause = { outcome, backOffFrames, periodFrames } as const;
      this.#report(slot, { hook, entity, fault, strikes, ...pause });
    }
    slot.passedOver = true;
    slot.program.stopped();
    rows.setSuspect(row, slot.program.leavesMemory);
    this.#capture(slot, hook, entity, fault);
  }

  /**
   * A row's call has finished, and the one before had not, or it is degraded: it is called like any other from now on,
   * or once in its period until its strikes are forgiven.
   */
  finished({ policy, rows }: ScriptSlot, row: number): void {
    const { frame } = this.#core.call;
    const period = periodFor(policy, rows.strikes[row] as number);
    const age = frame - (rows.lastFaults[row] as number);
    if (period > 1 && age <= policy.forgiveAfterFrames) {
      rows.wakes[row] = Math.min(frame + period, lastFrame);
      rows.states[row] = ((rows.states[row] as number) & ~rowStates.costly) | rowStates.backingOff;
      return;
    }
    if (period > 1) rows.strikes[row] = 0;
    rows.states[row] = (rows.states[row] as number) & ~(rowStates.suspect | rowStates.costly);
  }

  /** A fault with no consequence but that it is reported: the entity is on its way out. */
  againstNobody(slot: ScriptSlot, entity: number, hook: Hook, fault: Fault): void {
    this.#report(slot, { ...noPause, hook, entity, fault, strikes: 0, outcome: "none" });
    slot.program.stopped();
    this.#capture(slot, hook, entity, fault);
  }

  /** Rows of a window are captured by who runs them, for what they were called on isn't what is there now. */
  #capture({ program }: ScriptSlot, hook: Hook, entity: number, fault: Fault): void {
    const { captures, view } = this.#core;
    if (captures === undefined || view.shown !== undefined || program.isolated === undefined)
      return;
    const before = program.before();
    if (before !== undefined) captures.take(program, hook, entity, fault, before);
  }

  /** Reports numbers in a script's window that no column may hold, and that weren't written therefore. */
  numbersRefused(slot: ScriptSlot, hook: Hook, count: number): void {
    const message =
      `${faultTexts["host-error"]}: ${count} numbers that it has written over its window in memory, and that ` +
      "aren't finite";
    const fault = placeless("host-error", message, slot.name, hook, 0);
    this.#report(slot, { ...noPause, hook, entity: 0, fault, strikes: 0, outcome: "none" });
  }

  /**
   * Gives a script whose last call was stopped a new instance where it needs one, before it is called again. That
   * takes the script's time. A restart disables it as a whole when it can't be done, or takes too long again and
   * again.
   * @returns whether it may be called.
   */
  renew(slot: ScriptSlot): boolean {
    const { program } = slot;
    if (!program.stale) return true;
    const { clock, events, frameBudgetMs } = this.#core;
    const startMs = clock.nowMs();
    const isRestart = !program.isSaved;
    const fault = program.renew();
    const elapsedMs = clock.nowMs() - startMs;
    slot.restartMs = elapsedMs;
    if (fault !== null) {
      this.#disable(slot, fault);
      return false;
    }
    if (!isRestart) return true;
    slot.usage.restarts++;
    events.post({ type: "restart", script: slot.name, elapsedMs });
    slot.slowRestarts = elapsedMs > frameBudgetMs ? slot.slowRestarts + 1 : 0;
    if (slot.slowRestarts < maxSlowRestarts) return true;
    this.#disable(slot, slowRestart(slot.name, frameBudgetMs, elapsedMs));
    return false;
  }

  #report(slot: ScriptSlot, details: Omit<FaultEvent, "type" | "script">): void {
    slot.usage.addFault(details.fault);
    this.#core.report.faults++;
    this.#core.events.post({ type: "fault", script: slot.name, ...details });
  }

  /** A script that can't be restarted, or not in a reasonable time, is disabled as a whole. */
  #disable(slot: ScriptSlot, fault: Fault): void {
    slot.disabled = true;
    slot.slowRestarts = 0;
    slot.usage.lastFault = fault;
    this.#core.events.post({ type: "disable", script: slot.name, entity: 0, fault });
  }
}

function slowRestart(script: string, frameBudgetMs: number, elapsedMs: number): Fault {
  const message =
    `${faultTexts.deadline}: ${maxSlowRestarts} restarts in a row took longer than the ` +
    `${frameBudgetMs} ms that all scripts may take of a frame, the last one ${round(elapsedMs)} ms`;
  return placeless("deadline", message, script, "start", elapsedMs);
}

/** A fault of no code in particular. */
function placeless(
  kind: FaultKind,
  message: string,
  script: string,
  entry: string,
  elapsedMs: number,
): Fault {
  const place = { functionName: undefined, location: undefined, stack: [] };
  return { kind, message, script, entry, ...place, fuelUsed: 0, elapsedMs };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
