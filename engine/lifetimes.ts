import {
  Prefab as BitPrefab,
  type World as BitWorld,
  commitRemovals,
  getAllEntities,
  hasComponent,
  removeEntity,
} from "bitecs";
import { BitEntities } from "./bit-entities.ts";
import { type Entity, EntityTable, indexPart, StaleEntityError, wornGeneration } from "./entity.ts";
import { IdPool } from "./ids.ts";
import type { SharedParts } from "./part-sets.ts";
import { watchEntities } from "./watch.ts";

/** Another entity was asked for, and `maxEntities` allows no more. */
export class CapacityError extends Error {
  override readonly name = "CapacityError";
  readonly maxEntities: number;

  constructor(maxEntities: number, retired: number) {
    const used = retired === 0 ? "" : `; ${retired} indices are retired, their generations used up`;
    super(
      `no room for another entity: maxEntities is ${maxEntities}, index 0 is never used${used}`,
    );
    this.maxEntities = maxEntities;
  }
}

/** Which indices are alive and free, and how often each was used. */
export interface Indices {
  /** In bitECS's order. */
  readonly alive: ArrayLike<number> & Iterable<number>;
  /** The next one first. Those in neither list are retired. */
  readonly free: ArrayLike<number> & Iterable<number>;
  /** By index, from 1 to the highest that was ever used: its generation, or its next one's. */
  readonly generations: ArrayLike<number>;
}

interface Reservation {
  readonly handle: Entity;
  readonly wasFresh: boolean;
}

/**
 * Begins and ends entities, and keeps handles right whoever does it: this class, or a game that
 * calls bitECS's `addEntity` and `removeEntity` itself.
 */
export class Lifetimes {
  readonly table: EntityTable;
  readonly #bit: BitWorld;
  readonly #ids: IdPool;
  readonly #entities: BitEntities;
  /** Indices that are, or soon will be, free and due to be retired. */
  readonly #worn: number[] = [];
  #retiredCount = 0;
  /** 1 for an index whose handle is alive but which isn't in the bitECS world yet. */
  readonly #reserved: Uint8Array;
  #reservedCount = 0;
  /** Oldest first. Those used out of order stay until they are on top. */
  readonly #reservations: Reservation[] = [];

  constructor(bit: BitWorld, maxEntities: number) {
    this.#bit = bit;
    this.#ids = new IdPool(bit, maxEntities);
    this.table = new EntityTable(maxEntities);
    this.#reserved = new Uint8Array(maxEntities);
    for (const index of getAllEntities(bit)) {
      if (!hasComponent(bit, index, BitPrefab)) this.table.birth(index);
    }
    // Older than what watches components: that finds an entity that ends dead already.
    const watch = watchEntities(
      bit,
      maxEntities,
      (index) => this.#born(index),
      (index) => this.#died(index),
    );
    this.#entities = new BitEntities(bit, watch);
  }

  /** How many entities are in the world; reserved ones aren't yet. */
  get aliveCount(): number {
    return this.table.aliveCount - this.#reservedCount;
  }

  /** No index at or above this was ever used. */
  get indexEnd(): number {
    return Math.min(this.#ids.highestId + 1, this.table.capacity);
  }

  isReserved(index: number): boolean {
    return this.#reserved[index] === 1;
  }

  /** A new entity without components. @param coming like {@link BitEntities.begin}'s. @throws CapacityError */
  begin(coming?: SharedParts): number {
    this.#requireRoom();
    return this.#entities.begin(coming);
  }

  /** Ends the entity at a live index. */
  end(index: number): void {
    if (this.isReserved(index)) {
      this.#unreserve(index);
      if (this.table.death(index)) this.#retiredCount++;
      else this.#ids.putNext(index);
    } else {
      this.#entities.end(index);
    }
    this.retireWorn();
  }

  /** A live handle for an entity that doesn't exist yet. @throws CapacityError */
  reserve(): Entity {
    this.#requireRoom();
    const wasFresh = this.#ids.nextIsFresh;
    const index = this.#ids.take();
    const handle = this.table.birth(index);
    this.#reserved[index] = 1;
    this.#reservedCount++;
    this.#reservations.push({ handle, wasFresh });
    return handle;
  }

  /** Undoes the latest reservation. @throws Error when the handle isn't that of the latest. */
  release(handle: number): void {
    const latest = this.#reservations.at(-1);
    if (latest?.handle !== handle) {
      const index = this.table.resolve(handle);
      if (index < 0) throw this.staleError(handle);
      throw new Error(
        this.isReserved(index)
          ? `entity ${handle} can't be released: ${latest?.handle} was reserved after it`
          : `entity ${handle} can't be released: it isn't reserved`,
      );
    }
    this.#reservations.pop();
    const index = this.table.resolve(handle);
    this.#reserved[index] = 0;
    this.#reservedCount--;
    this.table.undoBirth(index);
    this.#ids.undoTake(index, latest.wasFresh);
    this.#dropUsedReservations();
  }

  /** Puts a reserved index into the bitECS world, under the handle it has. @param coming like {@link begin}'s. */
  materialise(index: number, coming?: SharedParts): void {
    this.#ids.putNext(index);
    this.#entities.begin(coming);
  }

  /** Takes indices whose generations are used up out of bitECS's pool. */
  retireWorn(): void {
    if (this.#worn.length === 0) return;
    for (let i = 0; i < this.#worn.length; i++) {
      const index = this.#worn[i] as number;
      // One that bitECS has used again in the meantime isn't free; it is listed anew at its end.
      if (this.#ids.retire(index)) this.#retiredCount++;
    }
    this.#worn.length = 0;
  }

  /** What {@link load} takes. @throws Error for what a snapshot couldn't hold. */
  save(): Indices {
    this.#assertPlain();
    const generations = this.table.generations(this.#ids.highestId + 1);
    return { alive: this.#ids.alive, free: this.#ids.free, generations };
  }

  /** @throws Error for entities that are only reserved, for bitECS's own prefabs, and for what has no handle. */
  #assertPlain(): void {
    if (this.#reservedCount > 0) {
      throw new Error("entities are reserved; materialise or release them first");
    }
    for (const index of getAllEntities(this.#bit)) {
      const isPrefab = hasComponent(this.#bit, index, BitPrefab);
      if (!isPrefab && this.table.handleAt(index) !== 0) continue;
      const why = isPrefab ? "it is a prefab of bitECS's own" : "its index is used up";
      throw new Error(`bitECS's entity ${index} can't be saved nor replaced: ${why}`);
    }
  }

  /**
   * Ends every entity, and begins others under the handles that they had when they were saved.
   * @throws Error like {@link save}, before anything has changed.
   */
  load({ alive, free, generations }: Indices): void {
    this.#assertPlain();
    for (const index of this.#ids.alive) removeEntity(this.#bit, index);
    commitRemovals(this.#bit);
    if (this.table.aliveCount > 0) {
      throw new Error("an observer has added entities while a snapshot was loaded");
    }
    this.#ids.reset([...alive, ...free], generations.length);
    this.table.reset(generations);
    this.#reservations.length = 0;
    this.#worn.length = 0;
    for (const index of free) {
      if ((generations[index - 1] as number) >= wornGeneration) this.#worn.push(index);
    }
    this.#retiredCount = generations.length - alive.length - free.length;
    for (let n = 0; n < alive.length; n++) this.#entities.begin();
  }

  staleError(handle: number): StaleEntityError {
    return new StaleEntityError(handle, this.table.liveGenerationAt(indexPart(handle)));
  }

  #requireRoom(): void {
    this.retireWorn();
    if (!this.#ids.hasRoom) throw this.#capacityError();
  }

  #capacityError(): CapacityError {
    return new CapacityError(this.table.capacity, this.#retiredCount);
  }

  #born(index: number): void {
    if (index >= this.table.capacity) {
      // bitECS handed out an id that no column has room for. Undo it, so that the error leaves a
      // sound world behind.
      removeEntity(this.#bit, index);
      throw this.#capacityError();
    }
    if (this.isReserved(index)) this.#unreserve(index);
    else this.table.birth(index);
  }

  #died(index: number): void {
    if (index >= this.table.capacity) return;
    if (this.table.death(index)) this.#worn.push(index);
  }

  #unreserve(index: number): void {
    this.#reserved[index] = 0;
    this.#reservedCount--;
    this.#dropUsedReservations();
  }

  #dropUsedReservations(): void {
    for (let latest = this.#reservations.at(-1); latest; latest = this.#reservations.at(-1)) {
      const index = this.table.resolve(latest.handle);
      if (index >= 0 && this.isReserved(index)) return;
      this.#reservations.pop();
    }
  }
}
