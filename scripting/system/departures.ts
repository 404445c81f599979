import { type Entity, indexPart } from "../../engine/index.ts";
import { rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { ScriptSlot } from "./slot.ts";
import type { Strikes } from "./strikes.ts";

/** Takes scripts off entities, with a last call to those that want one. */
export class Departures {
  readonly #core: SystemCore;
  readonly #strikes: Strikes;

  constructor(core: SystemCore, strikes: Strikes) {
    this.#core = core;
    this.#strikes = strikes;
  }

  /**
   * Takes every script off an entity that is still alive. From `endMs` on no more `onDestroy` is called.
   * @returns whether they are all off; the others wait.
   */
  ofEntity(entity: Entity, endMs: number): boolean {
    for (const slot of this.#core.slots) {
      const row = slot.rowOf(entity);
      if (row >= 0 && !this.ofRow(slot, row, endMs)) return false;
    }
    return true;
  }

  /**
   * Takes one script off an entity that is still alive, unless it wants a call and `endMs` is over.
   * @returns whether it is off.
   */
  ofRow(slot: ScriptSlot, row: number, endMs: number): boolean {
    const { rows } = slot;
    const entity = rows.handles[row] as number;
    const call = wantsCall(slot, row);
    if (call && this.#core.clock.nowMs() >= endMs) return false;
    rows.remove(row, indexPart(entity));
    if (call) this.#callOnDestroy(slot, entity);
    return true;
  }

  /**
   * Removes the rows whose entity died, or lost the script's tag, without the system being asked. From
   * `endMs` on, those that want a last call wait for it, and get no other.
   */
  ofUncarried(slot: ScriptSlot, endMs: number): void {
    const changed = slot.changedRows();
    if (changed !== undefined) {
      for (const row of changed) this.#ofRowUnlessCarried(slot, row, endMs);
      return;
    }
    const { rows } = slot;
    for (let row = 0; row < rows.length; row++) this.#ofRowUnlessCarried(slot, row, endMs);
  }

  #ofRowUnlessCarried(slot: ScriptSlot, row: number, endMs: number): void {
    const { rows } = slot;
    if (slot.isCarried(row)) {
      if (rows.leaving > 0) rows.setLeaving(row, false);
      return;
    }
    if (((rows.states[row] as number) & rowStates.removed) !== 0) return;
    const entity = rows.handles[row] as number;
    if (!this.#core.world.isAlive(entity)) rows.remove(row, indexPart(entity));
    else if (!this.ofRow(slot, row, endMs)) rows.setLeaving(row, true);
  }

  /** The last calls of a script that is unloaded: until one is stopped, or `endMs` is over. */
  ofSlot(slot: ScriptSlot, endMs: number): void {
    const { rows } = slot;
    for (let row = 0; row < rows.length; row++) {
      if (!slot.isCarried(row) || !wantsCall(slot, row)) continue;
      if (this.#core.clock.nowMs() >= endMs) return;
      const entity = rows.handles[row] as number;
      rows.remove(row, indexPart(entity));
      if (!this.#callOnDestroy(slot, entity)) return;
    }
  }

  /** @returns whether it finished. */
  #callOnDestroy(slot: ScriptSlot, entity: number): boolean {
    const { clock, report } = this.#core;
    const { program, usage } = slot;
    const startMs = clock.nowMs();
    if (!this.#strikes.renew(slot)) {
      usage.addTimeMs(clock.nowMs() - startMs);
      return false;
    }
    const fault = program.run("onDestroy", program.onDestroy, entity);
    const fuel = program.onDestroy?.fuelUsed ?? 0;
    usage.calls++;
    usage.fuel += fuel;
    report.calls++;
    report.fuel += fuel;
    if (fault !== null) this.#strikes.againstNobody(slot, entity, "onDestroy", fault);
    usage.addTimeMs(clock.nowMs() - startMs);
    return fault === null;
  }
}

/** One that never started has nothing to end; one that is struck out isn't trusted with it. */
function wantsCall(slot: ScriptSlot, row: number): boolean {
  const state = slot.rows.states[row] as number;
  const silent = rowStates.disabled | rowStates.removed;
  return (
    slot.program.onDestroy !== undefined &&
    !slot.disabled &&
    (state & rowStates.started) !== 0 &&
    (state & silent) === 0
  );
}
