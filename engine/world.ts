import {
  addComponent,
  type World as BitWorld,
  commitRemovals,
  createWorld,
  removeComponent,
} from "bitecs";
import { descendantsOf } from "./child-of.ts";
import type { Columns, Component } from "./component.ts";
import {
  type Entity,
  type EntityTable,
  type Lives,
  maxIndexCount,
  noEntity,
  type StaleEntityError,
} from "./entity.ts";
import { checkValues, type Fields, type Values } from "./field.ts";
import { Hasher } from "./hash.ts";
import { Lifetimes } from "./lifetimes.ts";
import type { Prefab, PrefabPart } from "./prefab.ts";
import { type QueryOptions, QueryRegistry } from "./queries.ts";
import type { Query, QueryOrder } from "./query.ts";
import { RecipeBook } from "./recipes.ts";
import { type Holders, Kit, type Store } from "./store.ts";
import { StoreRegistry } from "./stores.ts";
import type { QueryTerm } from "./terms.ts";
import { readSnapshot, type WorldSnapshot, writeSnapshot } from "./world-snapshot.ts";

export interface WorldOptions {
  readonly components: readonly Component[];
  readonly prefabs?: readonly Prefab[];
  /**
   * Length of every column, 2 … 1,048,576; 16,384 when not given. Index 0 is never used, so one
   * fewer entity can be alive at a time. A handle is never used twice, so over a world's life each
   * index can be used 2,015 times: 33 million spawns by default.
   */
  readonly maxEntities?: number;
  /**
   * A bitECS world to take over, with the entities it has. It must not use `withVersioning`, must
   * not have used ids up to `maxEntities`, and must not be reset from now on.
   */
  readonly bitWorld?: BitWorld;
}

/**
 * A bitECS world with typed columns and handles that can't name the wrong entity.
 *
 * Entities may also be added, removed and given components through bitECS on `world.bit`; handles
 * and queries follow. bitECS itself writes no defaults, though: only this class does.
 */
export class World {
  /** The bitECS world, for a game's own queries. */
  readonly bit: BitWorld;
  /** Length of every column. */
  readonly maxEntities: number;
  readonly #stores: StoreRegistry;
  readonly #lifetimes: Lifetimes;
  readonly #table: EntityTable;
  readonly #recipes: RecipeBook;
  readonly #queries: QueryRegistry;

  /** @throws TypeError or RangeError naming what is wrong with the options. */
  constructor(options: WorldOptions) {
    const maxEntities = options.maxEntities ?? 16_384;
    if (!Number.isInteger(maxEntities) || maxEntities < 2 || maxEntities > maxIndexCount) {
      throw new RangeError(`maxEntities must be 2 … ${maxIndexCount}, not ${maxEntities}`);
    }
    this.maxEntities = maxEntities;
    this.bit = options.bitWorld ?? createWorld();
    this.#stores = new StoreRegistry(this.bit, maxEntities);
    for (const component of options.components) this.register(component);
    this.#recipes = new RecipeBook(this.#stores, options.prefabs ?? []);
    this.#queries = new QueryRegistry(this, this.#stores);
    this.#lifetimes = new Lifetimes(this.bit, maxEntities);
    this.#table = this.#lifetimes.table;
  }

  /** The registered components by name. */
  get components(): ReadonlyMap<string, Component> {
    return this.#stores.components;
  }

  /** The prefabs by name. */
  get prefabs(): ReadonlyMap<string, Prefab> {
    return this.#recipes.prefabs;
  }

  /** How many entities are in the world. Reserved ones aren't, until they are materialised. */
  get aliveCount(): number {
    return this.#lifetimes.aliveCount;
  }

  /** Adds a component to those given at construction. @throws TypeError when its name is taken. */
  register(component: Component): this {
    if (component.marker) throw new TypeError(`marker "${component.name}" needs no registration`);
    this.#stores.register(component);
    return this;
  }

  /**
   * A component's columns, to be indexed by an entity's index. Also its bitECS component. Always
   * the same object for the same component, so a system may fetch it once.
   */
  columns<F extends Fields>(component: Component<F>): Columns<F> {
    return this.#stores.get(component).columns as Columns<F>;
  }

  /**
   * Adds an entity with a prefab's components, then with more of them or other values:
   * `world.spawn(Bullet, withValues(Position, { x: 3 }))`. Observers see the final values.
   * @throws CapacityError when `maxEntities` is reached; then nothing has changed.
   */
  spawn(prefab?: Prefab, ...overrides: readonly PrefabPart[]): Entity {
    const recipe = this.#recipes.get(prefab);
    const all = overrides.length === 0 ? recipe : this.#recipes.extend(recipe, overrides);
    const index = this.#lifetimes.begin(this.#stores.quiet(all.kit));
    all.write(index);
    this.#stores.addAll(index, all.kit);
    return this.handleOf(index);
  }

  /**
   * Ends an entity, and those that are its children by {@link ChildOf}. Their handles are stale from now on, for ever.
   * @throws StaleEntityError
   */
  despawn(entity: Entity): void {
    const index = this.indexOf(entity);
    const descendants = descendantsOf(this, entity);
    this.#lifetimes.end(index);
    // What observes the first may have ended others.
    for (const child of descendants)
      if (this.isAlive(child)) this.#lifetimes.end(this.indexOf(child));
  }

  /** Whether a handle names a live entity. Takes any number whatever. */
  isAlive(handle: number): boolean {
    return this.#table.resolve(handle) >= 0;
  }

  /** An entity's index. @throws StaleEntityError naming the handle, its index and generations. */
  indexOf(handle: number): number {
    const index = this.#table.resolve(handle);
    if (index < 0) throw this.staleError(handle);
    return index;
  }

  /** An entity's index, or -1 for a stale or forged handle. Takes any number; never allocates. */
  resolve(handle: number): number {
    return this.#table.resolve(handle);
  }

  /** The handle of the entity that lives at an index; 0 when none does. Takes any number. */
  handleOf(index: number): Entity {
    return this.#table.handleAt(index);
  }

  /** Who is alive, to look at many at a time; reserved ones included. */
  get lives(): Lives {
    return this.#table;
  }

  /** No entity has, or had, an index from here on. */
  get indexEnd(): number {
    return this.#lifetimes.indexEnd;
  }

  /** The error that `indexOf` would throw for a handle that isn't alive. */
  staleError(handle: number): StaleEntityError {
    return this.#lifetimes.staleError(handle);
  }

  /** Every live entity's handle, in the order of their indices; reserved ones left out. */
  *entities(): Generator<Entity, void> {
    for (let index = 1; index < this.#lifetimes.indexEnd; index++) {
      const handle = this.handleOf(index);
      if (handle !== noEntity && !this.#lifetimes.isReserved(index)) yield handle;
    }
  }

  /**
   * Gives an entity a component: its defaults first, then the values. One that it has already only
   * gets the values. Returns whether it is new.
   * @throws StaleEntityError; TypeError or RangeError for values that don't fit.
   */
  add<F extends Fields>(entity: Entity, component: Component<F>, values?: Values<F>): boolean {
    const index = this.#settledIndexOf(entity);
    const store = this.#stores.get(component);
    if (values !== undefined) checkValues(component, values);
    const isNew = !this.#stores.has(index, store);
    if (isNew) store.writeDefaults(index);
    if (values !== undefined) store.write(index, values);
    if (isNew) addComponent(this.bit, index, store.columns);
    return isNew;
  }

  /**
   * Gives an entity a component and leaves the values in its columns as they are: for an addition
   * that was decided on, and written to, earlier. Returns whether it is new.
   * @throws StaleEntityError
   */
  addAsIs(entity: Entity, component: Component): boolean {
    const index = this.#settledIndexOf(entity);
    return addComponent(this.bit, index, this.#stores.get(component).columns);
  }

  /** Takes a component away. Returns whether the entity had it. @throws StaleEntityError */
  remove(entity: Entity, component: Component): boolean {
    const index = this.#settledIndexOf(entity);
    const store = this.#stores.get(component);
    if (!this.#stores.has(index, store)) return false;
    removeComponent(this.bit, index, store.columns);
    return true;
  }

  /** Whether an entity has a component; a reserved one has none. @throws StaleEntityError */
  has(entity: Entity, component: Component): boolean {
    return this.#stores.has(this.indexOf(entity), this.#stores.get(component));
  }

  /** Who has a component, by index; unlike a query it costs nothing while nobody asks, and lists nobody. */
  holders(component: Component): Holders {
    return this.#stores.holders(this.#stores.get(component));
  }

  /**
   * Registers a query, or returns the one registered for the same terms: `query([Position, Not(Frozen)])`. Keep it:
   * asking costs.
   * @param terms components that members have, and operators: `Not`, `Or`.
   * @throws TypeError for what is no term, for a component that isn't registered, and unless members have to have a
   * component at least.
   */
  query(terms: readonly QueryTerm[], options: QueryOptions = {}): Query {
    return this.#queries.get(terms, options);
  }

  /**
   * Lets go of a query that was registered with `own`: it stays as it is from now on.
   * @throws TypeError for any other query, or one that was dropped before.
   */
  dropQuery(query: Query): void {
    this.#queries.drop(query);
  }

  /** Lets queries stop listing the entities that left them. A game does so before every system. */
  commit(): void {
    this.#queries.commit();
    commitRemovals(this.bit);
    this.#lifetimes.retireWorn();
  }

  /**
   * Takes a handle for an entity that may still be undone. The handle is alive, and its columns
   * may be written, but the entity has no components, is in no query and isn't in `bit`.
   * @throws CapacityError when `maxEntities` is reached.
   */
  reserve(): Entity {
    return this.#lifetimes.reserve();
  }

  /**
   * Undoes the latest reservation that hasn't been materialised: the next one gets the same handle.
   * @throws Error for any other handle.
   */
  release(entity: Entity): void {
    this.#lifetimes.release(entity);
  }

  /**
   * Makes a reserved entity a real one, with a prefab's components, and leaves the values in its
   * columns as they are. @throws StaleEntityError, or Error when it isn't reserved.
   */
  materialise(entity: Entity, prefab?: Prefab): void {
    const recipe = this.#recipes.get(prefab);
    const index = this.#reservedIndexOf(entity);
    this.#lifetimes.materialise(index, this.#stores.quiet(recipe.kit));
    this.#stores.addAll(index, recipe.kit);
  }

  /**
   * Writes a prefab's values, defaults included, into the columns of a reserved entity.
   * @throws StaleEntityError, or Error when it isn't reserved.
   */
  writeDefaults(entity: Entity, prefab: Prefab): void {
    const recipe = this.#recipes.get(prefab);
    recipe.write(this.#reservedIndexOf(entity));
  }

  /**
   * A hash of every live entity's handle, components and column values: 16 hexadecimal digits.
   * Doesn't depend on the order in which anything was registered or added. Reserved entities, and
   * values left behind in columns by entities that lack the component, don't count.
   */
  hash(): string {
    const hasher = new Hasher();
    const visit = (value: number): void => hasher.number(value);
    for (const entity of this.entities()) {
      const index = this.indexOf(entity);
      hasher.word(entity);
      for (const store of this.#stores.sorted) {
        if (!this.#stores.has(index, store)) continue;
        hasher.text(store.component.name);
        store.read(index, visit);
      }
    }
    return hasher.digest();
  }

  /**
   * All that the world has come to: entities under their handles, components and what they hold, and what the handles
   * of entities to come depend on. Plain data that JSON holds. What a game keeps in bitECS without having registered
   * it, its own queries there, and values left behind by components that were removed aren't part of it.
   * @throws Error while entities are reserved, or bitECS has prefabs of its own; TypeError for two markers of one
   * label.
   */
  save(): WorldSnapshot {
    const orders: [string, QueryOrder][] = [];
    for (const [name, { query }] of this.#queries.named()) {
      if (query.order !== undefined) orders.push([name, query.order]);
    }
    const { sorted } = this.#stores;
    const has = (index: number, store: Store) => this.#stores.has(index, store);
    return writeSnapshot(this.#lifetimes.save(), sorted, has, orders);
  }

  /**
   * Puts the world into the state of a snapshot: of this world, or of another one with the same components. The
   * entities that there are end, and observers are told, of those that begin, too; they must not change the world
   * meanwhile. Columns are 0 wherever the snapshot has no component. `hash()` is then what it was, and so is all that follows. Handles from before name nothing, or
   * whoever had them in the snapshot.
   * @param snapshot may come from anywhere.
   * @throws SnapshotError that names all that doesn't fit: other components, fields or types, more entities than
   * there is room for, values that there can't be; Error like {@link save}. Nothing has changed then.
   */
  load(snapshot: WorldSnapshot): void {
    const named = this.#queries.named();
    const { indices, stores, orders } = readSnapshot(
      snapshot,
      this.maxEntities,
      this.#stores.sorted,
      (name) => named.get(name)?.terms,
    );
    this.#lifetimes.load(indices);
    this.#stores.clear(this.maxEntities);
    const parts = new Map<number, Store[]>();
    for (const { store, members, values } of stores) {
      store.fill(members, values);
      for (const index of members) {
        const list = parts.get(index);
        if (list === undefined) parts.set(index, [store]);
        else list.push(store);
      }
    }
    for (const index of indices.alive) this.#stores.addAll(index, new Kit(parts.get(index) ?? []));
    this.#queries.commit();
    for (const [name, { query }] of named) query.setOrder(orders.get(name));
  }

  #settledIndexOf(entity: Entity): number {
    const index = this.indexOf(entity);
    if (!this.#lifetimes.isReserved(index)) return index;
    throw new Error(`entity ${entity} is only reserved; materialise it first`);
  }

  #reservedIndexOf(entity: Entity): number {
    const index = this.indexOf(entity);
    if (this.#lifetimes.isReserved(index)) return index;
    throw new Error(`entity ${entity} isn't reserved`);
  }
}
