import type { Column } from "./columns.ts";
import { lastGeneration } from "./entity.ts";
import type { Indices } from "./lifetimes.ts";
import { packNumbers } from "./packed.ts";
import type { QueryOrder } from "./query.ts";
import { SnapshotReader, shownName } from "./snapshot-reader.ts";
import type { Store } from "./store.ts";
import { meetsTerms, type SortedTerms } from "./terms.ts";

const format = "fusewire-world";
const version = 1;

/** One component's members and what they hold, in the order of the members. */
export interface ComponentSnapshot {
  /** Their indices, rising: packed `u32`. */
  readonly members: string;
  /** By name: the column type, and the values, packed as that. */
  readonly fields: Readonly<Record<string, { readonly type: string; readonly values: string }>>;
}

/** The order of a query's members, where it isn't that of their indices. */
export interface QuerySnapshot {
  /** What names the query: see `QueryRegistry.named`. */
  readonly query: string;
  /** Indices as they are listed, packed `u32`. */
  readonly listed: string;
  /** Those of them that have left, in the order they did, packed `u32`. */
  readonly leaving: string;
}

/**
 * All that a world has come to, and all that its future depends on. Plain data: JSON holds it, exactly.
 *
 * Columns are packed, because JSON has neither -0 nor infinities, and so that a value takes 5 bytes and no parsing.
 * bitECS's own serializers wouldn't do: they give entities new ids, so that every handle in a column or outside of
 * the world would name a stranger; they know neither generations nor free ids, so that what is spawned next would
 * differ; they count components in a byte, and believe what they read.
 */
export interface WorldSnapshot {
  readonly format: "fusewire-world";
  readonly version: 1;
  /** Indices that are alive, in the order that bitECS has them in: packed `u32`. */
  readonly alive: string;
  /** Indices that are free, the next one to be used first: packed `u32`. Those in neither list are retired. */
  readonly free: string;
  /** By index, from 1: its entity's generation, or that of its next one: packed `u16`. */
  readonly generations: string;
  readonly components: Readonly<Record<string, ComponentSnapshot>>;
  /** By label: the indices of those that have it, rising, packed `u32`. Scripts are carried by markers. */
  readonly markers: Readonly<Record<string, string>>;
  readonly queries: readonly QuerySnapshot[];
}

/** Writes a snapshot. @throws TypeError for two markers of one label that are both in use. */
export function writeSnapshot(
  indices: Indices,
  stores: readonly Store[],
  has: (index: number, store: Store) => boolean,
  queries: Iterable<readonly [string, QueryOrder]>,
): WorldSnapshot {
  const rising = [...indices.alive].sort((a, b) => a - b);
  const components: [string, ComponentSnapshot][] = [];
  const markers = new Map<string, string>();
  for (const store of stores) {
    const { name, marker } = store.component;
    const members = rising.filter((index) => has(index, store));
    if (!marker) {
      components.push([name, writeComponent(store, members)]);
    } else if (members.length > 0) {
      if (markers.has(name)) {
        throw new TypeError(`two markers are called "${name}", and a snapshot couldn't tell them`);
      }
      markers.set(name, packNumbers("u32", members));
    }
  }
  return {
    format,
    version,
    alive: packNumbers("u32", indices.alive),
    free: packNumbers("u32", indices.free),
    generations: packNumbers("u16", indices.generations),
    components: Object.fromEntries(components),
    markers: Object.fromEntries(markers),
    queries: [...queries].map(([query, { listed, leaving }]) => ({
      query,
      listed: packNumbers("u32", listed),
      leaving: packNumbers("u32", leaving),
    })),
  };
}

function writeComponent(store: Store, members: readonly number[]): ComponentSnapshot {
  const fields = store.component.fields.map(({ name, type }) => {
    const column = store.columns[name] as Column;
    const values = packNumbers(
      type,
      members.map((index) => column[index] as number),
    );
    return [name, { type, values }] as const;
  });
  return { members: packNumbers("u32", members), fields: Object.fromEntries(fields) };
}

/** One component of a snapshot that was read. */
export interface ReadStore {
  readonly store: Store;
  readonly members: Column;
  /** In the order of the component's fields. */
  readonly values: readonly Column[];
}

/** A snapshot that was read and fits. */
export interface ReadSnapshot {
  readonly indices: Indices;
  readonly stores: readonly ReadStore[];
  /** By the queries' names. */
  readonly orders: ReadonlyMap<string, QueryOrder>;
}

/**
 * Reads a snapshot, which may come from anywhere.
 * @param termsOf the terms of the query of that name; undefined where there is no such query.
 * @throws SnapshotError that names all that doesn't fit.
 */
export function readSnapshot(
  snapshot: unknown,
  capacity: number,
  stores: readonly Store[],
  termsOf: (query: string) => SortedTerms<Store> | undefined,
): ReadSnapshot {
  const reader = new SnapshotReader("the world's snapshot");
  const top = reader.top(snapshot, format, version);
  const indices = readIndices(reader, top, capacity);
  const alive = new Uint8Array(capacity);
  for (const index of indices.alive) alive[index] = 1;
  const read: ReadStore[] = [];
  for (const [name, value] of reader.entries("components", top["components"])) {
    const store = stores.find((s) => !s.component.marker && s.component.name === name);
    if (store === undefined) reader.problem(`there is no component ${shownName(name)} here`);
    else read.push(readComponent(reader, store, value, alive));
  }
  for (const [label, value] of reader.entries("markers", top["markers"])) {
    const known = stores.filter((s) => s.component.marker && s.component.name === label);
    const [store] = known;
    if (store === undefined || known.length > 1) {
      const why = known.length > 1 ? "several markers have" : "no marker here has";
      reader.problem(
        `${why} the label ${shownName(label)}; a script's is known once the script is loaded`,
      );
    } else {
      const members = readMembers(reader, `marker ${shownName(label)}`, value, alive);
      read.push({ store, members, values: [] });
    }
  }
  const orders = readOrders(reader, top["queries"], termsOf, read, indices, capacity);
  reader.finish();
  return { indices, stores: read, orders };
}

function readIndices(
  reader: SnapshotReader,
  top: Readonly<Record<string, unknown>>,
  capacity: number,
): Indices {
  const none: Indices = { alive: [], free: [], generations: [] };
  const alive = reader.numbers("alive", "u32", top["alive"]);
  const free = reader.numbers("free", "u32", top["free"]);
  const generations = reader.numbers("generations", "u16", top["generations"]);
  if (generations.length >= capacity) {
    reader.problem(
      `it uses indices up to ${generations.length}; maxEntities is ${capacity}, and has to be above that`,
    );
    return none;
  }
  const seen = new Uint8Array(generations.length + 1);
  for (const index of [...alive, ...free]) {
    if (index === 0 || index >= seen.length || seen[index] === 1) {
      reader.problem(`index ${index} is out of range, or listed twice`);
      return none;
    }
    seen[index] = 1;
  }
  for (let at = 0; at < generations.length; at++) {
    const generation = generations[at] as number;
    if (generation === 0 || generation > lastGeneration + 1) {
      reader.problem(`index ${at + 1} can't have the generation ${generation}`);
      return none;
    }
  }
  const worn = alive.find((index) => (generations[index - 1] as number) > lastGeneration);
  if (worn !== undefined)
    reader.problem(`index ${worn} can't be alive: its generations are used up`);
  return { alive, free, generations };
}

function readMembers(
  reader: SnapshotReader,
  where: string,
  value: unknown,
  alive: Uint8Array,
): Column {
  const members = reader.numbers(where, "u32", value);
  for (let at = 0; at < members.length; at++) {
    const index = members[at] as number;
    if (alive[index] === 1 && (at === 0 || index > (members[at - 1] as number))) continue;
    reader.problem(`${where}: index ${index} isn't alive, or out of order`);
    return new Uint32Array(0);
  }
  return members;
}

function readComponent(
  reader: SnapshotReader,
  store: Store,
  value: unknown,
  alive: Uint8Array,
): ReadStore {
  const { name, fields } = store.component;
  const component = reader.object(name, value);
  const members = readMembers(reader, `${name}'s members`, component["members"], alive);
  const saved = reader.object(`${name}.fields`, component["fields"]);
  for (const field of Object.keys(saved)) {
    if (fields.some((known) => known.name === field)) continue;
    reader.problem(`${name} has no field ${shownName(field)} here`);
  }
  const values = fields.map((field): Column => {
    const where = `${name}.${field.name}`;
    if (!Object.hasOwn(saved, field.name)) {
      reader.problem(`${where} isn't in it`);
      return new Uint8Array(0);
    }
    const { type, values } = reader.object(where, saved[field.name]);
    if (type !== field.type) {
      const found = typeof type === "string" ? shownName(type) : "of no type";
      reader.problem(`${where} is ${found} in it and "${field.type}" here`);
      return new Uint8Array(0);
    }
    return reader.numbers(where, field.type, values, members.length);
  });
  return { store, members, values };
}

function readOrders(
  reader: SnapshotReader,
  value: unknown,
  termsOf: (query: string) => SortedTerms<Store> | undefined,
  read: readonly ReadStore[],
  { alive }: Indices,
  capacity: number,
): ReadonlyMap<string, QueryOrder> {
  const orders = new Map<string, QueryOrder>();
  const list = reader.list("queries", value);
  if (!reader.ok) return orders;
  const sets = new Map(read.map(({ store, members }) => [store, new Set(members)]));
  const has = (index: number, store: Store) => sets.get(store)?.has(index) === true;
  for (const item of list) {
    const query = reader.object("a query", item);
    const name = reader.text("a query's name", query["query"]);
    const listed = reader.numbers("a query's members", "u32", query["listed"]);
    const leaving = reader.numbers("who leaves a query", "u32", query["leaving"]);
    const terms = termsOf(name);
    // One that nobody asks for here.
    if (terms === undefined) continue;
    const places = new Uint8Array(capacity);
    let fits = !orders.has(name);
    for (const index of listed) {
      if (index === 0 || index >= capacity || places[index] === 1) fits = false;
      else places[index] = 1;
    }
    for (const index of leaving) if (index >= capacity) fits = false;
    const leavers = new Set(leaving);
    for (const index of alive) {
      if (meetsTerms(terms, has, index)) {
        if (places[index] !== 1) fits = false;
        places[index] = 2;
      }
    }
    for (const index of listed) if (places[index] === 1 && !leavers.has(index)) fits = false;
    if (!fits) reader.problem(`the members of query ${shownName(name)} aren't those listed`);
    else orders.set(name, { listed: [...listed], leaving: [...leaving] });
  }
  return orders;
}
