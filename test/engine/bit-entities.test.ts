import {
  $internal,
  addComponent,
  addEntity,
  type World as BitWorld,
  query as bitQuery,
  createRelation,
  createWorld,
  entityExists,
  getAllEntities,
  getEntityComponents,
  hasComponent,
  type InternalWorld,
  Not,
  observe,
  onAdd,
  onRemove,
  Pair,
  removeComponent,
  removeEntity,
} from "bitecs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Component,
  defineComponent,
  defineMarker,
  definePrefab,
  type Entity,
  World,
} from "../../engine/index.ts";

const A = defineComponent("A", { x: "f32" });
const B = defineComponent("B", { y: "u8" });
const C = defineMarker("c");
const One = definePrefab("One", [A]);
const Two = definePrefab("Two", [B, A]);
const Three = definePrefab("Three", [A, C, B]);
const prefabs = [One, Two, Three];

const parts = fc.constantFrom<Component>(A, B, C);
const prefab = fc.constantFrom(...prefabs);
const nth = fc.nat(20);
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("spawn" as const), prefab }),
    fc.record({ do: fc.constant("reserve" as const), prefab }),
    fc.record({ do: fc.constant("despawn" as const), nth }),
    fc.record({ do: fc.constant("add" as const), nth, part: parts }),
    fc.record({ do: fc.constant("remove" as const), nth, part: parts }),
    fc.record({ do: fc.constant("listen" as const), part: parts }),
    fc.record({ do: fc.constant("commit" as const) }),
  ),
  { minLength: 20, maxLength: 120, size: "max" },
);

function worldOf(): World {
  return new World({ components: [A, B], prefabs, maxEntities: 128 });
}

/** What bitECS knows, by names that are the same in two worlds. */
function stateOf(bit: BitWorld, names: ReadonlyMap<unknown, string>, known: readonly string[]) {
  const { entityIndex, entityMasks } = (bit as InternalWorld)[$internal];
  const { aliveCount, dense, maxId, sparse } = entityIndex;
  const entities = getAllEntities(bit).map((index) => [
    index,
    getEntityComponents(bit, index).map((part) => names.get(part)),
    entityMasks.map((masks) => (masks[index] ?? 0) !== 0).includes(true),
    known.map((name) => {
      const part = [...names].find(([, n]) => n === name)?.[0];
      return part !== undefined && hasComponent(bit, index, part);
    }),
  ]);
  const alive = dense.slice(0, aliveCount);
  return { aliveCount, dense: [...dense], maxId, entities, places: alive.map((id) => sparse[id]) };
}

describe("entities that come and go", () => {
  test("leave bitECS in the state in which its own functions leave it", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = worldOf();
        const bit = createWorld();
        const own = new Map<Component, object>([A, B, C].map((c) => [c, {}]));
        const names = new Map<unknown, string>();
        const bitNames = new Map<unknown, string>();
        for (const [component, object] of own) {
          names.set(world.columns(component), component.name);
          bitNames.set(object, component.name);
        }
        const known = [...own.keys()].map(({ name }) => name);
        const live: Entity[] = [];
        const heard: string[] = [];
        const bitHeard: string[] = [];
        const listen = (of: BitWorld, part: object, told: string[]) => {
          observe(of, onAdd(part), (index) => told.push(`+${index}`));
          observe(of, onRemove(part), (index) => {
            told.push(
              `-${index} ${entityExists(of, index)} ${getEntityComponents(of, index).length}`,
            );
          });
        };
        for (const step of list) {
          const entity = "nth" in step ? live[step.nth % Math.max(1, live.length)] : undefined;
          if (step.do === "spawn" || step.do === "reserve") {
            if (live.length === 100) continue;
            let made: Entity;
            if (step.do === "reserve") {
              made = world.reserve();
              world.writeDefaults(made, step.prefab);
              world.materialise(made, step.prefab);
            } else made = world.spawn(step.prefab);
            const index = addEntity(bit);
            for (const { component } of step.prefab.parts)
              addComponent(bit, index, own.get(component) as object);
            expect(world.indexOf(made)).toBe(index);
            live.push(made);
          } else if (step.do === "listen") {
            listen(world.bit, world.columns(step.part), heard);
            listen(bit, own.get(step.part) as object, bitHeard);
          } else if (step.do === "commit") {
            world.commit();
            bitQuery(bit, [own.get(A) as object]);
          } else if (entity !== undefined) {
            const index = world.indexOf(entity);
            if (step.do === "despawn") {
              world.despawn(entity);
              removeEntity(bit, index);
              live.splice(live.indexOf(entity), 1);
            } else {
              const change = step.do === "add" ? addComponent : removeComponent;
              change(world.bit, index, world.columns(step.part));
              change(bit, index, own.get(step.part) as object);
            }
          }
          expect(stateOf(world.bit, names, known)).toEqual(stateOf(bit, bitNames, known));
        }
        expect(heard).toEqual(bitHeard);
        for (const part of own.keys()) {
          const columns = world.columns(part);
          expect([...bitQuery(world.bit, [columns])].sort()).toEqual(
            [...bitQuery(bit, [own.get(part) as object])].sort(),
          );
          const members = world.query([part]);
          const indices = members.entities().filter((index) => members.has(index));
          expect([...indices].sort()).toEqual([...bitQuery(world.bit, [columns])].sort());
        }
      }),
      { numRuns: 150 },
    );
  });

  test("have each what it is given later, and no other that began like it", () => {
    const world = worldOf();
    const [first, second] = [world.spawn(Two), world.spawn(Two)];
    world.add(first, A);
    removeComponent(world.bit, world.indexOf(first), world.columns(B));
    addComponent(world.bit, world.indexOf(second), world.columns(C));
    const partsOf = (entity: Entity) => getEntityComponents(world.bit, world.indexOf(entity));
    expect(partsOf(first)).toEqual([world.columns(A)]);
    expect(partsOf(second)).toEqual([world.columns(B), world.columns(A), world.columns(C)]);
    expect(partsOf(world.spawn(Two))).toEqual([world.columns(B), world.columns(A)]);
  });

  test("join queries that were made after the first of their prefab", () => {
    const world = worldOf();
    const early = world.query([A]);
    world.spawn(Three);
    const late = world.query([B, C]);
    const own = world.query([A, B], { own: true });
    const entity = world.spawn(Three);
    expect([early.count, late.count, own.count]).toEqual([2, 2, 2]);
    world.dropQuery(own);
    world.spawn(Three);
    expect([early.count, late.count, own.count]).toEqual([3, 3, 2]);
    world.despawn(entity);
    expect([early.count, late.count]).toEqual([2, 2]);
    expect(late.has(world.spawn(One))).toBe(false);
  });

  test("are ended once by an observer that ends them, too", () => {
    const world = worldOf();
    const entity = world.spawn(One);
    const other = world.spawn(One);
    let told = 0;
    observe(world.bit, onRemove(world.columns(A)), (index) => {
      told++;
      removeEntity(world.bit, index);
    });
    world.despawn(entity);
    expect(told).toBe(1);
    expect(world.aliveCount).toBe(1);
    expect(getAllEntities(world.bit)).toEqual([world.indexOf(other)]);
    const next = [world.spawn(One), world.spawn(One)];
    expect(new Set([other, ...next].map((e) => world.indexOf(e))).size).toBe(3);
  });

  test("are missed by those that had a relation to them, and by queries of what they lack", () => {
    const world = worldOf();
    const likes = createRelation();
    const [who, whom] = [world.spawn(One), world.spawn(Two)];
    const index = world.indexOf(who);
    addComponent(world.bit, index, Pair(likes, world.indexOf(whom)));
    const lacking = () => [...bitQuery(world.bit, [Not(world.columns(B))])];
    expect(lacking()).toContain(index);
    expect(lacking()).not.toContain(world.indexOf(whom));
    world.despawn(whom);
    expect(getEntityComponents(world.bit, index)).toEqual([world.columns(A)]);
    const later = world.spawn(One);
    expect(lacking()).toContain(world.indexOf(later));
    world.despawn(later);
    expect(lacking()).toEqual([index]);
  });
});
