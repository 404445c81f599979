import { CapacityError, type Entity } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { Linker } from "../runtime/linker.ts";
import { capabilities } from "./capabilities.ts";
import { hostModule } from "./define.ts";
import type { PrefabView, WorldView } from "./view.ts";

export interface SpawnRules {
  /** Entities that one call may spawn; past it the call is stopped. */
  readonly spawnsPerCall: number;
  /** Whether the call that runs may spawn at all: a module's top-level code may not. */
  readonly maySpawn: () => boolean;
}

/** Host functions of module "prefab": `<Name>.spawn` for every prefab of the world. */
export function linkPrefabs(linker: Linker, world: WorldView, rules: SpawnRules): void {
  const define = hostModule(linker, "prefab");
  for (const prefab of world.prefabs) {
    define(`${prefab.prefab.name}.spawn`, [], ["i32"], () => spawn(world, prefab, rules), {
      price: "prefab.spawn",
      capability: capabilities.spawn(prefab.prefab.name),
    });
  }
}

function spawn(
  world: WorldView,
  { prefab, id, components }: PrefabView,
  rules: SpawnRules,
): number {
  const { transaction } = world;
  const what = `${prefab.name}.spawn`;
  if (!rules.maySpawn()) {
    throw new HostError(
      `${what}: top-level code can't spawn, as it runs anew with every restart; use onLoad`,
    );
  }
  if (transaction.spawns >= rules.spawnsPerCall) {
    throw new HostError(
      `${what}: one call may spawn at most ${rules.spawnsPerCall} entities (spawnsPerCall)`,
    );
  }
  const entity = reserve(world, what, id);
  const index = world.world.indexOf(entity);
  world.world.writeDefaults(entity, prefab);
  for (const component of components) component.announce(index, entity);
  return entity;
}

function reserve(world: WorldView, what: string, prefabId: number): Entity {
  try {
    return world.transaction.spawn(prefabId);
  } catch (error) {
    if (error instanceof CapacityError) throw new HostError(`${what}: ${error.message}`);
    throw error;
  }
}
