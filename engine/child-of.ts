import { defineComponent } from "./component.ts";
import type { Entity } from "./entity.ts";
import type { World } from "./world.ts";

/**
 * Says which entity one belongs to. A world that has it among its components despawns the children with their parent,
 * and theirs with them; a child whose parent is gone some other way is one without a parent.
 *
 * It is a component like any other: scripts read and write `ChildOf.parent[self]`, games `world.columns(ChildOf)`, and
 * saves and hashes have it. bitECS's relations make a component for each parent there is; this is one column.
 */
export const ChildOf = defineComponent(
  "ChildOf",
  { parent: { type: "entity", doc: "Whom the entity belongs to" } },
  { doc: "Makes the entity a part of another one: when that is despawned, it is, too." },
);

/**
 * The entities that have another as their parent, directly or by others, in no order that means something. Looks at
 * every entity that has a parent, once for each generation.
 */
export function descendantsOf(world: World, entity: Entity): Entity[] {
  if (world.components.get(ChildOf.name) !== ChildOf) return [];
  const members = world.query([ChildOf]);
  if (members.count === 0) return [];
  const { parent } = world.columns(ChildOf);
  const found: Entity[] = [];
  // Two may be each other's parents.
  const seen = new Set<number>([entity]);
  let generation = new Set<number>([entity]);
  while (generation.size > 0) {
    const next = new Set<number>();
    for (const index of members.entities()) {
      if (!members.has(index) || !generation.has(parent[index] as number)) continue;
      const child = world.handleOf(index);
      if (seen.has(child)) continue;
      seen.add(child);
      next.add(child);
      found.push(child);
    }
    generation = next;
  }
  return found;
}
