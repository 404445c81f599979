import { noEntity } from "../../engine/index.ts";
import type { HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import { commandKinds } from "../system/commands.ts";
import { capabilities } from "./capabilities.ts";
import { hostModule } from "./define.ts";
import type { WorldView } from "./view.ts";

/** Host functions of module "entity". */
export function linkEntities(linker: Linker, world: WorldView): void {
  const define = hostModule(linker, "entity");
  const { commands } = world.transaction;
  const alive: HostFunction = (ctx, entity) => {
    // Nobody's handle tells a script nothing; any other one would count the entities for it.
    if (entity === noEntity) return 0;
    ctx.checkEntity("isAlive", entity);
    return world.world.resolve(entity) < 0 ? 0 : 1;
  };
  define("alive", ["i32"], ["i32"], alive);
  const despawn: HostFunction = (ctx, entity) => {
    ctx.checkEntity("despawn", entity);
    world.require("despawn", entity);
    commands.push(commandKinds.despawn, entity);
  };
  define("despawn", ["i32"], [], despawn, { capability: capabilities.despawn });
}
