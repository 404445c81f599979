import {
  $internal,
  type Query as BitQuery,
  type World as BitWorld,
  hasComponent,
  type InternalWorld,
  Prefab,
  registerComponent,
} from "bitecs";

const nothing: Record<number, number> = Object.freeze({});

/**
 * Stands among bitECS's queries and tells who begins and ceases to match, at once, whoever changes it. `observe`
 * would have bitECS keep sparse lists for the same: most of what a change costs. In bitECS 0.4 a query is whatever
 * has what is here; nobody finds this one by its terms, so a game's `removeQuery` can't take it away.
 */
class Watch {
  readonly masks: Readonly<Record<number, number>>;
  readonly hasMasks: Readonly<Record<number, number>>;
  readonly notMasks = nothing;
  readonly orMasks = nothing;
  readonly generations: readonly number[];
  readonly addObservable: { readonly notify: (index: number) => void };
  readonly removeObservable: { readonly notify: (index: number) => void };
  readonly toRemove: Leaving;
  readonly #present: Uint8Array;

  constructor(
    masks: Readonly<Record<number, number>>,
    present: Uint8Array,
    joined: (index: number) => void,
    left: (index: number) => void,
  ) {
    this.masks = masks;
    this.hasMasks = masks;
    this.generations = Object.keys(masks).map(Number);
    this.addObservable = { notify: joined };
    this.removeObservable = { notify: left };
    this.toRemove = new Leaving(present);
    this.#present = present;
  }

  has(index: number): boolean {
    return this.#present[index] === 1;
  }

  add(index: number): void {
    this.#present[index] = 1;
  }
}

/** Who leaves a {@link Watch}: is gone at once, so that bitECS has nothing to commit. */
class Leaving {
  readonly dense: readonly number[] = [];
  readonly #present: Uint8Array;

  constructor(present: Uint8Array) {
    this.#present = present;
  }

  has(): boolean {
    return false;
  }

  add(index: number): void {
    this.#present[index] = 0;
  }

  remove(): void {}

  reset(): void {}
}

/**
 * Tells of entities that are added to a bitECS world, and removed.
 * @param capacity entities from this index on aren't told of when they go.
 */
export function watchEntities(
  bit: BitWorld,
  capacity: number,
  added: (index: number) => void,
  removed: (index: number) => void,
): void {
  const { entityIndex, notQueries, queries } = (bit as InternalWorld)[$internal];
  const present = new Uint8Array(capacity);
  for (let at = 0; at < entityIndex.aliveCount; at++) {
    const index = entityIndex.dense[at] as number;
    if (!hasComponent(bit, index, Prefab)) present[index] = 1;
  }
  const watch = new Watch(nothing, present, added, removed) as unknown as BitQuery;
  // Those are asked whenever there is a new entity.
  notQueries.add(watch);
  queries.add(watch);
}

/**
 * Tells of entities that are given a component in a bitECS world, or lose it.
 * @param capacity all entities' indices are below.
 * @returns what ends it.
 */
export function watchComponent(
  bit: BitWorld,
  component: object,
  capacity: number,
  changed: (index: number) => void,
): () => void {
  const { componentMap, dirtyQueries, entityIndex, queries } = (bit as InternalWorld)[$internal];
  const data = componentMap.get(component) ?? registerComponent(bit, component);
  const present = new Uint8Array(capacity);
  for (let at = 0; at < entityIndex.aliveCount; at++) {
    const index = entityIndex.dense[at] as number;
    if (hasComponent(bit, index, component) && !hasComponent(bit, index, Prefab)) {
      present[index] = 1;
    }
  }
  const masks = { [data.generationId]: data.bitflag };
  const watch = new Watch(masks, present, changed, changed) as unknown as BitQuery;
  queries.add(watch);
  data.queries.add(watch);
  return () => {
    // Every query is asked whenever an entity ends.
    queries.delete(watch);
    data.queries.delete(watch);
    dirtyQueries.delete(watch);
  };
}
