import { $internal, addComponent, type World as BitWorld, type InternalWorld } from "bitecs";
import { type Column, createColumn } from "./columns.ts";
import type { Columns, Component } from "./component.ts";
import type { Values } from "./field.ts";
import type { LiveQuery } from "./query.ts";
import { watchComponent } from "./watch.ts";

/** One component in one world. */
export class Store {
  readonly component: Component;
  /** The columns by field name; this object is also the bitECS component. */
  readonly columns: Columns;
  /** In the order of registration, from 0. */
  readonly ordinal: number;
  /** The queries that have to look again when an entity gains or loses the component. */
  readonly dependents: LiveQuery[] = [];
  /** Ends what bitECS tells of it, while there are such queries. */
  unwatch: (() => void) | undefined;
  /** Where bitECS notes who has it, as bits of a number for each entity; once it knows the component. */
  masks: readonly number[] | undefined;
  bitflag = 0;
  readonly #columnList: readonly Column[];

  constructor(component: Component, columns: Columns, ordinal: number) {
    this.component = component;
    this.columns = columns;
    this.ordinal = ordinal;
    this.#columnList = component.fields.map((field) => columns[field.name] as Column);
  }

  /** Sets every field of an index to its default. */
  writeDefaults(index: number): void {
    const { fields } = this.component;
    for (let i = 0; i < fields.length; i++) {
      const column = this.#columnList[i];
      if (column !== undefined) column[index] = fields[i]?.default ?? 0;
    }
  }

  /** Sets some fields of an index. The values have been checked. */
  write(index: number, values: Values): void {
    for (const name in values) {
      const column = this.columns[name];
      const value = values[name];
      if (column !== undefined && value !== undefined) column[index] = value;
    }
  }

  /** Sets the values of some indices: of every field, in the order of declaration. */
  fill(indices: ArrayLike<number>, values: readonly ArrayLike<number>[]): void {
    this.#columnList.forEach((column, field) => {
      const list = values[field] as ArrayLike<number>;
      for (let at = 0; at < indices.length; at++) {
        column[indices[at] as number] = list[at] as number;
      }
    });
  }

  /** Sets every field of the first `length` indices to 0. */
  clear(length: number): void {
    for (const column of this.#columnList) column.fill(0, 0, length);
  }

  /** Calls back with every field's value at an index, in the order of declaration. */
  read(index: number, visit: (value: number) => void): void {
    for (const column of this.#columnList) visit(column[index] ?? 0);
  }
}

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
  readonly #stores = new Map<Component, Store>();
  readonly #byName = new Map<string, Component>();
  #sorted: readonly Store[] = [];
  #assembly: Assembly | undefined;
  readonly #outermost = new Assembly();
  /** Rises with every entity that has got its components. */
  #assembled = 0;

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

  /** Sets all that the first `length` indices hold to 0. */
  clear(length: number): void {
    for (const store of this.#sorted) store.clear(length);
  }

  /** From now on a query looks again whenever an entity gains or loses the component. */
  watch(store: Store, query: LiveQuery): void {
    if (store.dependents.length === 0) {
      store.unwatch = watchComponent(this.#bit, store.columns, this.#length, (index) => {
        const assembly = this.#assembly;
        if (assembly?.index === index) assembly.touched[assembly.count++] = store;
        else updateAll(store.dependents, index);
      });
    }
    store.dependents.push(query);
  }

  /** Undoes one {@link watch}; after the last one bitECS is as before. */
  unwatch(store: Store, query: LiveQuery): void {
    const { dependents } = store;
    dependents.splice(dependents.indexOf(query), 1);
    if (dependents.length > 0) return;
    store.unwatch?.();
    store.unwatch = undefined;
  }

  /**
   * Adds components to an index, whose columns are left as they are. Queries look at it when it has
   * them all, so that one without some component never sees it half made.
   */
  addAll(index: number, stores: readonly Store[]): void {
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
