import {
  addEntity,
  query as bitQuery,
  entityExists,
  getAllEntities,
  Not,
  removeEntity,
} from "bitecs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defineComponent,
  definePrefab,
  type Entity,
  generationPart,
  indexPart,
  lastGeneration,
  World,
  withValues,
} from "../../engine/index.ts";

const Position = defineComponent("Position", { x: { type: "f32", default: 1 }, y: "f32" });
const Enemy = defineComponent("Enemy", {});
const Orc = definePrefab("Orc", [withValues(Position, { y: 2 }), Enemy]);

function createWorld(maxEntities = 64): World {
  return new World({ components: [Position, Enemy], prefabs: [Orc], maxEntities });
}

describe("a reserved entity", () => {
  test("is alive, but not in the world", () => {
    const world = createWorld();
    const orcs = world.query([Enemy]);
    const hash = world.hash();
    const entity = world.reserve();
    const index = world.indexOf(entity);
    expect(world.isAlive(entity)).toBe(true);
    expect(world.handleOf(index)).toBe(entity);
    expect(world.has(entity, Position)).toBe(false);
    expect(world.aliveCount).toBe(0);
    expect([...world.entities()]).toEqual([]);
    expect(world.hash()).toBe(hash);
    expect(orcs.count).toBe(0);
    expect(entityExists(world.bit, index)).toBe(false);
    expect(getAllEntities(world.bit)).toEqual([]);
    expect(bitQuery(world.bit, [Not(world.columns(Enemy))])).toEqual([]);
    expect(() => world.add(entity, Enemy)).toThrow("only reserved");
    expect(() => world.remove(entity, Enemy)).toThrow("only reserved");
  });

  test("becomes real under its handle, with what was written to it", () => {
    const world = createWorld();
    const orcs = world.query([Enemy, Position]);
    const entity = world.reserve();
    const index = world.indexOf(entity);
    const { x, y } = world.columns(Position);
    world.writeDefaults(entity, Orc);
    expect([x[index], y[index]]).toEqual([1, 2]);
    x[index] = 9;
    world.materialise(entity, Orc);
    expect([x[index], y[index]]).toEqual([9, 2]);
    expect(world.isAlive(entity)).toBe(true);
    expect(world.aliveCount).toBe(1);
    expect(orcs.entities()).toEqual([index]);
    expect(() => world.materialise(entity, Orc)).toThrow("isn't reserved");
    expect(() => world.writeDefaults(entity, Orc)).toThrow("isn't reserved");
    expect(() => world.release(entity)).toThrow("isn't reserved");
  });

  test("keeps its index while others come and go, in bitECS too", () => {
    const world = createWorld();
    const old = world.spawn(Orc);
    const entity = world.reserve();
    world.despawn(old);
    const native = addEntity(world.bit);
    const spawned = world.spawn(Orc);
    removeEntity(world.bit, native);
    expect(new Set([native, indexPart(entity), indexPart(spawned)]).size).toBe(3);
    world.materialise(entity, Orc);
    expect(world.isAlive(entity)).toBe(true);
    expect(entityExists(world.bit, indexPart(entity))).toBe(true);
  });

  test("can be despawned, and is stale then", () => {
    const world = createWorld(3);
    const entity = world.reserve();
    world.despawn(entity);
    expect(world.isAlive(entity)).toBe(false);
    const again = world.reserve();
    expect(indexPart(again)).toBe(indexPart(entity));
    expect(again).not.toBe(entity);
    world.materialise(again);
    world.spawn();
    expect(world.aliveCount).toBe(2);
  });

  test("can be many, materialised in any order", () => {
    const world = createWorld();
    const entities = Array.from({ length: 5 }, () => world.reserve());
    for (const i of [3, 0, 4, 2, 1]) world.materialise(entities[i] as Entity, Orc);
    for (const entity of entities) expect(world.has(entity, Enemy)).toBe(true);
    expect(world.aliveCount).toBe(5);
  });
});

describe("release", () => {
  test("takes only the latest that is still reserved", () => {
    const world = createWorld();
    const [a, b, c] = [world.reserve(), world.reserve(), world.reserve()];
    expect(() => world.release(a)).toThrow("was reserved after it");
    world.materialise(b);
    world.release(c);
    world.release(a);
    expect(world.isAlive(a)).toBe(false);
    expect(world.isAlive(b)).toBe(true);
  });

  test("restores the handles that come next", () => {
    const world = createWorld();
    const twin = createWorld();
    for (const each of [world, twin]) {
      const entities = Array.from({ length: 8 }, () => each.spawn(Orc));
      for (const i of [2, 5, 1]) each.despawn(entities[i] as Entity);
    }
    const reserved = Array.from({ length: 6 }, () => world.reserve());
    for (const entity of reserved.reverse()) world.release(entity);
    for (const entity of reserved) expect(world.isAlive(entity)).toBe(false);
    expect(world.hash()).toBe(twin.hash());
    for (let i = 0; i < 10; i++) expect(world.spawn(Orc)).toBe(twin.spawn(Orc));
    expect(world.hash()).toBe(twin.hash());
  });
});

test("a release lets go of an index that is used up all the same", () => {
  const world = createWorld();
  while (generationPart(world.spawn()) < lastGeneration - 32) world.despawn(world.handleOf(1));
  const reserved = world.reserve();
  removeEntity(world.bit, 1);
  world.release(reserved);
  world.commit();
  const next = Array.from({ length: 3 }, () => indexPart(world.spawn()));
  expect(next).toEqual([2, 3, 4]);
});

test("undone reservations leave no trace, whatever happened before", () => {
  const operation = fc.record({
    kind: fc.constantFrom("spawn", "despawn", "native", "undo", "keep", "drop"),
    pick: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const world = createWorld(128);
      const twin = createWorld(128);
      const both = [world, twin];
      const everUsed = new Set<number>();
      for (const { kind, pick } of operations) {
        const alive = [...world.entities()];
        const entity = alive[pick % alive.length];
        if (kind === "undo") {
          const reserved = Array.from({ length: pick % 7 }, () => world.reserve());
          for (const each of reserved) world.writeDefaults(each, Orc);
          for (const each of reserved.reverse()) world.release(each);
        } else if (kind === "despawn") {
          if (entity !== undefined) for (const each of both) each.despawn(entity);
        } else if (kind === "native") {
          for (const each of both) {
            if (entity !== undefined && pick % 2 === 0) removeEntity(each.bit, indexPart(entity));
            else if (alive.length < 100) addEntity(each.bit);
          }
        } else if (alive.length < 100) {
          const made = both.map((each) => {
            if (kind === "spawn") return each.spawn(Orc);
            const reserved = each.reserve();
            each.writeDefaults(reserved, Orc);
            if (kind === "keep") each.materialise(reserved, Orc);
            else each.despawn(reserved);
            return reserved;
          });
          expect(made[0]).toBe(made[1]);
          expect(everUsed.has(made[0] as number)).toBe(false);
          everUsed.add(made[0] as number);
        }
        expect(world.hash()).toBe(twin.hash());
        expect(world.aliveCount).toBe([...world.entities()].length);
      }
    }),
  );
});
