import type { Linker } from "../runtime/linker.ts";
import { commandKinds } from "../system/commands.ts";
import { hostModule } from "./define.ts";
import type { WorldView } from "./view.ts";

/** Host functions of module "entity". */
export function linkEntities(linker: Linker, world: WorldView): void {
  const define = hostModule(linker, "entity");
  const { commands } = world.transaction;
  define("alive", ["i32"], ["i32"], (_ctx, entity) => (world.world.resolve(entity) < 0 ? 0 : 1));
  define("despawn", ["i32"], [], (_ctx, entity) => {
    world.require("despawn", entity);
    commands.push(commandKinds.despawn, entity);
  });
}
