import { type Field, noEntity } from "../../engine/index.ts";
import type { HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import { commandKinds } from "../system/commands.ts";
import { capabilities } from "./capabilities.ts";
import { type Define, hostModule } from "./define.ts";
import { type ValueKind, valueKinds } from "./values.ts";
import type { ComponentView, WorldView } from "./view.ts";

/**
 * Host functions of module "component": for every component `C.has`, `C.add` and `C.remove`, and
 * for each of its fields `C.f.get` and `C.f.set`. A script imports those that it uses, so its
 * imports are the list of what it reads and writes.
 */
export function linkComponents(linker: Linker, world: WorldView): void {
  const define = hostModule(linker, "component");
  for (const view of world.components) {
    linkMembership(define, world, view);
    for (const field of view.component.fields) {
      const name = `${view.component.name}.${field.name}`;
      const kind = valueKinds[field.type];
      const get = getter(world, view, field, name);
      const set = setter(world, view, name, kind);
      const column = { field: name, type: field.type };
      const [read, write] = [capabilities.read(name), capabilities.write(name)];
      define(`${name}.get`, ["i32"], [kind.wasm], get, {
        price: "component.get",
        capability: read,
        column: { ...column, kind: "get" },
      });
      define(`${name}.set`, ["i32", kind.wasm], [], set, {
        price: "component.set",
        capability: write,
        column: { ...column, kind: "set" },
      });
    }
  }
}

function linkMembership(define: Define, world: WorldView, view: ComponentView): void {
  const { name } = view.component;
  const { commands } = world.transaction;
  // Put together once: a text for every call is garbage for every call.
  const [hasName, addName, removeName] = [`${name}.has`, `${name}.add`, `${name}.remove`];
  const has: HostFunction = (ctx, entity) => {
    ctx.checkEntity(hasName, entity);
    return view.has(world.require(hasName, entity), entity) ? 1 : 0;
  };
  const add: HostFunction = (ctx, entity) => {
    ctx.checkEntity(addName, entity);
    const index = world.require(addName, entity);
    if (!view.has(index, entity)) {
      world.writeDefaults(view, index, entity);
      view.announce(index, entity);
    }
    // Queued even if it is there: another script may have asked for its removal before.
    commands.push(commandKinds.add, entity, view.id);
  };
  const remove: HostFunction = (ctx, entity) => {
    ctx.checkEntity(removeName, entity);
    world.require(removeName, entity);
    commands.push(commandKinds.remove, entity, view.id);
  };
  const [read, change] = [capabilities.read(name), capabilities.restructure(name)];
  define(hasName, ["i32"], ["i32"], has, { price: "component.has", capability: read });
  define(addName, ["i32"], [], add, { price: "component.add", capability: change });
  define(removeName, ["i32"], [], remove, { price: "component.remove", capability: change });
}

function getter(world: WorldView, view: ComponentView, field: Field, name: string): HostFunction {
  const shown = world.fieldNamed(name);
  const engine = world.world;
  return (ctx, entity) => {
    ctx.checkEntity(name, entity);
    const index = engine.resolve(entity);
    if (index < 0 || !view.has(index, entity)) throw world.refusal(name, entity, view);
    if (ctx.redacted) return field.default;
    if (entity !== ctx.entity) world.shown?.showOther(ctx.script, entity);
    return world.shownValue(shown, index, entity);
  };
}

function setter(
  world: WorldView,
  view: ComponentView,
  name: string,
  kind: ValueKind,
): HostFunction {
  const access = world.fieldNamed(name);
  const { field } = access;
  const engine = world.world;
  const { check } = kind;
  const isHandle = field.type === "entity";
  return (ctx, entity, value) => {
    ctx.checkEntity(name, entity);
    // Whether a handle is refused as stale tells of an entity, too.
    if (isHandle && value !== noEntity) ctx.checkEntity(name, value);
    const index = engine.resolve(entity);
    if (index < 0 || !view.has(index, entity)) throw world.refusal(name, entity, view);
    // Writing what is there anyway changes nothing, in a window or by a call.
    if (!isHandle || value !== world.shownValue(access, index, entity)) check(value, name, engine);
    world.write(access, index, entity, value);
  };
}
