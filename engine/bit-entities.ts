import {
  $internal,
  addEntity,
  type Query as BitQuery,
  type World as BitWorld,
  type InternalWorld,
  removeEntity,
} from "bitecs";
import type { SharedParts } from "./part-sets.ts";
import { Watch } from "./watch.ts";

/**
 * Begins and ends a bitECS world's entities. It does to the world what `addEntity` and `removeEntity` of bitECS 0.4 do,
 * in the same order, but for what those make anew for each entity, only to drop it again.
 */
export class BitEntities {
  readonly #bit: BitWorld;
  readonly #watch: Watch;

  /** @param watch the one that is told of entities. */
  constructor(bit: BitWorld, watch: Watch) {
    this.#bit = bit;
    this.#watch = watch;
  }

  /**
   * A new entity without components: its index, the next one of bitECS's pool.
   * @param coming what it is given next, before anything else happens and without anybody hearing of it, where that
   * is so.
   */
  begin(coming?: SharedParts): number {
    const { entityComponents, entityIndex, notQueries } = this.#context;
    // A query of what has not some component has to look at everyone who comes.
    if (notQueries.size > 1) return addEntity(this.#bit);
    const { aliveCount, dense } = entityIndex;
    const isFresh = aliveCount === dense.length;
    const index = isFresh ? ++entityIndex.maxId : (dense[aliveCount] as number);
    if (isFresh) dense.push(index);
    entityIndex.sparse[index] = aliveCount;
    entityIndex.aliveCount = aliveCount + 1;
    this.#watch.join(index);
    entityComponents.set(index, coming ?? new Set());
    return index;
  }

  /** Ends the entity at a live index. */
  end(index: number): void {
    const context = this.#context;
    if (context.entitiesWithRelations.has(index)) {
      removeEntity(this.#bit, index);
      return;
    }
    for (const query of context.queries as Set<BitQuery | Watch>) {
      if (query instanceof Watch) query.end(index);
      else leave(query, context.dirtyQueries, index);
    }
    const { entityComponents, entityIndex, entityMasks } = context;
    const { dense, sparse } = entityIndex;
    const place = sparse[index];
    const last = entityIndex.aliveCount - 1;
    // One of the game's observers may have ended it by itself.
    if (place !== undefined && place <= last) {
      const moved = dense[last] as number;
      sparse[moved] = place;
      dense[place] = moved;
      sparse[index] = last;
      dense[last] = index;
      entityIndex.aliveCount = last;
    }
    entityComponents.delete(index);
    for (let i = 0; i < entityMasks.length; i++) (entityMasks[i] as number[])[index] = 0;
  }

  get #context(): InternalWorld[typeof $internal] {
    return (this.#bit as InternalWorld)[$internal];
  }
}

/** An entity leaves a query of the game's own. */
function leave(query: BitQuery, dirty: Set<BitQuery>, index: number): void {
  if (!query.has(index) || query.toRemove.has(index)) return;
  query.toRemove.add(index);
  dirty.add(query);
  query.removeObservable.notify(index);
}
