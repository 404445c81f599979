import { describe, expect, test } from "vitest";
import {
  CapacityError,
  defineComponent,
  defineMarker,
  definePrefab,
  type Entity,
  generationPart,
  indexPart,
  lastGeneration,
  StaleEntityError,
  World,
  withValues,
} from "../../engine/index.ts";

const Position = defineComponent("Position", { x: "f32", y: "f32" });
const Health = defineComponent("Health", {
  current: { type: "f32", default: 10 },
  target: "entity",
  level: { type: "u8", default: 1 },
});
const Frozen = defineComponent("Frozen", {});
const Bullet = definePrefab("Bullet", [withValues(Position, { x: 5 }), Health]);

function createWorld(maxEntities = 64): World {
  return new World({ components: [Position, Health, Frozen], prefabs: [Bullet], maxEntities });
}

describe("handles", () => {
  test("are index and generation in a positive i32, and never a bare index", () => {
    const world = createWorld();
    const entity = world.spawn();
    expect(entity).toBe(1 | (1 << 20));
    expect(indexPart(entity)).toBe(1);
    expect(generationPart(entity)).toBe(1);
    expect(world.indexOf(entity)).toBe(1);
    expect(world.handleOf(1)).toBe(entity);
    expect(world.resolve(1)).toBe(-1);
    expect(() => world.indexOf(1)).toThrow("an index is not a handle");
  });

  test("go stale when the entity is despawned, and stay so when its index is used again", () => {
    const world = createWorld();
    const old = world.spawn(Bullet);
    world.despawn(old);
    expect(world.isAlive(old)).toBe(false);
    expect(() => world.indexOf(old)).toThrow("(index 1, generation 1, now free)");
    const next = world.spawn(Bullet);
    expect(indexPart(next)).toBe(indexPart(old));
    expect(next).not.toBe(old);
    expect(world.resolve(old)).toBe(-1);
    expect(world.resolve(next)).toBe(1);
  });

  test("that are stale are refused by everything that takes one, and named", () => {
    const world = createWorld();
    const old = world.spawn(Bullet);
    world.despawn(old);
    world.spawn(Bullet);
    const uses: readonly (() => unknown)[] = [
      () => world.indexOf(old),
      () => world.despawn(old),
      () => world.add(old, Frozen),
      () => world.addAsIs(old, Frozen),
      () => world.remove(old, Position),
      () => world.has(old, Position),
      () => world.release(old),
      () => world.materialise(old, Bullet),
      () => world.writeDefaults(old, Bullet),
    ];
    for (const use of uses) {
      expect(use).toThrow(StaleEntityError);
      expect(use).toThrow("entity 0x00100001 is not alive (index 1, generation 1, now 2)");
    }
    expect(world.staleError(old)).toMatchObject({
      handle: old,
      index: 1,
      generation: 1,
      currentGeneration: 2,
    });
  });

  test("that are forged never resolve, whatever the number", () => {
    const world = createWorld();
    const alive = world.spawn();
    world.despawn(world.spawn());
    const forged = [0, 1, 2, 63, 64, -1, -2, 0x7fffffff, -0x80000000, 0xfffff, 1 << 20, 2 << 20];
    const odd = [0.5, alive + 0.5, alive + 2 ** 32, alive - 2 ** 32, Number.NaN, Infinity, -0];
    for (const handle of [...forged, ...odd, ~alive, -alive, alive | 0x80000000]) {
      expect(world.resolve(handle)).toBe(-1);
      expect(world.isAlive(handle)).toBe(false);
      expect(() => world.indexOf(handle)).toThrow(StaleEntityError);
    }
    expect(world.resolve(alive)).toBe(1);
  });

  test("of every 4,097th i32 resolve only when they are alive", () => {
    const world = createWorld();
    const alive = new Set([world.spawn(), world.spawn(), world.spawn()]);
    let resolved = 0;
    for (let handle = -0x80000000; handle <= 0x7fffffff; handle += 4097) {
      if (world.resolve(handle) !== -1 && !alive.has(handle as Entity)) resolved++;
    }
    expect(resolved).toBe(0);
  });

  test("at an index are 0 where nothing lives", () => {
    const world = createWorld();
    for (const index of [0, 1, -1, 63, 64, 1e9, Number.NaN, 0.5]) {
      expect(world.handleOf(index)).toBe(0);
    }
  });
});

describe("reuse", () => {
  test("never gives a handle twice, and retires an index whose generations are used up", () => {
    const world = createWorld(4);
    const seen = new Set<number>();
    const perIndex = new Map<number, number>();
    let error: unknown;
    for (let i = 0; i < 3 * lastGeneration + 10 && error === undefined; i++) {
      try {
        const entity = world.spawn(Bullet);
        expect(seen.has(entity)).toBe(false);
        expect(entity).toBeGreaterThan(0);
        seen.add(entity);
        const index = indexPart(entity);
        perIndex.set(index, (perIndex.get(index) ?? 0) + 1);
        world.despawn(entity);
      } catch (thrown) {
        error = thrown;
      }
    }
    expect(error).toBeInstanceOf(CapacityError);
    expect(String(error)).toContain("3 indices are retired");
    expect([...perIndex.keys()].sort()).toEqual([1, 2, 3]);
    for (const uses of perIndex.values()) expect(uses).toBeGreaterThan(2_000);
    for (const handle of seen) expect(world.isAlive(handle)).toBe(false);
    expect(world.aliveCount).toBe(0);
  });
});

describe("capacity", () => {
  test("ends in an error that says so, and leaves everything as it was", () => {
    const world = createWorld(4);
    const entities = [world.spawn(Bullet), world.spawn(Bullet), world.spawn(Bullet)];
    const hash = world.hash();
    expect(() => world.spawn(Bullet)).toThrow(CapacityError);
    expect(() => world.spawn(Bullet)).toThrow("maxEntities is 4, index 0 is never used");
    expect(() => world.reserve()).toThrow(CapacityError);
    expect(world.hash()).toBe(hash);
    world.despawn(entities[1] as Entity);
    expect(indexPart(world.spawn(Bullet))).toBe(2);
  });

  test.each([0, 1, 2.5, -8, Number.NaN, 2 ** 20 + 1])("refuses maxEntities %d", (maxEntities) => {
    expect(() => createWorld(maxEntities)).toThrow("maxEntities must be 2");
  });

  test("gives columns of that length", () => {
    expect(createWorld(100).columns(Position).x).toHaveLength(100);
    expect(new World({ components: [Position] }).columns(Position).y).toHaveLength(16_384);
  });
});

describe("components", () => {
  test("start with their defaults, also at an index that had other values", () => {
    const world = createWorld();
    const { current, target, level } = world.columns(Health);
    const first = world.spawn(Bullet, withValues(Health, { current: 1, target: 7, level: 9 }));
    const index = world.indexOf(first);
    expect([current[index], target[index], level[index]]).toEqual([1, 7, 9]);
    world.despawn(first);
    const second = world.spawn();
    expect(world.indexOf(second)).toBe(index);
    expect(world.add(second, Health)).toBe(true);
    expect([current[index], target[index], level[index]]).toEqual([10, 0, 1]);
  });

  test("added again keep their values, but for those given", () => {
    const world = createWorld();
    const entity = world.spawn(Bullet);
    const { x, y } = world.columns(Position);
    const index = world.indexOf(entity);
    y[index] = 8;
    expect(world.add(entity, Position)).toBe(false);
    expect([x[index], y[index]]).toEqual([5, 8]);
    expect(world.add(entity, Position, { x: 6 })).toBe(false);
    expect([x[index], y[index]]).toEqual([6, 8]);
  });

  test("added as they are keep what stands in the columns", () => {
    const world = createWorld();
    const entity = world.spawn();
    const { current } = world.columns(Health);
    current[world.indexOf(entity)] = 4;
    expect(world.addAsIs(entity, Health)).toBe(true);
    expect(world.addAsIs(entity, Health)).toBe(false);
    expect(current[world.indexOf(entity)]).toBe(4);
  });

  test("come and go", () => {
    const world = createWorld();
    const entity = world.spawn();
    expect(world.has(entity, Frozen)).toBe(false);
    world.add(entity, Frozen);
    expect(world.has(entity, Frozen)).toBe(true);
    expect(world.remove(entity, Frozen)).toBe(true);
    expect(world.remove(entity, Frozen)).toBe(false);
    expect(world.has(entity, Frozen)).toBe(false);
  });

  test("refuse values that don't fit, before anything is changed", () => {
    const world = createWorld();
    const entity = world.spawn();
    const misspelt: object = { z: 1 };
    expect(() => world.add(entity, Position, misspelt)).toThrow('no field "z"; it has: x, y');
    expect(() => world.add(entity, Position, { x: Number.NaN })).toThrow("Position.x");
    expect(() => world.add(entity, Health, { level: 1.5 })).toThrow("1.5 does not fit u8");
    expect(world.has(entity, Position)).toBe(false);
  });

  test("must be registered, and their names be free", () => {
    const world = createWorld();
    const Other = defineComponent("Other", { x: "f32" });
    expect(() => world.columns(Other)).toThrow("Other is not registered");
    expect(() => world.spawn(undefined, Other)).toThrow("Other is not registered");
    expect(world.aliveCount).toBe(0);
    expect(() => world.query([Other])).toThrow("Other is not registered");
    world.register(Other);
    expect(world.columns(Other).x).toHaveLength(64);
    expect([...world.components.keys()]).toEqual(["Position", "Health", "Frozen", "Other"]);
    expect(() => world.register(defineComponent("Other", {}))).toThrow(
      "two components are named Other",
    );
    expect(() => new World({ components: [Position, Position] })).toThrow("named Position");
  });

  test("that are more than 31 still don't mix", () => {
    const many = Array.from({ length: 80 }, (_, i) => defineComponent(`C${i}`, {}));
    const world = new World({ components: many, maxEntities: 64 });
    const query = world.query(many.slice(25, 40));
    const entity = world.spawn();
    for (const component of many) {
      world.add(entity, component);
      expect(many.filter((other) => world.has(entity, other)).at(-1)).toBe(component);
    }
    expect(query.count).toBe(1);
    world.remove(entity, many[39] as (typeof many)[0]);
    expect(query.count).toBe(0);
    expect(world.has(entity, many[8] as (typeof many)[0])).toBe(true);
  });
});

test("markers work unregistered and unlisted", () => {
  const world = createWorld();
  const marker = defineMarker("script: patrol.ts");
  const entity = world.spawn(Bullet);
  const query = world.query([Position, marker]);
  const hash = world.hash();
  world.add(entity, marker);
  expect(query.entities()).toEqual([world.indexOf(entity)]);
  expect(world.components.has(marker.name)).toBe(false);
  expect(world.hash()).not.toBe(hash);
  expect(() => world.register(marker)).toThrow("needs no registration");
});

describe("prefabs", () => {
  test("give their components and values, overrides last", () => {
    const world = createWorld();
    const { x, y } = world.columns(Position);
    const plain = world.indexOf(world.spawn(Bullet));
    expect([x[plain], y[plain], world.columns(Health).current[plain]]).toEqual([5, 0, 10]);
    const other = world.spawn(Bullet, withValues(Position, { y: 2 }), Frozen);
    const index = world.indexOf(other);
    expect([x[index], y[index]]).toEqual([5, 2]);
    expect(world.has(other, Frozen)).toBe(true);
  });

  test("must be registered, once, with registered components", () => {
    const world = createWorld();
    expect(() => world.spawn(definePrefab("Bullet", []))).toThrow("Bullet is not registered");
    expect(
      () => new World({ components: [], prefabs: [definePrefab("A", []), definePrefab("A", [])] }),
    ).toThrow("two prefabs are named A");
    expect(() => new World({ components: [], prefabs: [Bullet] })).toThrow("Position is not");
  });
});

describe("hash", () => {
  test("depends on handles, membership and values, and on nothing else", () => {
    const build = (reversed: boolean): World => {
      const components = [Position, Health, Frozen];
      const world = new World({
        components: reversed ? components.reverse() : components,
        prefabs: [Bullet],
        maxEntities: reversed ? 128 : 64,
      });
      if (reversed) world.query([Position]);
      const a = world.spawn(Bullet);
      const b = world.spawn();
      if (reversed) world.add(b, Frozen);
      world.add(b, Position, { x: 3 });
      if (!reversed) world.add(b, Frozen);
      world.columns(Health).current[40] = 99; // nobody's
      world.columns(Health).target[world.indexOf(a)] = b;
      return world;
    };
    const world = build(false);
    const hash = world.hash();
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(build(true).hash()).toBe(hash);
    expect(world.hash()).toBe(hash);

    const [first, second] = [...world.entities()] as [Entity, Entity];
    const seen = new Set([hash]);
    const changed = (): void => {
      expect(seen.has(world.hash())).toBe(false);
      seen.add(world.hash());
    };
    world.columns(Position).x[world.indexOf(first)] = 5.5;
    changed();
    world.columns(Position).x[world.indexOf(first)] = -0;
    changed();
    world.columns(Position).x[world.indexOf(first)] = 0;
    changed();
    world.remove(second, Frozen);
    changed();
    world.despawn(second);
    changed();
    world.spawn();
    changed();
  });
});
