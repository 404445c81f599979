import { describe, expect, test } from "vitest";
import { type Entity, ManualClock } from "../../engine/index.ts";
import { Bullet, binary, Kinds, Position, type Rig, rig, scripted, Trace } from "./harness.ts";

/** Updates that take a whole number of milliseconds by a clock which nothing else moves. */
const busyScript = (ms: number) => `
@external("test", "busy") declare function busy(ms: i32): void;
export function onUpdate(self: Entity): void { busy(${ms}); Trace.updates[self]++; Trace.value[self] = Time.frame; }
export function onDestroy(self: Entity): void { busy(${ms}); }`;

function busyRig(frameBudgetMs: number): Rig {
  const clock = new ManualClock();
  return rig({
    clock,
    frameBudgetMs,
    link: (linker) => {
      // Dear enough that the clock is looked at after every call.
      const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
      linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
    },
  });
}

function spawnMany(r: Rig, script: string, count: number): Entity[] {
  return Array.from({ length: count }, () => {
    const entity = r.world.spawn(undefined, Trace, Position, Kinds);
    r.scripts.attach(entity, script);
    return entity;
  });
}

function updatesOf(r: Rig, entities: readonly Entity[]): number[] {
  return entities.map(
    (entity) => r.world.columns(Trace).updates[r.world.indexOf(entity)] as number,
  );
}

describe("the frame budget", () => {
  test("defers what is left, which goes first next frame, each entity at most once a frame", async () => {
    const r = busyRig(3);
    await r.load("busy", busyScript(1));
    const all = spawnMany(r, "busy", 10);
    const seen: string[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames();
      seen.push(updatesOf(r, all).join(""));
    }
    expect(seen).toEqual(["1110000000", "1111110000", "1111111110", "2211111111"]);
    expect(r.scripts.lastFrame).toMatchObject({ timeMs: 3, calls: 3, deferred: 7, faults: 0 });
    expect(r.scripts.stats()[0]).toMatchObject({ deferredFrames: 4, faults: 0, state: "running" });
    r.scripts.frameBudgetMs = Infinity;
    r.frames(2);
    expect(updatesOf(r, all).join("")).toBe("4433333333");
    expect(r.scripts.lastFrame.deferred).toBe(0);
  });

  test("starves nobody, however many newcomers there are", async () => {
    const r = busyRig(2);
    await r.load("busy", busyScript(1));
    const old = spawnMany(r, "busy", 6);
    for (let frame = 0; frame < 40; frame++) {
      spawnMany(r, "busy", 3);
      r.frames();
    }
    for (const updates of updatesOf(r, old)) expect(updates).toBeGreaterThanOrEqual(2);
  });

  test("keeps its turn order when entities go in the middle of a round", async () => {
    const r = busyRig(3);
    await r.load("busy", busyScript(1));
    const all = spawnMany(r, "busy", 9);
    r.frames();
    for (const n of [0, 2, 4]) r.world.despawn(all[n] as Entity);
    const left = all.filter((_, n) => ![0, 2, 4].includes(n));
    r.frames();
    expect(updatesOf(r, left)).toEqual([1, 1, 1, 1, 0, 0]);
    r.frames();
    expect(updatesOf(r, left)).toEqual([2, 1, 1, 1, 1, 1]);
  });

  test("is shared: an expensive script doesn't keep a cheap one waiting", async () => {
    const r = busyRig(10);
    await r.load("crowd", busyScript(2));
    await r.load("player", busyScript(1));
    const crowd = spawnMany(r, "crowd", 50);
    const player = spawnMany(r, "player", 2);
    r.frames(20);
    expect(updatesOf(r, player)).toEqual([20, 20]);
    expect(r.scripts.stats().map(({ deferredFrames }) => deferredFrames)).toEqual([20, 0]);
    // What the player leaves over goes to the crowd: 8 ms of 10 every frame.
    expect(updatesOf(r, crowd).reduce((sum, n) => sum + n, 0)).toBe(20 * 4);
  });

  test("gives every script its turn, even when one call takes the whole of it", async () => {
    const r = busyRig(2);
    for (const name of ["a", "b", "c", "d"]) await r.load(name, busyScript(5));
    const all = ["a", "b", "c", "d"].flatMap((name) => spawnMany(r, name, 2));
    r.frames(8);
    expect(updatesOf(r, all)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    r.frames(8);
    expect(updatesOf(r, all)).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
  });

  test("also holds back onDestroy: the entity then lives a little longer and goes first", async () => {
    const r = busyRig(3);
    await r.load("busy", busyScript(1));
    const all = spawnMany(r, "busy", 3);
    r.frames();
    await r.load(
      "reaper",
      "export function onUpdate(self: Entity): void { despawn(Kinds.target[self]); }",
    );
    for (const entity of all) {
      const reaper = r.world.spawn(undefined, Kinds);
      r.world.columns(Kinds).target[r.world.indexOf(reaper)] = entity;
      r.scripts.attach(reaper, "reaper");
    }
    const alive = (): number => all.filter((entity) => r.world.isAlive(entity)).length;
    r.scripts.disable("busy");
    r.scripts.enable("busy");
    const seen: number[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames();
      seen.push(alive());
    }
    expect(seen.at(-1)).toBe(0);
    expect([...seen].sort((a, b) => b - a)).toEqual(seen);
    expect(r.of("fault").every(({ script }) => script === "reaper")).toBe(true);
  });

  test("lets a frame's faults cost time like everything else", async () => {
    const r = busyRig(3);
    await r.load(
      "bad",
      `
@external("test", "busy") declare function busy(ms: i32): void;
export function onUpdate(self: Entity): void { busy(1); unreachable(); }`,
    );
    spawnMany(r, "bad", 10);
    r.frames();
    expect(r.scripts.lastFrame).toMatchObject({ calls: 3, faults: 3, deferred: 7 });
  });

  test("is off with Infinity, and must be a number", () => {
    expect(() => rig({ frameBudgetMs: Number.NaN })).toThrow("frameBudgetMs");
    expect(() => rig({ frameBudgetMs: -1 })).toThrow("frameBudgetMs");
    expect(() => rig({ policy: { maxStrikes: 0 } })).toThrow("maxStrikes");
  });
});

describe("a run without a time limit", () => {
  const chaos = `
export function onStart(self: Entity): void { Kinds.i32[self] = Random.int(0, 1000); }
export function onUpdate(self: Entity): void {
  Position.x[self] += <f32>Random.next() * Time.delta;
  const die = Random.int(1, 40);
  if (die == 1) unreachable();
  if (die == 2) Prefab.Bullet.spawn();
  if (die == 3) despawn(self);
  if (die == 4) { if (Frozen.has(self)) Frozen.remove(self); else Frozen.add(self); }
  if (die == 5) { const b = Prefab.Bullet.spawn(); Position.y[b] = 3; while (true) Trace.value[b] += 1; }
}`;

  test("repeats bit for bit", async () => {
    const run = async (seed: number): Promise<string> => {
      const r = rig({ seed, limits: { fuelPerCall: 20_000 } });
      await r.load("chaos", chaos);
      await r.load(
        "bullet",
        "export function onUpdate(self: Entity): void { Position.y[self] += 1; if (Position.y[self] > 20) despawn(self); }",
      );
      for (let n = 0; n < 40; n++)
        r.world.spawn(undefined, Position, Trace, Kinds, scripted("chaos"));
      r.frames(25);
      expect(r.of("fault").length).toBeGreaterThan(5);
      expect(r.world.query([Position, scripted("bullet")]).count).toBeGreaterThan(0);
      return r.world.hash();
    };
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
    expect(Bullet.name).toBe("Bullet");
    expect((await binary("chaos", chaos)).name).toBe("chaos");
  });
});
