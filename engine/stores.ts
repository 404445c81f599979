import {
  $internal,
  addComponent,
  type World as BitWorld,
  type ComponentData,
  type InternalWorld,
} from "bitecs";
import { type Column, createColumn } from "./columns.ts";
import type { Columns, Component } from "./component.ts";
import { type PartSets, partSetsOf, type SharedParts } from "./part-sets.ts";
import type { LiveQuery } from "./query.ts";
import { type Holders, type Kit, Store } from "./store.ts";
import { dataOf, unwatchComponent, watchComponent } from "./watch.ts";

/** An entity that is being given its components, and those that it has got so far. */
class Assembly {
  index = -1;
  readonly touched: Store[] = [];
  /** How many of those are of this entity; the list is used again. */
  count = 0;
  /** Inside of it, if an observer makes an entity while this one is being made. */
  inner: Assembly | undefined;
}

/** The components of a world. */
export class StoreRegistry {
  readonly #bit: BitWorld;
  readonly #length: number;
  #sets: PartSets | undefined;
  readonly #stores = new Map<Component, Store>();
  readonly #byName = new Map<string, Component>();
  #sorted: readonly Store[] = [];
  #assembly: Assembly | undefined;
  readonly #outermost = new Assembly();
  /** Rises with every entity that has got its components. */
  #assembled = 0;
  /** Rises whenever there is another query, or one less. */
  #queriesSerial = 0;

  constructor(bit: BitWorld, columnLength: number) {
    this.#bit = bit;
    this.#length = columnLength;
  }

  /** The components that were registered, markers not among them. */
  get components(): ReadonlyMap<string, Component> {
    return this.#byName;
  }

  /** Every store, markers among them, in the order of their names. */
  get sorted(): readonly Store[] {
    return this.#sorted;
  }

  /** @throws TypeError for a name or a store that is taken, RangeError for a column too short. */
  register(component: Component): Store {
    const { name, store: adopted } = component;
    if (!component.marker && this.#byName.has(name)) {
      throw new TypeError(`two components are named ${name}`);
    }
    const columns = adopted ?? this.#createColumns(component);
    for (const other of this.#sorted) {
      if (other.columns === columns) {
        throw new TypeError(`${name} and ${other.component.name} adopt the same store`);
      }
    }
    for (const field of component.fields) {
      const length = columns[field.name]?.length ?? 0;
      if (length < this.#length) {
        throw new RangeError(
          `store of ${name}: ${field.name} holds ${length} values; maxEntities is ${this.#length}`,
        );
      }
    }
    const store = new Store(component, columns, this.#stores.size);
    this.#stores.set(component, store);
    if (!component.marker) this.#byName.set(name, component);
    this.#sorted = [...this.#sorted, store].sort(byName);
    return store;
  }

  /** @throws TypeError for a component that isn't registered; a marker is, by its first use. */
  get(component: Component): Store {
    const store = this.#stores.get(component);
    if (store !== undefined) return store;
    if (component.marker) return this.register(component);
    throw new TypeError(`component ${component.name} is not registered in this world`);
  }

  /** Whether bitECS says that an index has a component; `hasComponent`, without looking that up first. */
  has(index: number, store: Store): boolean {
    const masks = store.masks ?? this.#masksOf(store);
    return masks !== undefined && ((masks[index] as number) & store.bitflag) !== 0;
  }

  /** Who has a component. */
  holders(store: Store): Holders {
    return { has: (index) => this.has(index, store) };
  }

  /** Sets all that the first `length` indices hold to 0. */
  clear(length: number): void {
    for (const store of this.#sorted) store.clear(length);
  }

  /** From now on a query looks again whenever an entity gains or loses the component. */
  watch(store: Store, query: LiveQuery): void {
    if (store.dependents.length === 0) {
      store.watch = watchComponent(
        this.#bit,
        store.columns,
        this.#length,
        (index) => {
          const assembly = this.#assembly;
          if (assembly?.index === index) assembly.touched[assembly.count++] = store;
          else updateAll(store.dependents, index);
        },
        (index) => {
          // What has ended is in no query, whatever that asks for.
          for (let i = 0; i < store.dependents.length; i++) store.dependents[i]?.remove(index);
        },
      );
    }
    store.dependents.push(query);
    this.#queriesSerial++;
  }

  /** Undoes one {@link watch}; after the last one bitECS is as before. */
  unwatch(store: Store, query: LiveQuery): void {
    const { dependents } = store;
    dependents.splice(dependents.indexOf(query), 1);
    this.#queriesSerial++;
    if (dependents.length > 0 || store.watch === undefined) return;
    unwatchComponent(this.#bit, store.columns, store.watch);
    store.watch = undefined;
  }

  /**
   * Adds components to an index, whose columns are left as they are. Queries look at it when it has
   * them all, so that one without some component never sees it half made.
   */
  addAll(index: number, kit: Kit): void {
    const { stores } = kit;
    if (this.#addQuietly(index, kit)) {
      this.#joinQueries(index, kit);
      return;
    }
    const outer = this.#assembly; // an observer may make an entity while another is being made
    const assembly = outer === undefined ? this.#outermost : (outer.inner ?? new Assembly());
    if (outer !== undefined) outer.inner = assembly;
    assembly.index = index;
    assembly.count = 0;
    this.#assembly = assembly;
    try {
      for (let i = 0; i < stores.length; i++) {
        addComponent(this.#bit, index, (stores[i] as Store).columns);
      }
    } finally {
      this.#assembly = outer;
      const serial = ++this.#assembled;
      for (let i = 0; i < assembly.count; i++) {
        const { dependents } = assembly.touched[i] as Store;
        for (let d = 0; d < dependents.length; d++) dependents[d]?.updateOnce(index, serial);
      }
    }
  }

  /**
   * Does what `addComponent` does for each component of a kit, and tells no query of the world's.
   * @returns false where that isn't all, or the entity has components already: then nothing has changed.
   */
  #addQuietly(index: number, kit: Kit): boolean {
    if (!this.#isQuiet(kit)) return false;
    const { entityMasks } = (this.#bit as InternalWorld)[$internal];
    // Undefined for an index that no entity had before.
    for (let i = 0; i < entityMasks.length; i++) if (entityMasks[i]?.[index]) return false;
    const { parts, stores } = kit;
    this.#sets ??= partSetsOf(this.#bit, this.#length);
    if (!this.#sets.shares(index, parts)) {
      const own = this.#sets.get(index);
      if (own === undefined) return false;
      for (const part of parts) own.add(part);
    }
    for (let i = 0; i < stores.length; i++) {
      const { bitflag, masks, watch } = stores[i] as Store & { readonly masks: number[] };
      masks[index] = (masks[index] as number) | bitflag;
      watch?.add(index);
    }
    return true;
  }

  /** What a kit gives, where nobody hears of who gets it; else undefined. */
  quiet(kit: Kit): SharedParts | undefined {
    return this.#isQuiet(kit) ? kit.parts : undefined;
  }

  /** Whether no query of the game's own, and no observer, has to be asked about who gets a kit. */
  #isQuiet({ stores }: Kit): boolean {
    for (let i = 0; i < stores.length; i++) {
      const store = stores[i] as Store;
      const { queries } = store.data ?? this.#meet(store);
      if (queries.size > (store.watch === undefined ? 0 : 1)) return false;
    }
    return true;
  }

  /** Who has got just these components, and none before, joins the queries that they make it a member of. */
  #joinQueries(index: number, kit: Kit): void {
    const { queries, queriesSerial, stores } = kit;
    if (queries !== undefined && queriesSerial === this.#queriesSerial) {
      for (let i = 0; i < queries.length; i++) queries[i]?.add(index);
      return;
    }
    const serial = ++this.#assembled;
    const joined: LiveQuery[] = [];
    for (let i = 0; i < stores.length; i++) {
      const { dependents } = stores[i] as Store;
      for (let d = 0; d < dependents.length; d++) {
        const query = dependents[d] as LiveQuery;
        if (query.updateOnce(index, serial)) joined.push(query);
      }
    }
    kit.queries = joined;
    kit.queriesSerial = this.#queriesSerial;
  }

  /** bitECS knows a component from now on, if it didn't. */
  #meet(store: Store): ComponentData {
    const data = dataOf(this.#bit, store.columns);
    store.data = data;
    this.#masksOf(store);
    return data;
  }

  #masksOf(store: Store): readonly number[] | undefined {
    const { componentMap, entityMasks } = (this.#bit as InternalWorld)[$internal];
    const data = componentMap.get(store.columns);
    if (data === undefined) return undefined;
    store.bitflag = data.bitflag;
    store.masks = entityMasks[data.generationId];
    return store.masks;
  }

  #createColumns(component: Component): Columns {
    const columns: Record<string, Column> = {};
    for (const { name, type } of component.fields) {
      columns[name] = createColumn(type, this.#length);
    }
    return columns;
  }
}

function updateAll(queries: readonly LiveQuery[], index: number): void {
  for (let i = 0; i < queries.length; i++) queries[i]?.update(index);
}

function byName(a: Store, b: Store): number {
  const [left, right] = [a.component.name, b.component.name];
  return left < right ? -1 : left > right ? 1 : a.ordinal - b.ordinal;
}
