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

  /** Whether any script wants to be called before the entity goes. */
  areAwaited(entity: Entity): boolean {
    for (const slot of this.#core.slots) {
      const row = slot.rowOf(entity);
      if (row >= 0 && wantsCall(slot, row)) return true;
    }
    return false;
  }

  /** Takes every script off an entity that is still alive. */
  ofEntity(entity: Entity): void {
    for (const slot of this.#core.slots) {
      const row = slot.rowOf(entity);
      if (row >= 0) this.ofRow(slot, row);
    }
  }

  /** Takes one script off an entity that is still alive. */
  ofRow(slot: ScriptSlot, row: number): void {
    const { rows } = slot;
    const entity = rows.handles[row] as number;
    const call = wantsCall(slot, row);
    rows.remove(row, indexPart(entity));
    if (call) this.#callOnDestroy(slot, entity);
  }

  /** Removes the rows whose entity died, or lost the script's tag, without the system being asked. */
  ofUncarried(slot: ScriptSlot): void {
    const { rows } = slot;
    for (let row = 0; row < rows.length; row++) {
      if (slot.isCarried(row) || ((rows.states[row] as number) & rowStates.removed) !== 0) continue;
      const entity = rows.handles[row] as number;
      if (this.#core.world.isAlive(entity)) this.ofRow(slot, row);
      else rows.remove(row, indexPart(entity));
    }
  }

  #callOnDestroy(slot: ScriptSlot, entity: number): void {
    const { clock, report } = this.#core;
    const { program, usage } = slot;
    const startMs = clock.nowMs();
    const fault = program.run("onDestroy", program.onDestroy, entity);
    const fuel = program.onDestroy?.fuelUsed ?? 0;
    usage.calls++;
    usage.fuel += fuel;
    report.calls++;
    report.fuel += fuel;
    if (fault !== null) this.#strikes.againstNobody(slot, entity, "onDestroy", fault);
    usage.addTimeMs(clock.nowMs() - startMs);
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
