import { type Entity, indexPart } from "../../engine/index.ts";
import { CommandQueue, commandKinds } from "./commands.ts";
import type { SystemCore } from "./core.ts";
import type { Departures } from "./departures.ts";

/** Carries out queued commands, in order, while no script runs. */
export class Structure {
  readonly #core: SystemCore;
  readonly #departures: Departures;
  readonly #putOff = new CommandQueue();
  /** The first command that hasn't been carried out. */
  #next = 0;
  #busy = false;

  constructor(core: SystemCore, departures: Departures) {
    this.#core = core;
    this.#departures = departures;
  }

  /**
   * Carries out everything queued, what `onDestroy` adds meanwhile included. From `endMs` on no
   * more `onDestroy` is called: entities that need one stay alive, and go first the next time.
   * Does nothing while a call or an outer `apply` is under way: that one comes round to it.
   */
  apply(endMs: number): void {
    if (this.#busy || this.#core.transaction.open) return;
    this.#busy = true;
    this.#core.events.hold();
    try {
      this.#applyAll(endMs);
    } finally {
      this.#busy = false;
      this.#core.events.release();
    }
  }

  /** Whether commands are being carried out. */
  get busy(): boolean {
    return this.#busy;
  }

  #applyAll(endMs: number): void {
    const { commands } = this.#core.transaction;
    while (this.#next < commands.length) {
      // Past it before it is carried out: should a game's observer throw, it isn't tried again.
      const at = this.#next++;
      const entity = commands.entityAt(at);
      const subject = commands.subjectAt(at);
      switch (commands.kindAt(at)) {
        case commandKinds.materialise:
          this.#materialise(entity, subject);
          break;
        case commandKinds.despawn:
          this.#despawn(entity, endMs);
          break;
        case commandKinds.add:
          this.#add(entity, subject);
          break;
        case commandKinds.remove:
          this.#remove(entity, subject);
          break;
        case commandKinds.detach:
          this.#detach(entity, subject);
          break;
      }
    }
    commands.truncate(0);
    this.#next = 0;
    for (let at = 0; at < this.#putOff.length; at++) {
      commands.push(commandKinds.despawn, this.#putOff.entityAt(at));
    }
    this.#putOff.truncate(0);
  }

  #materialise(entity: Entity, prefabId: number): void {
    const { view, world } = this.#core;
    const prefab = view.prefabs[prefabId];
    if (prefab === undefined || !world.isAlive(entity)) return;
    for (const component of prefab.components) component.settle(indexPart(entity));
    world.materialise(entity, prefab.prefab);
  }

  #despawn(entity: Entity, endMs: number): void {
    const { clock, world } = this.#core;
    if (!world.isAlive(entity)) return;
    if (this.#departures.areAwaited(entity)) {
      if (clock.nowMs() >= endMs) {
        this.#putOff.push(commandKinds.despawn, entity);
        return;
      }
    }
    this.#departures.ofEntity(entity);
    world.despawn(entity);
  }

  #add(entity: Entity, componentId: number): void {
    const { view, world } = this.#core;
    const component = view.components[componentId];
    if (component === undefined || !world.isAlive(entity)) return;
    const index = indexPart(entity);
    component.settle(index);
    // A new component would be given its defaults; scripts may have written to it since.
    if (!component.has(index, entity))
      world.add(entity, component.component, component.valuesAt(index));
  }

  #remove(entity: Entity, componentId: number): void {
    const { view, world } = this.#core;
    const component = view.components[componentId];
    if (component !== undefined && world.isAlive(entity)) world.remove(entity, component.component);
  }

  #detach(entity: Entity, slotId: number): void {
    const { slots, world } = this.#core;
    const slot = slots.find(({ id }) => id === slotId);
    if (slot === undefined || !world.isAlive(entity)) return;
    const row = slot.rowOf(entity);
    if (row >= 0) this.#departures.ofRow(slot, row);
    world.remove(entity, slot.tag);
  }
}
