import { noEntity, type Query } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { HostContext, HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import type { CallInfo } from "../system/call-info.ts";
import { capabilities } from "./capabilities.ts";
import { type Define, hostModule } from "./define.ts";
import type { Neighbours } from "./neighbours.ts";
import type { ComponentView, WorldView } from "./view.ts";

/**
 * Host functions of module "component" that find entities: for every component `C.count` and `C.at`, and where
 * positions are known `C.nearest` and `C.within`, whose finds `found` of module "query" gives.
 */
export function linkQueries(
  linker: Linker,
  world: WorldView,
  neighbours: Neighbours | undefined,
  call: CallInfo,
): void {
  const define = hostModule(linker, "component");
  for (const view of world.components) {
    linkMembers(define, world, view);
    if (neighbours !== undefined) linkNear(define, world, neighbours, view, call);
  }
  const found: HostFunction = (_ctx, at) => {
    const known = neighbours?.foundIn === call.serial ? neighbours.foundCount : 0;
    if (neighbours !== undefined && at >= 0 && at < known) return neighbours.found[at];
    throw new HostError(`found: there is no ${at}; this call's last search has found ${known}`);
  };
  hostModule(linker, "query")("found", ["i32"], ["i32"], found, { found: true });
}

function linkMembers(define: Define, { world }: WorldView, { component }: ComponentView): void {
  const { name } = component;
  const members = new MemberList(world.query([component]));
  const capability = capabilities.query(name);
  define(`${name}.count`, [], ["i32"], () => members.count, {
    price: "component.count",
    capability,
  });
  const at: HostFunction = (_ctx, n) => {
    const { count } = members;
    if (n >= 0 && n < count) return world.handleOf(members.indexAt(n));
    throw new HostError(`${name}.at: there is no ${n}; ${name}.count() is ${count}`);
  };
  define(`${name}.at`, ["i32"], ["i32"], at, { price: "component.at", capability });
}

function linkNear(
  define: Define,
  world: WorldView,
  neighbours: Neighbours,
  { component }: ComponentView,
  call: CallInfo,
): void {
  const { x, y, view } = neighbours;
  const capability = capabilities.find(component.name);
  let paying: HostContext | undefined;
  const charge = (fuel: number): void => (paying as HostContext).charge(fuel);
  const search = (what: "nearest" | "within"): HostFunction => {
    const label = `${component.name}.${what}`;
    return (ctx, entity, radius) => {
      const index = world.world.resolve(entity);
      if (index < 0 || !view.has(index, entity)) throw world.refusal(label, entity, view);
      if (!(radius >= 0)) throw new HostError(`${label}: ${radius} is no distance`);
      paying = ctx;
      const fromX = world.shownValue(x, index, entity);
      const fromY = world.shownValue(y, index, entity);
      if (what === "nearest") {
        const nearest = neighbours.nearest(component, entity, fromX, fromY, radius, charge);
        if (nearest !== noEntity) world.shown?.showOther(ctx.script, nearest);
        return nearest;
      }
      neighbours.foundIn = call.serial;
      const count = neighbours.within(component, entity, fromX, fromY, radius, charge);
      world.shown?.showFound(ctx.script, neighbours.found, count);
      return count;
    };
  };
  const params = ["i32", "f32"] as const;
  for (const what of ["nearest", "within"] as const) {
    const price = `component.${what}` as const;
    define(`${component.name}.${what}`, params, ["i32"], search(what), { price, capability });
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
