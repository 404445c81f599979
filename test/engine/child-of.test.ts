import { describe, expect, test } from "vitest";
import { ChildOf, descendantsOf, type Entity, World } from "../../engine/index.ts";
import { Position, rig, Trace } from "../system/harness.ts";

function family(world: World) {
  const { parent } = world.columns(ChildOf);
  const child = (of: Entity): Entity => {
    const entity = world.spawn(undefined, ChildOf);
    parent[world.indexOf(entity)] = of;
    return entity;
  };
  const root = world.spawn();
  const [a, b] = [child(root), child(root)];
  const grandchild = child(a);
  return { root, a, b, grandchild, child };
}

describe("children", () => {
  test("are despawned with their parent, and theirs with them", () => {
    const world = new World({ components: [ChildOf], maxEntities: 32 });
    const { root, a, b, grandchild, child } = family(world);
    const stranger = child(world.spawn());
    expect(descendantsOf(world, root).sort()).toEqual([a, b, grandchild].sort());
    world.despawn(a);
    expect([root, a, b, grandchild, stranger].map((e) => world.isAlive(e))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    world.despawn(root);
    expect([b, stranger].map((e) => world.isAlive(e))).toEqual([false, true]);
  });

  test("of each other are despawned once", () => {
    const world = new World({ components: [ChildOf], maxEntities: 32 });
    const [a, b] = [world.spawn(undefined, ChildOf), world.spawn(undefined, ChildOf)];
    const { parent } = world.columns(ChildOf);
    parent[world.indexOf(a)] = b;
    parent[world.indexOf(b)] = a;
    world.despawn(a);
    expect([a, b].map((e) => world.isAlive(e))).toEqual([false, false]);
  });

  test("stay when the index of their parent has a new owner, and in a world without ChildOf there are none", () => {
    const world = new World({ components: [ChildOf], maxEntities: 8 });
    const { root, b } = family(world);
    const index = world.indexOf(root);
    world.query([ChildOf]);
    // The game's own way, of which the world hears when it is done.
    world.remove(b, ChildOf);
    world.despawn(root);
    const next = world.spawn();
    expect(world.isAlive(b)).toBe(true);
    if (world.indexOf(next) === index) world.despawn(next);
    expect(world.isAlive(b)).toBe(true);
    const plain = new World({ components: [], maxEntities: 8 });
    expect(descendantsOf(plain, plain.spawn())).toEqual([]);
  });

  test("get their last call before they go, as their parent does", async () => {
    const world = new World({ components: [ChildOf, Position, Trace], maxEntities: 64 });
    const positions = { component: Position, x: "x", y: "y" };
    const game = rig({ world, messages: [], queries: [], positions });
    await game.load("part", `export function onDestroy(self: Entity): void { log("gone"); }`);
    const { root, a, b, grandchild } = family(world);
    for (const entity of [root, a, b, grandchild]) game.scripts.attach(entity, "part");
    game.frames();
    game.scripts.despawn(root);
    expect(game.of("log")).toHaveLength(4);
    expect([root, a, b, grandchild].map((e) => world.isAlive(e))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
