import { Prefab as BitPrefab, hasComponent } from "bitecs";
import type { Component } from "./component.ts";
import { noEntity } from "./entity.ts";
import { LiveQuery, type Query } from "./query.ts";
import type { Store, StoreRegistry } from "./stores.ts";
import type { World } from "./world.ts";

export interface QueryOptions {
  /** Components that members must not have. */
  readonly without?: readonly Component[];
  /**
   * Whether it is the caller's alone, so that `World.dropQuery` can let go of it. Default: false, and the
   * same terms share one query, for as long as there is a world.
   */
  readonly own?: boolean;
}

/** What keeps one query up to date. */
type Watched = readonly Store[];

/** The queries of a world: one for each set of terms. */
export class QueryRegistry {
  readonly #world: World;
  readonly #stores: StoreRegistry;
  readonly #byTerms = new Map<string, LiveQuery>();
  readonly #all: LiveQuery[] = [];
  readonly #own = new Map<Query, Watched>();

  constructor(world: World, stores: StoreRegistry) {
    this.#world = world;
    this.#stores = stores;
  }

  /** @throws TypeError without a term, or for a component that isn't registered. */
  get(terms: readonly Component[], options: QueryOptions): Query {
    const wanted = this.#resolve(terms);
    const unwanted = this.#resolve(options.without ?? []);
    if (wanted.length === 0) throw new TypeError("a query needs at least one component");
    if (options.own === true) {
      const own = this.#create(wanted, unwanted, true);
      this.#own.set(own, [...wanted, ...unwanted]);
      return own;
    }
    const key = `${ordinals(wanted)}-${ordinals(unwanted)}`;
    const known = this.#byTerms.get(key);
    if (known !== undefined) return known;
    const query = this.#create(wanted, unwanted, false);
    this.#byTerms.set(key, query);
    return query;
  }

  /** @throws TypeError for a query that isn't its caller's own, or was dropped before. */
  drop(query: Query): void {
    const watched = this.#own.get(query);
    if (watched === undefined) throw new TypeError("that isn't one of this world's own queries");
    this.#own.delete(query);
    const live = query as LiveQuery;
    this.#all.splice(this.#all.indexOf(live), 1);
    for (const store of watched) this.#stores.unwatch(store, live);
  }

  /** Stops listing the entities that have left. */
  commit(): void {
    for (let i = 0; i < this.#all.length; i++) this.#all[i]?.commit();
  }

  #create(wanted: readonly Store[], unwanted: readonly Store[], isOwn: boolean): LiveQuery {
    const world = this.#world;
    const stores = this.#stores;
    const query = new LiveQuery((index) => {
      if (world.handleOf(index) === noEntity) return false;
      for (let i = 0; i < wanted.length; i++) {
        if (!stores.has(index, wanted[i] as Store)) return false;
      }
      for (let i = 0; i < unwanted.length; i++) {
        if (stores.has(index, unwanted[i] as Store)) return false;
      }
      return true;
    }, isOwn);
    for (const entity of world.entities()) {
      const index = world.indexOf(entity);
      if (!hasComponent(world.bit, index, BitPrefab)) query.update(index);
    }
    for (const store of wanted) stores.watch(store, query);
    for (const store of unwanted) stores.watch(store, query);
    this.#all.push(query);
    return query;
  }

  #resolve(terms: readonly Component[]): readonly Store[] {
    const stores = new Set(terms.map((component) => this.#stores.get(component)));
    return [...stores].sort((a, b) => a.ordinal - b.ordinal);
  }
}

function ordinals(stores: readonly Store[]): string {
  return stores.map((store) => store.ordinal).join(",");
}
