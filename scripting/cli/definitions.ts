import type { Component, Message, Prefab, QueryDefinition } from "../../engine/index.ts";
import type { Positions } from "../host/neighbours.ts";
import { CommandFailure } from "./failure.ts";

/** What scripts may know of a game. */
export interface Definitions {
  readonly components: readonly Component[];
  readonly prefabs: readonly Prefab[];
  readonly messages: readonly Message[];
  readonly queries: readonly QueryDefinition[];
  /** Where entities are, for searches; undefined for a game that has none. */
  readonly positions: Positions | undefined;
}

/** A loaded module: its path, as its user would write it, and what it exports. */
export interface GameModule {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Kind<T> {
  readonly list: "components" | "prefabs" | "messages" | "queries";
  readonly maker: string;
  is(value: unknown): value is T;
}

const componentKind: Kind<Component> = {
  list: "components",
  maker: "defineComponent",
  is: (value): value is Component =>
    isRecord(value) && isNamed(value) && Array.isArray(value["fields"]) && "marker" in value,
};

const prefabKind: Kind<Prefab> = {
  list: "prefabs",
  maker: "definePrefab",
  is: (value): value is Prefab =>
    isRecord(value) && isNamed(value) && Array.isArray(value["parts"]),
};

const messageKind: Kind<Message> = {
  list: "messages",
  maker: "defineMessage",
  is: (value): value is Message =>
    isRecord(value) && isNamed(value) && Array.isArray(value["fields"]) && "defaults" in value,
};

const queryKind: Kind<QueryDefinition> = {
  list: "queries",
  maker: "defineQuery",
  is: (value): value is QueryDefinition =>
    isRecord(value) && isNamed(value) && Array.isArray(value["terms"]),
};

/**
 * The components, prefabs, messages and queries that modules export: those in its lists `components`, `prefabs`,
 * `messages` and `queries`, and without such a list each that it exports by itself; and `positions`. What is exported twice counts once.
 * Told by their shape, as a game may have another copy of this package than the one that runs here.
 * @throws CommandFailure when a module exports nothing of that, a list holds something else, or two share a name.
 */
export function definitionsOf(modules: readonly GameModule[]): Definitions {
  const components = new Map<string, Component>();
  const prefabs = new Map<string, Prefab>();
  const messages = new Map<string, Message>();
  const queries = new Map<string, QueryDefinition>();
  let positions: Positions | undefined;
  for (const module of modules) {
    const ownComponents = exported(module, componentKind);
    const ownPrefabs = exported(module, prefabKind);
    const ownMessages = exported(module, messageKind);
    const ownQueries = exported(module, queryKind);
    const ownPositions = positionsOf(module);
    const lists = [ownComponents, ownPrefabs, ownMessages, ownQueries];
    if (lists.every((list) => list.length === 0) && ownPositions === undefined)
      throw nothingExported(module);
    collect(components, ownComponents, module);
    collect(prefabs, ownPrefabs, module);
    collect(messages, ownMessages, module);
    collect(queries, ownQueries, module);
    positions ??= ownPositions;
  }
  return {
    components: [...components.values()],
    prefabs: [...prefabs.values()],
    messages: [...messages.values()],
    queries: [...queries.values()],
    positions,
  };
}

function positionsOf({ path, exports }: GameModule): Positions | undefined {
  const { positions } = exports;
  if (positions === undefined) return undefined;
  const isOne =
    isRecord(positions) &&
    componentKind.is(positions["component"]) &&
    typeof positions["x"] === "string" &&
    typeof positions["y"] === "string";
  if (isOne) return positions as unknown as Positions;
  throw new CommandFailure(
    `${path}: positions has to be { component, x, y }, with two fields' names`,
  );
}

function exported<T>(module: GameModule, kind: Kind<T>): readonly T[] {
  const list = module.exports[kind.list];
  if (list === undefined) return Object.values(module.exports).filter((value) => kind.is(value));
  const where = `${module.path}: ${kind.list}`;
  const wanted = `what ${kind.maker} returns`;
  if (!isIterable(list)) throw new CommandFailure(`${where} has to be a list of ${wanted}`);
  return [...list].map((item, index) => {
    if (kind.is(item)) return item;
    throw new CommandFailure(`${where}[${index}] has to be ${wanted}`);
  });
}

function collect<T extends { readonly name: string }>(
  known: Map<string, T>,
  items: readonly T[],
  { path }: GameModule,
): void {
  for (const item of items) {
    if ((known.get(item.name) ?? item) !== item) {
      throw new CommandFailure(`${path}: there are two that are called ${item.name}`);
    }
    known.set(item.name, item);
  }
}

function nothingExported({ path, exports }: GameModule): CommandFailure {
  const names = Object.keys(exports).join(", ") || "nothing";
  return new CommandFailure(
    `${path} exports no components, prefabs, messages or queries, but ${names}; ` +
      "export them one by one, or as lists called components, prefabs, messages and queries",
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isNamed(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value["name"] === "string";
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isRecord(value) && Symbol.iterator in value;
}
