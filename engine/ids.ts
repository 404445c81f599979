import { $internal, type World as BitWorld, type InternalWorld } from "bitecs";

type EntityIndex = InternalWorld[typeof $internal]["entityIndex"];

/**
 * Takes ids out of bitECS's pool, and puts them back. In bitECS 0.4 the pool is `dense`: live ids
 * first, `aliveCount` of them, then free ones, of which the first is the next that `addEntity`
 * hands out; without a free one it is `maxId + 1`. An id that isn't in `dense` is neither alive
 * nor handed out, and that is where reserved and retired ids are.
 */
export class IdPool {
  readonly #world: InternalWorld;
  /** Ids below this may be handed out. */
  readonly #capacity: number;

  /** @throws TypeError for a bitECS world whose ids carry versions. */
  constructor(world: BitWorld, capacity: number) {
    this.#world = world as InternalWorld;
    this.#capacity = capacity;
    if (this.#world[$internal] === undefined) throw new TypeError("bitWorld is not a bitECS world");
    const { versioning, maxId } = this.#index;
    if (versioning) {
      throw new TypeError(
        "bitWorld uses withVersioning(), so its ids can't index columns; the engine keeps " +
          "generations itself",
      );
    }
    if (maxId >= capacity) {
      throw new RangeError(`bitWorld has used ids up to ${maxId}; maxEntities must be above that`);
    }
  }

  get #index(): EntityIndex {
    return this.#world[$internal].entityIndex;
  }

  /** The highest id ever handed out. */
  get highestId(): number {
    return this.#index.maxId;
  }

  /** Whether another id can be handed out. */
  get hasRoom(): boolean {
    const { aliveCount, dense, maxId } = this.#index;
    const next = aliveCount < dense.length ? (dense[aliveCount] as number) : maxId + 1;
    return next < this.#capacity;
  }

  /** Whether the next id has never been handed out before. */
  get nextIsFresh(): boolean {
    const { aliveCount, dense } = this.#index;
    return aliveCount === dense.length;
  }

  /** Takes the next id out of the pool. bitECS sees nothing of it. */
  take(): number {
    const index = this.#index;
    if (this.nextIsFresh) return ++index.maxId;
    const id = index.dense[index.aliveCount] as number;
    this.#removeFree(index, index.aliveCount);
    return id;
  }

  /** The exact inverse of `take`, when nothing else has happened to the pool in between. */
  undoTake(id: number, wasFresh: boolean): void {
    const index = this.#index;
    if (wasFresh && index.maxId === id && this.nextIsFresh) index.maxId--;
    else this.putNext(id);
  }

  /** Puts an id back as the one that `addEntity` hands out next. */
  putNext(id: number): void {
    const index = this.#index;
    const displaced = index.dense[index.aliveCount];
    if (displaced !== undefined) {
      index.sparse[displaced] = index.dense.length;
      index.dense.push(displaced);
      index.dense[index.aliveCount] = id;
    } else {
      index.dense.push(id);
    }
    index.sparse[id] = index.aliveCount;
  }

  /** The ids that are alive, in bitECS's order. */
  get alive(): readonly number[] {
    return this.#index.dense.slice(0, this.#index.aliveCount);
  }

  /** The ids that are free, the next one first. */
  get free(): readonly number[] {
    return this.#index.dense.slice(this.#index.aliveCount);
  }

  /** Nothing is alive; these are free, the next one first, and the highest ever handed out is this. */
  reset(free: readonly number[], highestId: number): void {
    const index = this.#index;
    index.aliveCount = 0;
    index.maxId = highestId;
    // bitECS holds on to the arrays.
    index.dense.length = 0;
    index.sparse.length = 0;
    for (const id of free) index.sparse[id] = index.dense.push(id) - 1;
  }

  /** Takes a free id out of the pool for good. Returns false when it isn't a free one. */
  retire(id: number): boolean {
    const index = this.#index;
    const position = index.sparse[id];
    if (position === undefined || position < index.aliveCount) return false;
    if (index.dense[position] !== id) return false;
    this.#removeFree(index, position);
    return true;
  }

  #removeFree(index: EntityIndex, position: number): void {
    const last = index.dense.pop() as number;
    if (position === index.dense.length) return;
    index.dense[position] = last;
    index.sparse[last] = position;
  }
}
