import { addComponent, addEntity, addPrefab, createWorld, removeEntity } from "bitecs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Component,
  defineComponent,
  defineMarker,
  type Entity,
  Not,
  noEntity,
  Or,
  packNumbers,
  type Query,
  SnapshotError,
  World,
  type WorldSnapshot,
} from "../../engine/index.ts";

const Position = defineComponent("Position", { x: "f32", y: "f64" });
const Target = defineComponent("Target", { of: "entity", level: "u8" });
const Frozen = defineComponent("Frozen", {});
const Carried = defineMarker("carried");
const components: readonly Component[] = [Position, Target, Frozen];
const all: readonly Component[] = [...components, Carried];

interface Rig {
  readonly world: World;
  readonly queries: readonly Query[];
}

function createRig(maxEntities = 24): Rig {
  const bitWorld = createWorld();
  const store = { x: new Float32Array(32), y: new Float64Array(32) };
  const Adopting = defineComponent("Adopted", { x: "f32", y: "f64" }, { store });
  const world = new World({ components: [...components, Adopting], maxEntities, bitWorld });
  const queries = [
    world.query([Position]),
    world.query([Target, Not(Frozen)]),
    world.query([Or(Target, Frozen), Or(Position, Carried), Not(Adopting)]),
    world.query([Carried], { own: true }),
    world.query([Carried], { own: true }),
    world.query([Carried, Adopting]),
  ];
  return { world, queries };
}

/** Does one of many things to a world; what, a number says. */
function act({ world }: Rig, seed: number): void {
  const entities = [...world.entities()];
  const pick = entities[seed % Math.max(1, entities.length)] ?? noEntity;
  const component = all[(seed >> 4) % all.length] as Component;
  const kind = (seed >> 8) % 8;
  if (entities.length === 0 || (kind < 2 && entities.length < 20)) {
    const entity = world.spawn(undefined, Position);
    const index = world.indexOf(entity);
    world.columns(Position).x[index] = [seed / 3, -0, Infinity][seed % 3] as number;
    world.columns(Position).y[index] = seed * Math.PI;
  } else if (kind === 2) world.despawn(pick);
  else if (kind === 3) world.remove(pick, component);
  else if (kind === 4) world.commit();
  else if (kind === 5) removeEntity(world.bit, world.indexOf(pick));
  else if (kind === 6 && component === Target) {
    world.add(pick, Target, { of: entities[(seed >> 5) % entities.length] as Entity, level: 7 });
  } else {
    const adopted = world.components.get("Adopted") as Component;
    world.add(pick, (seed & 1) === 0 ? adopted : component);
  }
}

const listing = ({ queries }: Rig) => queries.map((q) => [q.count, ...q.entities()]);
const handles = ({ world }: Rig) => [...world.entities()];
const throughJson = (snapshot: WorldSnapshot) => JSON.parse(JSON.stringify(snapshot));

describe("a world that is saved and loaded", () => {
  test("is what it was, and becomes what it would have become", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 1 << 16 }), { minLength: 0, maxLength: 60 });
    fc.assert(
      fc.property(steps, steps, steps, (before, junk, after) => {
        const [one, two] = [createRig(), createRig()];
        for (const seed of before) act(one, seed);
        for (const seed of junk) act(two, seed);
        two.world.load(throughJson(one.world.save()));
        expect(two.world.hash()).toBe(one.world.hash());
        expect(two.world.aliveCount).toBe(one.world.aliveCount);
        expect(listing(two)).toEqual(listing(one));
        for (const seed of after) {
          act(one, seed);
          act(two, seed);
          expect(handles(two)).toEqual(handles(one));
          expect(listing(two)).toEqual(listing(one));
        }
        expect(two.world.hash()).toBe(one.world.hash());
        expect(two.world.save()).toEqual(one.world.save());
      }),
      { numRuns: 300 },
    );
  });

  test("keeps handles stale that were stale, those in columns too", () => {
    const { world } = createRig();
    const old = world.spawn();
    const holder = world.spawn();
    world.add(holder, Target, { of: old });
    world.despawn(old);
    const next = world.spawn();
    const other = createRig().world;
    other.load(throughJson(world.save()));
    expect(other.isAlive(old)).toBe(false);
    expect(other.isAlive(next)).toBe(true);
    expect(other.columns(Target).of[other.indexOf(holder)]).toBe(old);
    world.despawn(next);
    other.despawn(next);
    expect(other.spawn()).toBe(world.spawn());
  });

  test("retires indices that were used up", () => {
    const { world } = createRig(3);
    const first = world.spawn();
    while (world.isAlive(first) || world.aliveCount < 2) {
      if (world.isAlive(first)) world.despawn(first);
      const entity = world.spawn();
      if (entity >>> 20 < 2015) world.despawn(entity);
    }
    const other = createRig(3).world;
    other.load(world.save());
    expect(() => other.spawn()).toThrow("no room for another entity");
    expect(() => world.spawn()).toThrow("no room for another entity");
  });

  test("tells bitECS's own queries and stores of it", () => {
    const { world } = createRig();
    const Mine = world.columns(world.components.get("Adopted") as Component);
    const eid = addEntity(world.bit);
    addComponent(world.bit, eid, Mine);
    (Mine["x"] as Float32Array)[eid] = 4.5;
    const saved = world.save();
    removeEntity(world.bit, eid);
    (Mine["x"] as Float32Array)[eid] = 9;
    world.load(saved);
    expect((Mine["x"] as Float32Array)[eid]).toBe(4.5);
    expect(world.has(world.handleOf(eid), world.components.get("Adopted") as Component)).toBe(true);
  });

  test("isn't saved while entities are reserved, nor with prefabs of bitECS", () => {
    const { world } = createRig();
    const reserved = world.reserve();
    expect(() => world.save()).toThrow("entities are reserved");
    world.release(reserved);
    const saved = world.save();
    addPrefab(world.bit);
    expect(() => world.save()).toThrow("bitECS's entity 1 can't be saved");
    expect(() => world.load(saved)).toThrow("bitECS's entity 1 can't be saved");
  });

  test("isn't saved with two markers of one label", () => {
    const { world } = createRig();
    const entity = world.spawn();
    world.add(entity, Carried);
    world.add(entity, defineMarker("carried"));
    expect(() => world.save()).toThrow('two markers are called "carried"');
  });
});

describe("a snapshot that doesn't fit", () => {
  const { world } = createRig();
  for (let seed = 0; seed < 4000; seed += 37) act({ world, queries: [] }, seed * 7);
  world.add(world.spawn(), Carried);
  world.add(world.spawn(undefined, Position), Target, { level: 3 });
  const good = throughJson(world.save());
  const u32 = (...numbers: number[]) => packNumbers("u32", numbers);
  const withComponent = (name: string, component: unknown) => ({
    components: { ...good.components, [name]: component },
  });
  const position = good.components.Position;
  const withField = (name: string, field: unknown) =>
    withComponent("Position", { ...position, fields: { ...position.fields, [name]: field } });
  const count = atob(position.members).length / 4;

  const refused: readonly (readonly [string, unknown, string])[] = [
    ["none", { format: undefined }, 'it isn\'t of the format "fusewire-world"'],
    ["version", { version: 2 }, "its version is 2, and 1 is understood"],
    ["component", withComponent("Mass", { members: "", fields: {} }), 'no component "Mass" here'],
    ["__proto__", { components: JSON.parse('{"__proto__": {}}') }, 'no component "__proto__" here'],
    ["marker", { markers: { tagged: "" } }, 'no marker here has the label "tagged"'],
    ["field", withField("z", { type: "f32", values: "" }), 'Position has no field "z" here'],
    ["missing", withComponent("Position", { ...position, fields: {} }), "Position.x isn't in it"],
    ["type", withField("x", { type: "f64", values: "" }), 'Position.x is "f64" in it and "f32"'],
    ["length", withField("x", { type: "f32", values: "" }), `has 0 values, not ${count}`],
    ["text", withField("x", { type: "f32", values: "?" }), "Position.x is no packed f32"],
    [
      "NaN",
      withField("x", { type: "f32", values: packNumbers("f32", Array(count).fill(Number.NaN)) }),
      "Position.x holds NaN",
    ],
    [
      "handle",
      withComponent("Target", {
        members: u32(1),
        fields: {
          of: { type: "entity", values: packNumbers("i32", [-5]) },
          level: { type: "u8", values: packNumbers("u8", [1]) },
        },
      }),
      "Target.of holds what is no entity's handle",
    ],
    ["twice", { alive: u32(1, 1), free: "" }, "index 1 is out of range, or listed twice"],
    ["zero", { alive: u32(0), free: "" }, "index 0 is out of range"],
    ["beyond", { alive: u32(4_000_000_000), free: "" }, "index 4000000000 is out of range"],
    [
      "too many",
      { generations: packNumbers("u16", Array(24).fill(1)) },
      "it uses indices up to 24; maxEntities is 24",
    ],
    ["generation", { generations: packNumbers("u16", [0]), alive: "", free: "" }, "generation 0"],
    ["dead member", { markers: { carried: u32(23) } }, "index 23 isn't alive, or out of order"],
    [
      "order",
      { queries: [{ query: '["Position"] without []', listed: u32(1, 23), leaving: "" }] },
      "aren't those listed",
    ],
    ["queries", { queries: 5 }, "queries is no list"],
  ];

  test.each(refused)("is refused and changes nothing: %s", (_what, change, text) => {
    const target = createRig();
    for (let seed = 0; seed < 900; seed += 7) act(target, seed * 31);
    const before = [target.world.hash(), listing(target), target.world.save()];
    const bad = { ...good, ...(change as object) };
    expect(() => target.world.load(bad)).toThrow(SnapshotError);
    expect(() => target.world.load(bad)).toThrow(text);
    expect([target.world.hash(), listing(target), target.world.save()]).toEqual(before);
    target.world.load(good);
    expect(target.world.hash()).toBe(world.hash());
  });

  test.each([null, 5, "x", [], undefined])("is refused when it is %s", (value) => {
    expect(() => createRig().world.load(value as never)).toThrow("it is no object");
  });

  test("names all that is wrong, and not more than anybody reads", () => {
    const names = Array.from({ length: 50 }, (_, n) => [`C${n}${"x".repeat(500)}`, {}]);
    try {
      createRig().world.load({ ...good, components: Object.fromEntries(names) });
      expect.unreachable();
    } catch (error) {
      expect((error as SnapshotError).problems).toHaveLength(20);
      expect((error as SnapshotError).message.length).toBeLessThan(5000);
    }
  });

  test("is refused, or loaded, however it was tampered with", () => {
    const text = JSON.stringify(good);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'AQ/=9"{}[],'), (at, char) => {
        const tampered = text.slice(0, at) + char + text.slice(at + 1);
        let value: WorldSnapshot;
        try {
          value = JSON.parse(tampered);
        } catch {
          return;
        }
        const target = createRig();
        const before = target.world.hash();
        try {
          target.world.load(value);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
          expect(target.world.hash()).toBe(before);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
