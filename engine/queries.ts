import { Prefab as BitPrefab, hasComponent } from "bitecs";
import type { Component } from "./component.ts";
import { noEntity } from "./entity.ts";
import { LiveQuery, type Query } from "./query.ts";
import type { Store } from "./store.ts";
import type { StoreRegistry } from "./stores.ts";
import { meetsTerms, partsOf, type QueryTerm, type SortedTerms, sortTerms } from "./terms.ts";
import type { World } from "./world.ts";

export interface QueryOptions {
  /**
   * Whether it is the caller's alone, so that `World.dropQuery` can let go of it. Default: false, and the
   * same terms share one query, for as long as there is a world.
   */
  readonly own?: boolean;
}

/** What a query is of: also what keeps it up to date. Every list is in the order of registration. */
type Terms = SortedTerms<Store>;

/** The queries of a world: one for each set of terms. */
export class QueryRegistry {
  readonly #world: World;
  readonly #stores: StoreRegistry;
  readonly #has: (index: number, store: Store) => boolean;
  readonly #byTerms = new Map<string, LiveQuery>();
  /** In the order they were asked for. */
  readonly #all: LiveQuery[] = [];
  readonly #terms = new Map<LiveQuery, Terms>();
  readonly #own = new Set<Query>();

  constructor(world: World, stores: StoreRegistry) {
    this.#world = world;
    this.#stores = stores;
    this.#has = (index, store) => stores.has(index, store);
  }

  /** @throws TypeError for terms that want nothing of members, or a component that isn't registered. */
  get(list: readonly QueryTerm[], options: QueryOptions): Query {
    const terms = this.#resolve(list);
    if (options.own === true) {
      const own = this.#create(terms, true);
      this.#own.add(own);
      return own;
    }
    const key = nameOf(terms, (stores) => stores.map((store) => store.ordinal).join(","));
    const known = this.#byTerms.get(key);
    if (known !== undefined) return known;
    const query = this.#create(terms, false);
    this.#byTerms.set(key, query);
    return query;
  }

  /** @throws TypeError for a query that isn't its caller's own, or was dropped before. */
  drop(query: Query): void {
    if (!this.#own.delete(query)) {
      throw new TypeError("that isn't one of this world's own queries");
    }
    const live = query as LiveQuery;
    const terms = this.#terms.get(live) as Terms;
    this.#all.splice(this.#all.indexOf(live), 1);
    this.#terms.delete(live);
    for (const store of partsOf(terms)) this.#stores.unwatch(store, live);
  }

  /**
   * Every query, by a name that says its terms, whether it is somebody's own, and which of several it is: the same
   * for the same query of a game in every run.
   */
  named(): ReadonlyMap<string, { readonly query: LiveQuery; readonly terms: Terms }> {
    const named = new Map<string, { readonly query: LiveQuery; readonly terms: Terms }>();
    for (const [query, terms] of this.#terms) {
      const own = this.#own.has(query) ? "own " : "";
      const base = `${own}${nameOf(terms, names)}`;
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

  #create(terms: Terms, isOwn: boolean): LiveQuery {
    const world = this.#world;
    const stores = this.#stores;
    const has = this.#has;
    const matches = (index: number) =>
      world.handleOf(index) !== noEntity && meetsTerms(terms, has, index);
    const query = new LiveQuery(matches, isOwn);
    for (const entity of world.entities()) {
      const index = world.indexOf(entity);
      if (!hasComponent(world.bit, index, BitPrefab)) query.update(index);
    }
    for (const store of partsOf(terms)) stores.watch(store, query);
    this.#all.push(query);
    this.#terms.set(query, terms);
    return query;
  }

  #resolve(list: readonly QueryTerm[]): Terms {
    const { all, any, none } = sortTerms("a query", list);
    const resolve = (components: readonly Component[]): readonly Store[] =>
      components
        .map((component) => this.#stores.get(component))
        .sort((a, b) => a.ordinal - b.ordinal);
    return { all: resolve(all), any: any.map(resolve), none: resolve(none) };
  }
}

/** The same for the same terms in any order. @param names of what one list holds. */
function nameOf({ all, any, none }: Terms, names: (stores: readonly Store[]) => string): string {
  const either = [...new Set(any.map((stores) => ` and any of ${names(stores)}`))].sort();
  return `${names(all)}${either.join("")} without ${names(none)}`;
}

/** Markers are told from components by what no component's name begins with. */
function names(stores: readonly Store[]): string {
  const all = stores.map(({ component: { marker, name } }) => (marker ? `#${name}` : name));
  return JSON.stringify(all.sort());
}
