import type { Fault } from "../fault.ts";
import { rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { FaultEvent, Hook } from "./events.ts";
import { backOffFor } from "./policy.ts";
import type { ScriptSlot } from "./slot.ts";

/** What follows when a call has been stopped; the transaction has undone it by then. */
export class Strikes {
  readonly #core: SystemCore;

  constructor(core: SystemCore) {
    this.#core = core;
  }

  /** A strike against one row: it pauses, or is struck out. The script gets a fresh instance. */
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
      this.#report(slot, { hook, entity, fault, strikes, outcome: "disabled", backOffFrames: 0 });
      this.#core.events.post({ type: "disable", script: slot.name, entity, fault });
    } else {
      const backOffFrames = backOffFor(policy, strikes);
      rows.states[row] = (rows.states[row] as number) | rowStates.backingOff;
      rows.wakes[row] = frame + 1 + backOffFrames;
      this.#report(slot, { hook, entity, fault, strikes, outcome: "back-off", backOffFrames });
    }
    this.#restart(slot);
  }

  /** A fault with no consequence but that it is reported: the entity is on its way out. */
  againstNobody(slot: ScriptSlot, entity: number, hook: Hook, fault: Fault): void {
    this.#report(slot, { hook, entity, fault, strikes: 0, outcome: "none", backOffFrames: 0 });
    this.#restart(slot);
  }

  #report(slot: ScriptSlot, details: Omit<FaultEvent, "type" | "script">): void {
    slot.usage.addFault(details.fault);
    this.#core.report.faults++;
    this.#core.events.post({ type: "fault", script: slot.name, ...details });
  }

  /** A script that can't even be restarted is disabled as a whole. */
  #restart(slot: ScriptSlot): void {
    const { clock, events } = this.#core;
    const startMs = clock.nowMs();
    const fault = slot.program.restart();
    if (fault === null) {
      slot.usage.restarts++;
      events.post({ type: "restart", script: slot.name, elapsedMs: clock.nowMs() - startMs });
      return;
    }
    slot.disabled = true;
    slot.usage.lastFault = fault;
    this.#core.events.post({ type: "disable", script: slot.name, entity: 0, fault });
  }
}
