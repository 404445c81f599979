import { descendantsOf, type Entity, indexPart } from "../../engine/index.ts";
import { CommandQueue, commandKinds } from "./commands.ts";
import type { SystemCore } from "./core.ts";
import type { Departures } from "./departures.ts";

/** Carries out queued commands, in order, while no script runs. */
export class Structure {
  readonly #core: SystemCore;
  readonly #departures: Departures;
  /** What had to wait for a later frame: entities that are to be despawned, and scripts to be detached. */
  readonly waiting = new CommandQueue();
  /** The first command that hasn't been carried out. */
  #next = 0;
  #busy = false;

  constructor(core: SystemCore, departures: Departures) {
    this.#core = core;
    this.#departures = departures;
  }

  /**
   * Carries out everything queued, what `onDestroy` adds meanwhile included. From `endMs` on no
   * more `onDestroy` is called: entities that need one stay as they are, and wait for the next frame.
   * Does nothing while a call or an outer `apply` is under way: that one comes round to it.
   */
  apply(endMs: number): void {
    this.#apply(endMs, 0);
  }

  /** Like `apply`, but what was asked for last is carried out whatever the time. */
  applyLast(endMs: number): void {
    this.#apply(endMs, this.#core.transaction.commands.length);
  }

  /** Like `apply`, and comes back to what had to wait in an earlier frame. */
  applyFrame(endMs: number): void {
    if (this.#busy) return;
    const { commands } = this.#core.transaction;
    const { waiting } = this;
    for (let at = 0; at < waiting.length; at++) {
      commands.push(waiting.kindAt(at), waiting.entityAt(at), waiting.subjectAt(at));
    }
    waiting.truncate(0);
    this.#apply(endMs, 0);
  }

  /** Whether there is nothing to carry out, not even what had to wait. */
  get isIdle(): boolean {
    return this.#core.transaction.commands.length === 0 && this.waiting.length === 0;
  }

  /** Whether commands are being carried out. */
  get busy(): boolean {
    return this.#busy;
  }

  /** @param urgent how many commands are queued up to the one that can't wait; 0 for none. */
  #apply(endMs: number, urgent: number): void {
    if (this.#busy || this.#core.transaction.open) return;
    this.#busy = true;
    this.#core.events.hold();
    try {
      this.#applyAll(endMs, urgent - 1);
    } finally {
      this.#busy = false;
      this.#core.events.release();
    }
  }

  #applyAll(endMs: number, urgent: number): void {
    const { commands } = this.#core.transaction;
    while (this.#next < commands.length) {
      // Past it before it is carried out: should a game's observer throw, it isn't tried again.
      const at = this.#next++;
      const entity = commands.entityAt(at);
      const subject = commands.subjectAt(at);
      const kind = commands.kindAt(at);
      const untilMs = at === urgent ? Infinity : endMs;
      switch (kind) {
        case commandKinds.materialise:
          this.#materialise(entity, subject);
          break;
        case commandKinds.despawn:
          if (!this.#despawn(entity, untilMs)) this.waiting.push(kind, entity);
          break;
        case commandKinds.add:
          this.#add(entity, subject);
          break;
        case commandKinds.remove:
          this.#remove(entity, subject);
          break;
        case commandKinds.detach:
          if (!this.#detach(entity, subject, untilMs)) this.waiting.push(kind, entity, subject);
          break;
      }
    }
    commands.truncate(0);
    this.#next = 0;
  }

  #materialise(entity: Entity, prefabId: number): void {
    const { view, world } = this.#core;
    const prefab = view.prefabs[prefabId];
    if (prefab === undefined) return;
    for (const component of prefab.components) component.settle(entity);
    if (!world.isAlive(entity)) return;
    world.materialise(entity, prefab.prefab);
  }

  /** @returns false when it has to wait. */
  #despawn(entity: Entity, endMs: number): boolean {
    const { world } = this.#core;
    if (!world.isAlive(entity)) return true;
    for (const child of descendantsOf(world, entity)) {
      if (world.isAlive(child) && !this.#departures.ofEntity(child, endMs)) return false;
    }
    if (!this.#departures.ofEntity(entity, endMs)) return false;
    // The last calls may have led to it already.
    if (world.isAlive(entity)) world.despawn(entity);
    return true;
  }

  #add(entity: Entity, componentId: number): void {
    const { view, world } = this.#core;
    const component = view.components[componentId];
    if (component === undefined) return;
    component.settle(entity);
    if (!world.isAlive(entity)) return;
    const index = indexPart(entity);
    // A new component would be given its defaults; scripts may have written to it since.
    if (!component.has(index, entity))
      world.add(entity, component.component, component.valuesAt(index));
  }

  #remove(entity: Entity, componentId: number): void {
    const { view, world } = this.#core;
    const component = view.components[componentId];
    if (component !== undefined && world.isAlive(entity)) world.remove(entity, component.component);
  }

  /** @returns false when it has to wait. */
  #detach(entity: Entity, slotId: number, endMs: number): boolean {
    const { slots, world } = this.#core;
    const slot = slots.find(({ id }) => id === slotId);
    if (slot === undefined || !world.isAlive(entity)) return true;
    const row = slot.rowOf(entity);
    if (row >= 0 && !this.#departures.ofRow(slot, row, endMs)) return false;
    if (world.isAlive(entity)) world.remove(entity, slot.tag);
    return true;
  }
}
