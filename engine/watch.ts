import {
  $internal,
  type Query as BitQuery,
  type World as BitWorld,
  type ComponentData,
  hasComponent,
  type InternalWorld,
  Prefab,
  registerComponent,
} from "bitecs";

const nothing: Record<number, number> = Object.freeze({});

/** Who is told of what. */
interface Told {
  /** An entity begins to match. */
  readonly joined: (index: number) => void;
  /** It ceases to; or it ends, and it was bitECS that was asked for that. */
  readonly left: (index: number) => void;
  /** It ends. */
  readonly ended: (index: number) => void;
}

/**
 * Stands among bitECS's queries and tells who begins and ceases to match, at once, whoever changes it. `observe`
 * would have bitECS keep sparse lists for the same: most of what a change costs. In bitECS 0.4 a query is whatever
 * has what is here; nobody finds this one by its terms, so a game's `removeQuery` can't take it away.
 */
export class Watch {
  readonly masks: Readonly<Record<number, number>>;
  readonly hasMasks: Readonly<Record<number, number>>;
  readonly notMasks = nothing;
  readonly orMasks = nothing;
  readonly generations: readonly number[];
  readonly addObservable: { readonly notify: (index: number) => void };
  readonly removeObservable: { readonly notify: (index: number) => void };
  readonly toRemove: Leaving;
  readonly #present: Uint8Array;
  readonly #told: Told;

  constructor(masks: Readonly<Record<number, number>>, present: Uint8Array, told: Told) {
    this.masks = masks;
    this.hasMasks = masks;
    this.generations = Object.keys(masks).map(Number);
    this.addObservable = { notify: told.joined };
    this.removeObservable = { notify: told.left };
    this.toRemove = new Leaving(present);
    this.#present = present;
    this.#told = told;
  }

  has(index: number): boolean {
    return this.#present[index] === 1;
  }

  /** It matches from now on, and nobody is told. */
  add(index: number): void {
    this.#present[index] = 1;
  }

  /** Begins to match. */
  join(index: number): void {
    this.#present[index] = 1;
    this.#told.joined(index);
  }

  /** Ceases to match, if it did: its entity ends. */
  end(index: number): void {
    if (this.#present[index] !== 1) return;
    this.#present[index] = 0;
    this.#told.ended(index);
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
): Watch {
  const { entityIndex, notQueries, queries } = (bit as InternalWorld)[$internal];
  const present = new Uint8Array(capacity);
  for (let at = 0; at < entityIndex.aliveCount; at++) {
    const index = entityIndex.dense[at] as number;
    if (!hasComponent(bit, index, Prefab)) present[index] = 1;
  }
  const watch = new Watch(nothing, present, { joined: added, left: removed, ended: removed });
  // Those are asked whenever there is a new entity.
  notQueries.add(watch);
  queries.add(watch as unknown as BitQuery);
  return watch;
}

/**
 * Tells of entities that are given a component in a bitECS world, or lose it, until {@link unwatchComponent}.
 * @param capacity all entities' indices are below.
 */
export function watchComponent(
  bit: BitWorld,
  component: object,
  capacity: number,
  changed: (index: number) => void,
  ended: (index: number) => void,
): Watch {
  const { entityIndex, queries } = (bit as InternalWorld)[$internal];
  const data = dataOf(bit, component);
  const present = new Uint8Array(capacity);
  for (let at = 0; at < entityIndex.aliveCount; at++) {
    const index = entityIndex.dense[at] as number;
    if (hasComponent(bit, index, component) && !hasComponent(bit, index, Prefab)) {
      present[index] = 1;
    }
  }
  const masks = { [data.generationId]: data.bitflag };
  const watch = new Watch(masks, present, { joined: changed, left: changed, ended });
  queries.add(watch as unknown as BitQuery);
  data.queries.add(watch as unknown as BitQuery);
  return watch;
}

/** Ends what {@link watchComponent} began. */
export function unwatchComponent(bit: BitWorld, component: object, watch: Watch): void {
  const { dirtyQueries, queries } = (bit as InternalWorld)[$internal];
  // Every query is asked whenever an entity ends.
  queries.delete(watch as unknown as BitQuery);
  dataOf(bit, component).queries.delete(watch as unknown as BitQuery);
  dirtyQueries.delete(watch);
}

/** What bitECS knows of a component; from now on it does. */
export function dataOf(bit: BitWorld, component: object): ComponentData {
  const { componentMap } = (bit as InternalWorld)[$internal];
  return componentMap.get(component) ?? registerComponent(bit, component);
}
