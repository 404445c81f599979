import { noEntity } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import { fieldFunctionName, fieldModule } from "../fields/field-code.ts";
import { fieldColumnTypes } from "../fields/field-kinds.ts";
import { maxScriptFields } from "../fields/script-field.ts";
import type { HostContext, HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import type { FieldAccess } from "../system/field-access.ts";
import { hostModule } from "./define.ts";
import { valueKinds } from "./values.ts";
import type { WorldView } from "./view.ts";

/**
 * Host functions of module "field": for the n-th field of any script and each column type `n.f32.get` and `n.f32.set`.
 * Which field that is, and of which kind, is said by the script that imports them.
 */
export function linkFields(linker: Linker, world: WorldView, access: FieldAccess): void {
  const define = hostModule(linker, fieldModule);
  for (let n = 0; n < maxScriptFields; n++) {
    for (const type of new Set(Object.values(fieldColumnTypes))) {
      const kind = valueKinds[type];
      const column = { field: `own ${n}`, own: n, type };
      define(fieldFunctionName(n, type, "get"), ["i32"], [kind.wasm], getter(world, access, n), {
        price: "component.get",
        column: { ...column, kind: "get" },
      });
      const set = setter(world, access, n, kind.check, type === "entity");
      define(fieldFunctionName(n, type, "set"), ["i32", kind.wasm], [], set, {
        price: "component.set",
        column: { ...column, kind: "set" },
      });
    }
  }
}

function getter(world: WorldView, access: FieldAccess, n: number): HostFunction {
  return (ctx, entity) => {
    const name = nameOf(ctx, n);
    ctx.checkEntity(name, entity);
    const index = world.world.resolve(entity);
    const row = index < 0 ? -1 : access.rowOf(ctx.script, index, entity);
    if (row < 0) throw refusal(world, name, ctx, entity);
    return access.read(ctx.script, n, index, entity, row);
  };
}

function setter(
  world: WorldView,
  access: FieldAccess,
  n: number,
  check: (value: number, name: string, world: WorldView["world"]) => void,
  isHandle: boolean,
): HostFunction {
  return (ctx, entity, value) => {
    const name = nameOf(ctx, n);
    ctx.checkEntity(name, entity);
    if (isHandle && value !== noEntity) ctx.checkEntity(name, value);
    const index = world.world.resolve(entity);
    const row = index < 0 ? -1 : access.rowOf(ctx.script, index, entity);
    if (row < 0) throw refusal(world, name, ctx, entity);
    // Writing what is there anyway changes nothing, in a window or by a call.
    if (!isHandle || value !== access.read(ctx.script, n, index, entity, row)) {
      check(value, name, world.world);
    }
    access.write(ctx.script, n, index, entity, row, value);
  };
}

function nameOf(ctx: HostContext, n: number): string {
  return ctx.script.fields[n]?.name ?? `field ${n}`;
}

function refusal(
  world: WorldView,
  name: string,
  { script }: HostContext,
  handle: number,
): HostError {
  if (world.world.resolve(handle) < 0) {
    return new HostError(`${name}: ${world.world.staleError(handle).message}`);
  }
  const hex = handle.toString(16).padStart(8, "0");
  return new HostError(
    `${name}: entity 0x${hex} doesn't carry ${script.name}, and has none of its fields`,
  );
}
