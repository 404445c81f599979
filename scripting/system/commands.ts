import type { Entity } from "../../engine/index.ts";

/** What a queued command does to its entity. */
export const commandKinds = {
  /** The entity, reserved by a spawn, gets the components of the prefab whose id is the subject. */
  materialise: 0,
  /** The entity is removed. */
  despawn: 1,
  /** The entity gets the component whose id is the subject. */
  add: 2,
  /** The entity loses the component whose id is the subject. */
  remove: 3,
  /** The script whose id is the subject is taken off the entity. */
  detach: 4,
} as const;

export type CommandKind = (typeof commandKinds)[keyof typeof commandKinds];

/**
 * Structural changes asked for while scripts run, in order, to be carried out when they are done:
 * no entity appears, vanishes or changes its components under a running script. Kept as columns,
 * so that queueing allocates nothing but for the few times that the queue doubles.
 */
export class CommandQueue {
  #kinds: Uint8Array = new Uint8Array(256);
  #entities: Int32Array = new Int32Array(256);
  #subjects: Int32Array = new Int32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a command. `subject` is an id of a prefab, component or script; see the kind. */
  push(kind: CommandKind, entity: number, subject = 0): void {
    const at = this.#length;
    if (at === this.#kinds.length) this.#grow();
    this.#kinds[at] = kind;
    this.#entities[at] = entity;
    this.#subjects[at] = subject;
    this.#length = at + 1;
  }

  kindAt(at: number): CommandKind {
    return this.#kinds[at] as CommandKind;
  }

  entityAt(at: number): Entity {
    return this.#entities[at] as Entity;
  }

  subjectAt(at: number): number {
    return this.#subjects[at] as number;
  }

  /** Drops every command after the first `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  #grow(): void {
    const room = this.#kinds.length * 2;
    const [kinds, entities, subjects] = [this.#kinds, this.#entities, this.#subjects];
    this.#kinds = new Uint8Array(room);
    this.#kinds.set(kinds);
    this.#entities = new Int32Array(room);
    this.#entities.set(entities);
    this.#subjects = new Int32Array(room);
    this.#subjects.set(subjects);
  }
}
