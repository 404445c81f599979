import { describe, expect, test } from "vitest";
import type { Entity, World } from "../../engine/index.ts";
import { LinkError } from "../../scripting/errors.ts";
import { Bullet, binary, Frozen, Kinds, Position, Rock, rig, Trace, Velocity } from "./harness.ts";

const tracer = `
export function onStart(self: Entity): void { Trace.starts[self]++; Trace.value[self] = Trace.updates[self]; }
export function onUpdate(self: Entity): void { Trace.updates[self]++; }
`;

function traceOf(world: World, entity: Entity) {
  const index = world.indexOf(entity);
  const { starts, updates, ends } = world.columns(Trace);
  return [starts[index], updates[index], ends[index]];
}

describe("hooks", () => {
  test("onStart runs once for each entity, before its first onUpdate", async () => {
    const { world, scripts, load, frames } = rig();
    await load("tracer", tracer);
    const first = world.spawn(undefined, Trace);
    scripts.attach(first, "tracer");
    frames(2);
    const second = world.spawn(undefined, Trace);
    scripts.attach(second, "tracer");
    frames(3);
    expect(traceOf(world, first)).toEqual([1, 5, 0]);
    expect(traceOf(world, second)).toEqual([1, 3, 0]);
    expect(world.columns(Trace).value[world.indexOf(first)]).toBe(0);
  });

  test("onDestroy runs once when the entity is despawned or detached, with its components there", async () => {
    const { world, scripts, load, frames, of } = rig();
    await load(
      "ender",
      "export function onDestroy(self: Entity): void { Trace.ends[self]++; log(Trace.value[self]); }",
    );
    const [a, b, never] = [1, 2, 3].map((value) => {
      const entity = world.spawn(undefined, Trace);
      world.columns(Trace).value[world.indexOf(entity)] = value;
      return entity;
    }) as [Entity, Entity, Entity];
    scripts.attach(a, "ender");
    scripts.attach(b, "ender");
    frames();
    scripts.despawn(a);
    expect(world.isAlive(a)).toBe(false);
    expect(scripts.detach(b, "ender")).toBe(true);
    expect(scripts.detach(b, "ender")).toBe(false);
    scripts.attach(never, "ender");
    scripts.detach(never, "ender");
    frames();
    expect(of("log").map(({ text, entity }) => [text, entity])).toEqual([
      ["1.0", a],
      ["2.0", b],
    ]);
    expect(traceOf(world, b)).toEqual([0, 0, 1]);
    expect(traceOf(world, never)).toEqual([0, 0, 0]);
  });

  test("onLoad runs at load, and what it asks for has happened when load is done", async () => {
    const { world, load, of } = rig();
    await load(
      "maker",
      'export function onLoad(): void { Position.y[Prefab.Rock.spawn()] = 4; log("loaded"); }',
    );
    const rocks = world.query([Position, Trace]);
    expect(rocks.count).toBe(1);
    expect(world.columns(Position).y[rocks.entities()[0] as number]).toBe(4);
    expect(of("log").map(({ entity, text }) => [entity, text])).toEqual([[0, "loaded"]]);
    expect(of("load")).toEqual([{ type: "load", script: "maker" }]);
  });

  test("may be missing, all of them", async () => {
    const { world, scripts, load, frames } = rig();
    await load("nothing", "export function helper(): i32 { return 1; }");
    const entity = world.spawn();
    scripts.attach(entity, "nothing");
    frames(2);
    scripts.despawn(entity);
    expect(scripts.stats()[0]).toMatchObject({ calls: 0, state: "running", entities: 0 });
  });

  test("that want other arguments are refused at load", async () => {
    const { load } = rig();
    const wanting = "export function onUpdate(self: Entity, delta: f32): void {}";
    await expect(load("wanting", wanting)).rejects.toThrow("wanting.onUpdate takes 2 arguments");
    await expect(load("wanting", "export function onLoad(self: Entity): void {}")).rejects.toThrow(
      "it gets none",
    );
    await load("wanting", tracer);
  });
});

describe("scripts on entities", () => {
  test("one entity may carry several, which run in the order they were loaded", async () => {
    const { world, scripts, load, frames } = rig();
    await load(
      "double",
      "export function onUpdate(self: Entity): void { Trace.value[self] *= 2; }",
    );
    await load("add", "export function onUpdate(self: Entity): void { Trace.value[self] += 3; }");
    const entity = world.spawn(undefined, Trace);
    expect(scripts.attach(entity, "add")).toBe(true);
    expect(scripts.attach(entity, "double")).toBe(true);
    expect(scripts.attach(entity, "double")).toBe(false);
    expect(scripts.scriptsOf(entity)).toEqual(["double", "add"]);
    frames(2);
    expect(world.columns(Trace).value[world.indexOf(entity)]).toBe(9);
    expect(world.query([scripts.tag("add"), scripts.tag("double")]).count).toBe(1);
  });

  test("mistakes of the game throw", async () => {
    const { world, scripts, load } = rig();
    await load("tracer", tracer);
    const entity = world.spawn();
    expect(() => scripts.attach(entity, "trace")).toThrow(
      'no script named "trace" is loaded; loaded: tracer',
    );
    world.despawn(entity);
    expect(() => scripts.attach(entity, "tracer")).toThrow("is not alive");
    expect(() => scripts.despawn(entity)).toThrow("is not alive");
    await expect(load("tracer", tracer)).rejects.toThrow('"tracer" is loaded already');
  });

  test("the tag in a prefab makes its entities carry the script, whoever spawns them", async () => {
    const { world, scripts, load, frames } = rig();
    const early = world.spawn(Bullet);
    await load("bullet", tracer);
    const late = world.spawn(Bullet);
    frames();
    expect(traceOf(world, early)).toEqual([1, 1, 0]);
    expect(traceOf(world, late)).toEqual([1, 1, 0]);
    world.remove(late, scripts.tag("bullet"));
    frames();
    expect(traceOf(world, late)).toEqual([1, 1, 0]);
    expect(scripts.scriptsOf(late)).toEqual([]);
    world.add(late, scripts.tag("bullet"));
    frames();
    expect(traceOf(world, late)).toEqual([2, 2, 0]);
  });

  test("an entity that the game removes by itself is noticed, and its index's next owner isn't mistaken for it", async () => {
    const { world, scripts, load, frames } = rig();
    await load("bullet", tracer);
    const all = Array.from({ length: 20 }, () => world.spawn(Bullet));
    frames();
    for (const entity of all.filter((_, n) => n % 3 === 0)) world.despawn(entity);
    const next = Array.from({ length: 9 }, () => world.spawn(Bullet));
    frames();
    expect(scripts.stats()[0]).toMatchObject({ entities: 22, calls: 20 * 2 + 22 + 9 });
    for (const entity of next) expect(traceOf(world, entity)).toEqual([1, 1, 0]);
  });
});

describe("what scripts ask for", () => {
  test("a spawned entity is there when scripts are done, as it was written to, and runs from the next frame", async () => {
    const { world, scripts, load, frames } = rig();
    await load(
      "gun",
      `
export function onUpdate(self: Entity): void {
  const bullet = Prefab.Bullet.spawn();
  Position.y[bullet] = 7;
  Position.y[bullet] += Position.x[bullet];
  Kinds.target[self] = bullet;
}`,
    );
    await load("bullet", tracer);
    const gun = world.spawn(undefined, Kinds);
    scripts.attach(gun, "gun");
    frames();
    const bullet = world.columns(Kinds).target[world.indexOf(gun)] as Entity;
    expect(world.isAlive(bullet)).toBe(true);
    expect([world.has(bullet, Position), world.has(bullet, Velocity)]).toEqual([true, true]);
    expect(world.columns(Position).y[world.indexOf(bullet)]).toBe(12);
    expect(traceOf(world, bullet)).toEqual([0, 0, 0]);
    frames();
    expect(traceOf(world, bullet)).toEqual([1, 1, 0]);
  });

  test("a despawned entity lives until scripts are done, then gets its onDestroy", async () => {
    const { world, scripts, load, frames, of } = rig();
    await load(
      "mortal",
      `
export function onUpdate(self: Entity): void { despawn(self); despawn(self); Trace.updates[self]++; if (!isAlive(self)) unreachable(); }
export function onDestroy(self: Entity): void { log(Trace.updates[self]); Prefab.Rock.spawn(); }`,
    );
    const entity = world.spawn(undefined, Trace);
    scripts.attach(entity, "mortal");
    frames();
    expect(of("log").map(({ text }) => text)).toEqual(["1"]);
    expect([world.isAlive(entity), world.aliveCount, of("fault").length]).toEqual([false, 1, 0]);
    expect(scripts.stats()[0]).toMatchObject({ entities: 0, calls: 2 });
    frames();
    expect(scripts.lastFrame.calls).toBe(0);
  });

  test("entities can be spawned and despawned in one call", async () => {
    const { world, scripts, load, frames, of } = rig();
    await load(
      "churn",
      "export function onUpdate(self: Entity): void { for (let i = 0; i < 10; i++) despawn(Prefab.Bullet.spawn()); }",
    );
    const entity = world.spawn();
    scripts.attach(entity, "churn");
    const before = world.hash();
    frames(50);
    expect([world.hash(), of("fault").length]).toEqual([before, 0]);
  });

  test("components are added with what was written to them, and removed, in the order asked for", async () => {
    const { world, scripts, load, frames } = rig();
    await load(
      "change",
      `
export function onUpdate(self: Entity): void {
  if (!Kinds.has(self)) {
    Kinds.add(self);
    Kinds.i16[self] = 12;
    Frozen.remove(self);
  } else {
    Frozen.add(self);
    Frozen.remove(self);
    Frozen.add(self);
  }
}`,
    );
    const entity = world.spawn(undefined, Frozen);
    scripts.attach(entity, "change");
    frames();
    const index = world.indexOf(entity);
    expect([world.has(entity, Kinds), world.has(entity, Frozen)]).toEqual([true, false]);
    expect([world.columns(Kinds).i16[index], world.columns(Kinds).u8[index]]).toEqual([12, 3]);
    frames();
    expect(world.has(entity, Frozen)).toBe(true);
  });

  test("two scripts that ask for the opposite get it in order", async () => {
    const { world, scripts, load, frames } = rig();
    await load("first", "export function onUpdate(self: Entity): void { Kinds.remove(self); }");
    await load(
      "second",
      "export function onUpdate(self: Entity): void { Kinds.add(self); Kinds.i8[self]++; }",
    );
    const entity = world.spawn(undefined, Kinds);
    for (const name of ["first", "second"]) scripts.attach(entity, name);
    frames(3);
    expect(world.has(entity, Kinds)).toBe(true);
    expect(world.columns(Kinds).i8[world.indexOf(entity)]).toBe(3);
  });

  test("what is asked of an entity that is gone by then is passed over", async () => {
    const { world, scripts, load, frames, of } = rig();
    await load(
      "first",
      "export function onUpdate(self: Entity): void { despawn(Kinds.target[self]); }",
    );
    await load(
      "second",
      "export function onUpdate(self: Entity): void { const t = Kinds.target[self]; if (isAlive(t)) { Frozen.add(t); Position.remove(t); } }",
    );
    const target = world.spawn(undefined, Position);
    const entity = world.spawn(undefined, Kinds);
    world.columns(Kinds).target[world.indexOf(entity)] = target;
    scripts.attach(entity, "first");
    scripts.attach(entity, "second");
    frames();
    expect([world.isAlive(target), of("fault").length]).toEqual([false, 0]);
    const next = world.spawn();
    expect(world.indexOf(next)).toBe(target & 0xfffff);
    expect(world.has(next, Frozen)).toBe(false);
  });
});

describe("loading", () => {
  test("what can't be linked is listed by name, and the name stays free", async () => {
    const { world, scripts, events } = rig();
    const other = await binary("other", tracer);
    const before = world.hash();
    const renamed = await binary(
      "patrol",
      `
@external("component", "Position.z.get") declare function z(e: Entity): f32;
@external("component", "Position.x.get") declare function x(e: Entity): f64;
export function onUpdate(self: Entity): void { Position.y[self] = z(self) + <f32>x(self); }`,
    );
    const error = await scripts.load(renamed).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).problems.map(({ name }) => name)).toEqual([
      "Position.z.get",
      "Position.x.get",
    ]);
    await expect(scripts.load({ ...renamed, bytes: new Uint8Array([1, 2, 3]) })).rejects.toThrow(
      /malformed/,
    );
    expect([world.hash(), scripts.stats().length, events.length]).toEqual([before, 0, 0]);
    await scripts.load({ ...other, name: "patrol" });
  });

  test("a name is taken from the moment it is being loaded", async () => {
    const { scripts } = rig();
    const script = await binary("tracer", tracer);
    const first = scripts.load(script);
    await expect(scripts.load(script)).rejects.toThrow("loaded already");
    await first;
  });

  test("unloading ends everything of it and frees the name", async () => {
    const { world, scripts, load, frames, of } = rig();
    await load("bullet", `${tracer}export function onDestroy(self: Entity): void { log("bye"); }`);
    const bullet = world.spawn(Bullet);
    const rock = world.spawn(Rock);
    scripts.attach(rock, "bullet");
    frames();
    scripts.unload("bullet");
    expect(of("log").map(({ entity }) => entity)).toEqual([bullet, rock]);
    frames();
    expect(traceOf(world, bullet)).toEqual([1, 1, 0]);
    expect(scripts.stats()).toEqual([]);
    await load("bullet", tracer);
    frames();
    expect(traceOf(world, bullet)).toEqual([1, 1, 0]);
  });
});
