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

/** What a query is of: also what keeps it up to date. */
interface Terms {
  readonly wanted: readonly Store[];
  readonly unwanted: readonly Store[];
}

/** The queries of a world: one for each set of terms. */
export class QueryRegistry {
  readonly #world: World;
  readonly #stores: StoreRegistry;
  readonly #byTerms = new Map<string, LiveQuery>();
  /** In the order they were asked for. */
  readonly #all: LiveQuery[] = [];
  readonly #terms = new Map<LiveQuery, Terms>();
  readonly #own = new Set<Query>();

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
      this.#own.add(own);
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
    if (!this.#own.delete(query)) {
      throw new TypeError("that isn't one of this world's own queries");
    }
    const live = query as LiveQuery;
    const { wanted, unwanted } = this.#terms.get(live) as Terms;
    this.#all.splice(this.#all.indexOf(live), 1);
    this.#terms.delete(live);
    for (const store of [...wanted, ...unwanted]) this.#stores.unwatch(store, live);
  }

  /**
   * Every query, by a name that says its terms, whether it is somebody's own, and which of several it is: the same
   * for the same query of a game in every run.
   */
  named(): ReadonlyMap<string, { readonly query: LiveQuery; readonly terms: Terms }> {
    const named = new Map<string, { readonly query: LiveQuery; readonly terms: Terms }>();
    for (const [query, terms] of this.#terms) {
      const own = this.#own.has(query) ? "own " : "";
      const base = `${own}${names(terms.wanted)} without ${names(terms.unwanted)}`;
      let name = base;
      for (let n = 2; named.has(name); n++) name = `${base} ${n}`;
      named.set(name, { query, terms });
    }
    return named;
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
    this.#terms.set(query, { wanted, unwanted });
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

/** Markers are told from components by what no component's name begins with. */
function names(stores: readonly Store[]): string {
  const all = stores.map(({ component: { marker, name } }) => (marker ? `#${name}` : name));
  return JSON.stringify(all.sort());
}
