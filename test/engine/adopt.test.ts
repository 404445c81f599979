import {
  addComponent,
  addEntity,
  addPrefab,
  query as bitQuery,
  createWorld as createBitWorld,
  createEntityIndex,
  entityExists,
  getEntityComponents,
  Not,
  observe,
  onAdd,
  onRemove,
  removeComponent,
  removeEntity,
  withVersioning,
} from "bitecs";
import { describe, expect, test } from "vitest";
import {
  CapacityError,
  defineComponent,
  definePrefab,
  indexPart,
  lastGeneration,
  World,
  withValues,
} from "../../engine/index.ts";

const Position = defineComponent("Position", { x: { type: "f32", default: 4 }, y: "f32" });

describe("a game's own bitECS calls", () => {
  test("on an entity move its handle with it", () => {
    const world = new World({ components: [Position], maxEntities: 16 });
    const index = addEntity(world.bit);
    const first = world.handleOf(index);
    expect(world.resolve(first)).toBe(index);
    removeEntity(world.bit, index);
    expect(world.isAlive(first)).toBe(false);
    expect(addEntity(world.bit)).toBe(index);
    expect(world.isAlive(first)).toBe(false);
    expect(world.handleOf(index)).not.toBe(first);
    expect(world.aliveCount).toBe(1);
  });

  test("on components reach the queries, both ways", () => {
    const world = new World({ components: [Position], maxEntities: 16 });
    const query = world.query([Position]);
    const columns = world.columns(Position);
    const index = addEntity(world.bit);
    addComponent(world.bit, index, columns);
    expect(query.entities()).toEqual([index]);
    expect(world.has(world.handleOf(index), Position)).toBe(true);
    removeComponent(world.bit, index, columns);
    expect(query.count).toBe(0);
    const entity = world.spawn(undefined, Position);
    expect([...bitQuery(world.bit, [columns])]).toEqual([world.indexOf(entity)]);
  });

  test("write no defaults, as they never did", () => {
    const world = new World({ components: [Position], maxEntities: 16 });
    const columns = world.columns(Position);
    const index = addEntity(world.bit);
    columns.x[index] = 7;
    addComponent(world.bit, index, columns);
    expect(columns.x[index]).toBe(7);
  });

  test("see final values in their observers", () => {
    const Orc = definePrefab("Orc", [withValues(Position, { x: 1, y: 1 })]);
    const world = new World({ components: [Position], prefabs: [Orc], maxEntities: 16 });
    const { x, y } = world.columns(Position);
    const seen: (number | undefined)[][] = [];
    observe(world.bit, onAdd(world.columns(Position)), (index) => {
      seen.push([x[index], y[index]]);
    });
    world.spawn(Orc);
    world.spawn(Orc, withValues(Position, { y: 5 }));
    world.add(world.spawn(), Position, { y: 6 });
    expect(seen).toEqual([
      [1, 1],
      [1, 5],
      [4, 6],
    ]);
  });

  test("find the entity whole in their observers, also at its index's last use", () => {
    const world = new World({ components: [Position], maxEntities: 4 });
    const removed: number[] = [];
    observe(world.bit, onRemove(world.columns(Position)), (index) => {
      removed.push(getEntityComponents(world.bit, index).length);
    });
    for (let i = 0; i < lastGeneration + 50; i++) world.despawn(world.spawn(undefined, Position));
    expect(new Set(removed)).toEqual(new Set([1]));
  });

  test("past maxEntities fail with an error and leave the world sound", () => {
    const world = new World({ components: [Position], maxEntities: 3 });
    const free = [addEntity(world.bit), addEntity(world.bit)] as const;
    expect(() => addEntity(world.bit)).toThrow(CapacityError);
    expect(() => addEntity(world.bit)).toThrow(CapacityError);
    expect(entityExists(world.bit, 3)).toBe(false);
    expect(() => world.spawn()).toThrow(CapacityError);
    expect(world.aliveCount).toBe(2);
    expect([...bitQuery(world.bit, [Not(world.columns(Position))])]).toHaveLength(2);
    removeEntity(world.bit, free[0]);
    expect(addEntity(world.bit)).toBe(free[0]);
  });

  test("that use one index thousands of times never bring a handle back", () => {
    const world = new World({ components: [Position], maxEntities: 16 });
    const query = world.query([Position]);
    const handles = new Set<number>();
    let without = 0;
    const cycles = lastGeneration * 2;
    for (let i = 0; i < cycles; i++) {
      const index = addEntity(world.bit);
      addComponent(world.bit, index, world.columns(Position));
      const handle = world.handleOf(index);
      if (handle === 0) {
        without++;
        expect(query.has(index)).toBe(false);
        expect(world.resolve(index | ((i + 1) << 20))).toBe(-1);
      } else {
        expect(handles.has(handle)).toBe(false);
        handles.add(handle);
      }
      removeEntity(world.bit, index);
    }
    expect(handles.size + without).toBe(cycles);
    expect(without).toBe(cycles - lastGeneration); // nobody let the world take the index out
    expect(indexPart(world.spawn())).toBe(2);
  });

  test("never leave an entity without a handle in a game that commits now and then", () => {
    const world = new World({ components: [Position], maxEntities: 16 });
    const handles = new Set<number>();
    for (let i = 0; i < lastGeneration * 3; i++) {
      const index = addEntity(world.bit);
      handles.add(world.handleOf(index));
      removeEntity(world.bit, index);
      if (i % 20 === 0) world.commit();
    }
    expect(handles.size).toBe(lastGeneration * 3);
    expect(handles.has(0)).toBe(false);
  });
});

describe("an adopted bitECS world", () => {
  test("keeps its entities and gets handles for them", () => {
    const bitWorld = createBitWorld();
    const Tag = {};
    const gone = addEntity(bitWorld);
    const stays = addEntity(bitWorld);
    const template = addPrefab(bitWorld);
    addComponent(bitWorld, stays, Tag);
    removeEntity(bitWorld, gone);
    const world = new World({ components: [Position], bitWorld, maxEntities: 16 });
    expect(world.bit).toBe(bitWorld);
    expect([...world.entities()].map(indexPart)).toEqual([stays]);
    expect(world.handleOf(template)).toBe(0);
    expect(indexPart(world.spawn())).toBe(gone);
    const old = world.handleOf(stays);
    removeEntity(bitWorld, stays);
    expect(world.isAlive(old)).toBe(false);
  });

  test("is refused when its ids can't be indices", () => {
    const bitWorld = createBitWorld(createEntityIndex(withVersioning(8)));
    expect(() => new World({ components: [], bitWorld })).toThrow("withVersioning");
    const large = createBitWorld();
    for (let i = 0; i < 20; i++) addEntity(large);
    expect(() => new World({ components: [], bitWorld: large, maxEntities: 16 })).toThrow(
      "ids up to 20",
    );
    expect(() => new World({ components: [], bitWorld: {} })).toThrow("not a bitECS world");
  });
});

describe("an adopted store", () => {
  test("is the column and the bitECS component, and gets defaults", () => {
    const store = { x: new Float32Array(32), y: new Float32Array(32), extra: "kept" };
    const bitWorld = createBitWorld();
    const existing = addEntity(bitWorld);
    addComponent(bitWorld, existing, store);
    store.x[existing] = 3;
    const Adopted = defineComponent(
      "Adopted",
      { x: { type: "f32", default: 8 }, y: "f32" },
      { store },
    );
    const world = new World({ components: [Adopted], bitWorld, maxEntities: 16 });
    expect(world.columns(Adopted)).toBe(store);
    expect(world.query([Adopted]).entities()).toEqual([existing]);
    expect(store.x[existing]).toBe(3);

    const entity = world.spawn();
    const index = world.indexOf(entity);
    store.x[index] = -1;
    world.add(entity, Adopted, { y: 2 });
    expect([store.x[index], store.y[index]]).toEqual([8, 2]);
    expect([...bitQuery(bitWorld, [store])]).toEqual([existing, index]);
  });

  test("must be long enough, and adopted once", () => {
    const store = { x: new Float32Array(10) };
    const Short = defineComponent("Short", { x: "f32" }, { store });
    expect(() => new World({ components: [Short], maxEntities: 11 })).toThrow(
      "store of Short: x holds 10 values; maxEntities is 11",
    );
    const Twin = defineComponent("Twin", { x: "f32" }, { store });
    expect(() => new World({ components: [Short, Twin], maxEntities: 10 })).toThrow(
      "adopt the same store",
    );
  });
});
