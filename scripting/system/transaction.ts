import type { Entity, World } from "../../engine/index.ts";
import { CommandQueue, commandKinds } from "./commands.ts";
import { Journal, type JournalOptions } from "./journal.ts";
import { MessageQueue } from "./message-queue.ts";
import { MessageRoom } from "./message-room.ts";

const initialMarks = 4;

/**
 * Makes guest calls atomic: what a call wrote, queued and spawned stands when it finishes and is
 * taken back when it doesn't. Transactions nest; an inner one's effects stand when the outer's do.
 */
export class Transaction {
  /** Every write to a column while a call runs has to be recorded here first. */
  readonly journal: Journal;
  /** Structural changes of finished calls, and of the one that is running. */
  readonly commands = new CommandQueue();
  /** Messages of finished calls, of the one that is running, and of the game, that haven't been sorted yet. */
  readonly messages: MessageQueue;
  readonly #world: World;
  #journalMarks = new Uint32Array(initialMarks);
  #commandMarks = new Uint32Array(initialMarks);
  #messageMarks = new Uint32Array(initialMarks);
  /** What the outer transaction had spawned when the one at a depth began. */
  #outerSpawns = new Uint32Array(initialMarks);
  #depth = 0;
  #spawns = 0;

  constructor(
    world: World,
    options?: JournalOptions,
    messages = new MessageQueue(new MessageRoom(0), []),
  ) {
    this.#world = world;
    this.messages = messages;
    this.journal = new Journal(options);
  }

  /** Whether a transaction is open. */
  get open(): boolean {
    return this.#depth > 0;
  }

  /** Entities that the innermost open transaction has spawned itself. */
  get spawns(): number {
    return this.#spawns;
  }

  /** Messages sent since the innermost open transaction began. */
  get sent(): number {
    const from = this.#depth === 0 ? 0 : (this.#messageMarks[this.#depth - 1] as number);
    return this.messages.length - from;
  }

  /** Whether an entity was spawned since the innermost open transaction began. */
  hasSpawned(entity: number): boolean {
    const from = this.#depth === 0 ? 0 : (this.#commandMarks[this.#depth - 1] as number);
    for (let at = this.commands.length - 1; at >= from; at--) {
      const isSpawn = this.commands.kindAt(at) === commandKinds.materialise;
      if (isSpawn && this.commands.entityAt(at) === entity) return true;
    }
    return false;
  }

  begin(): void {
    const depth = this.#depth;
    if (depth === this.#journalMarks.length) this.#grow();
    this.#journalMarks[depth] = this.journal.length;
    this.#commandMarks[depth] = this.commands.length;
    this.#messageMarks[depth] = this.messages.length;
    this.#outerSpawns[depth] = this.#spawns;
    this.#depth = depth + 1;
    this.#spawns = 0;
  }

  commit(): void {
    const depth = this.#close();
    if (depth === 0) this.journal.clear();
  }

  rollback(): void {
    const depth = this.#close();
    this.journal.undoTo(this.#journalMarks[depth] as number);
    const mark = this.#commandMarks[depth] as number;
    for (let at = this.commands.length - 1; at >= mark; at--) {
      // Newest first: the world hands reservations back in the reverse of their order.
      if (this.commands.kindAt(at) === commandKinds.materialise) {
        this.#world.release(this.commands.entityAt(at));
      }
    }
    this.commands.truncate(mark);
    this.messages.truncate(this.#messageMarks[depth] as number);
  }

  /** Reserves an entity and queues the prefab that it is to become. The world must not be full. */
  spawn(prefabId: number): Entity {
    const entity = this.#world.reserve();
    this.commands.push(commandKinds.materialise, entity, prefabId);
    this.#spawns++;
    return entity;
  }

  #close(): number {
    if (this.#depth === 0) throw new Error("no transaction is open");
    this.#depth--;
    this.#spawns = this.#outerSpawns[this.#depth] as number;
    return this.#depth;
  }

  #grow(): void {
    this.#journalMarks = doubled(this.#journalMarks);
    this.#commandMarks = doubled(this.#commandMarks);
    this.#messageMarks = doubled(this.#messageMarks);
    this.#outerSpawns = doubled(this.#outerSpawns);
  }
}

function doubled(marks: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const room = new Uint32Array(marks.length * 2);
  room.set(marks);
  return room;
}
