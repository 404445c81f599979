import { noEntity, type Query, type QueryDefinition, type QueryTerm } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { HostContext, HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import type { CallInfo } from "../system/call-info.ts";
import { capabilities } from "./capabilities.ts";
import { type Define, hostModule } from "./define.ts";
import type { Neighbours, Searched } from "./neighbours.ts";
import type { WorldView } from "./view.ts";

/** Queries by the names that scripts know them by. */
export type NamedQueries = ReadonlyMap<string, QueryDefinition>;

/** Whose members host functions give. */
interface Members {
  /** As functions are named in their module, `Targets`, and as scripts write it, `Query.Targets`. */
  readonly name: string;
  readonly shown: string;
  readonly searched: Searched;
  readonly terms: readonly QueryTerm[];
}

/**
 * Host functions that find entities. Of module "component", for every component: `C.count` and `C.at`, and where
 * positions are known `C.nearest` and `C.within`. Of module "query", for every named query: the same and `Q.has`; and
 * `found`, which gives what the last search has found.
 */
export function linkQueries(
  linker: Linker,
  world: WorldView,
  queries: NamedQueries,
  neighbours: Neighbours | undefined,
  call: CallInfo,
): void {
  const [ofComponents, ofQueries] = [hostModule(linker, "component"), hostModule(linker, "query")];
  const link = (define: Define, members: Members): Query => {
    const query = world.world.query(members.terms);
    linkMembers(define, world, members, query);
    if (neighbours !== undefined) linkNear(define, world, neighbours, members, call);
    return query;
  };
  for (const { component } of world.components) {
    const { name } = component;
    link(ofComponents, { name, shown: name, searched: component, terms: [component] });
  }
  for (const [name, definition] of queries) {
    const { terms } = definition;
    const members = { name, shown: queryPath(name), searched: definition, terms };
    linkHas(ofQueries, world, members, link(ofQueries, members));
  }
  const found: HostFunction = (_ctx, at) => {
    const known = neighbours?.foundIn === call.serial ? neighbours.foundCount : 0;
    if (neighbours !== undefined && at >= 0 && at < known) return neighbours.found[at];
    throw new HostError(`found: there is no ${at}; this call's last search has found ${known}`);
  };
  ofQueries("found", ["i32"], ["i32"], found, { found: true });
}

/** A named query as scripts write it, and capabilities do. */
export function queryPath(name: string): string {
  return `Query.${name}`;
}

/** What of the world and of named queries a script searches by place, by what it imports. */
export function searchedBy(
  imports: (module: string, name: string) => boolean,
  world: WorldView,
  queries: NamedQueries,
): Searched[] {
  const searches = (module: string, name: string) =>
    ["nearest", "within"].some((what) => imports(module, `${name}.${what}`));
  return [
    ...world.components
      .map(({ component }) => component)
      .filter(({ name }) => searches("component", name)),
    ...[...queries.values()].filter(({ name }) => searches("query", name)),
  ];
}

function linkMembers(
  define: Define,
  { world }: WorldView,
  { name, shown }: Members,
  query: Query,
): void {
  const members = new MemberList(query);
  const capability = capabilities.query(shown);
  define(`${name}.count`, [], ["i32"], () => members.count, {
    price: "component.count",
    capability,
  });
  const at: HostFunction = (_ctx, n) => {
    const { count } = members;
    if (n >= 0 && n < count) return world.handleOf(members.indexAt(n));
    throw new HostError(`${shown}.at: there is no ${n}; ${shown}.count() is ${count}`);
  };
  define(`${name}.at`, ["i32"], ["i32"], at, { price: "component.at", capability });
}

function linkHas(define: Define, world: WorldView, { name, shown }: Members, query: Query): void {
  const label = `${shown}.has`;
  const has: HostFunction = (ctx, entity) => {
    ctx.checkEntity(label, entity);
    return query.has(world.require(label, entity)) ? 1 : 0;
  };
  define(`${name}.has`, ["i32"], ["i32"], has, {
    price: "component.has",
    capability: capabilities.query(shown),
  });
}

function linkNear(
  define: Define,
  world: WorldView,
  neighbours: Neighbours,
  { name, shown, searched }: Members,
  call: CallInfo,
): void {
  const { x, y, view } = neighbours;
  const capability = capabilities.find(shown);
  let paying: HostContext | undefined;
  const charge = (fuel: number): void => (paying as HostContext).charge(fuel);
  const search = (what: "nearest" | "within"): HostFunction => {
    const label = `${shown}.${what}`;
    return (ctx, entity, radius) => {
      const index = world.world.resolve(entity);
      if (index < 0 || !view.has(index, entity)) throw world.refusal(label, entity, view);
      if (!(radius >= 0)) throw new HostError(`${label}: ${radius} is no distance`);
      paying = ctx;
      const fromX = world.shownValue(x, index, entity);
      const fromY = world.shownValue(y, index, entity);
      if (what === "nearest") {
        const nearest = neighbours.nearest(searched, entity, fromX, fromY, radius, charge);
        if (nearest !== noEntity) world.shown?.showOther(ctx.script, nearest);
        return nearest;
      }
      neighbours.foundIn = call.serial;
      const count = neighbours.within(searched, entity, fromX, fromY, radius, charge);
      world.shown?.showFound(ctx.script, neighbours.found, count);
      return count;
    };
  };
  const params = ["i32", "f32"] as const;
  for (const what of ["nearest", "within"] as const) {
    const price = `component.${what}` as const;
    define(`${name}.${what}`, params, ["i32"], search(what), { price, capability });
  }
}

/** The members of a query one after the other, without those that have left and are still listed. */
class MemberList {
  readonly #query: Query;
  #version = -1;
  #present: number[] = [];

  constructor(query: Query) {
    this.#query = query;
  }

  get count(): number {
    return this.#query.count;
  }

  indexAt(n: number): number {
    const query = this.#query;
    const listed = query.entities();
    if (listed.length === query.count) return listed[n] as number;
    if (this.#version !== query.version) {
      this.#version = query.version;
      this.#present = listed.filter((index) => query.has(index));
    }
    return this.#present[n] as number;
  }
}
