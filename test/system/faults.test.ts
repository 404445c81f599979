import { describe, expect, test } from "vitest";
import { type Entity, Not } from "../../engine/index.ts";
import { StartError } from "../../scripting/fault.ts";
import { Kinds, Position, type Rig, Rock, rig, Trace } from "./harness.ts";

function spawnMany(r: Rig, script: string, count: number): Entity[] {
  return Array.from({ length: count }, () => {
    const entity = r.world.spawn(undefined, Position, Trace, Kinds);
    r.scripts.attach(entity, script);
    return entity;
  });
}

describe("a call that is stopped", () => {
  const endings: readonly [string, string, Record<string, number>][] = [
    ["out-of-fuel", "while (true) Trace.value[self] += 1;", { fuelPerCall: 5_000 }],
    ["host-call-limit", "while (true) Trace.value[rock] += 1;", { hostCallsPerCall: 50 }],
    ["trap", "unreachable();", {}],
    ["trap", "Trace.value[self] = <f64>(self / Trace.ends[self]);", {}],
    ["abort", 'throw new Error("enough");', {}],
    ["host-error", "Position.x[self] = f32.NaN;", {}],
    ["host-error", "Position.x[12345] = 1;", {}],
    ["host-error", "for (let i = 0; i < 100; i++) Prefab.Bullet.spawn();", {}],
    ["stack-overflow", "Trace.ends[self] = recurse(self);", {}],
  ];

  test.each(endings)("by %s is undone as if it had never been: %s", async (kind, code, limits) => {
    const r = rig({ limits });
    await r.load(
      "bad",
      `
function recurse(n: i32): i32 { return n < 0 ? 0 : recurse(n + 1) * 3 + 1; }
export function onUpdate(self: Entity): void {
  Position.x[self] = 5;
  Position.x[self] += 5;
  Kinds.u8[self] = 9;
  Frozen.add(self);
  const rock = Prefab.Rock.spawn();
  Trace.starts[rock] = 1;
  Kinds.target[self] = rock;
  despawn(self);
  Position.y[self] = <f32>Random.next();
  ${code}
}`,
    );
    const [entity] = spawnMany(r, "bad", 1);
    const before = r.world.hash();
    r.frames();
    const [event] = r.of("fault");
    expect(event).toMatchObject({ script: "bad", entity, hook: "onUpdate", fault: { kind } });
    expect(r.world.hash()).toBe(before);
    expect(r.world.aliveCount).toBe(1);
    expect(event?.fault.location).toMatchObject({ file: "scripts/bad.ts" });
  });

  test("is reported with the line that did it, though bindings were inlined there", async () => {
    const r = rig();
    await r.load(
      "lines",
      `export function onUpdate(self: Entity): void {
  Position.x[self] = 1;
  if (Trace.updates[self] == 0) {
    Position.y[self] =
      Position.x[self] * f32.NaN;
  }
}`,
    );
    spawnMany(r, "lines", 1);
    r.frames();
    expect(r.of("fault")[0]?.fault).toMatchObject({
      functionName: "onUpdate",
      location: { file: "scripts/lines.ts", line: 6, lineText: expect.stringContaining("f32.NaN") },
    });
  });

  test("doesn't touch what other entities' calls did in the same frame", async () => {
    const r = rig();
    await r.load(
      "third",
      `export function onUpdate(self: Entity): void {
  Position.x[self] += 1;
  Prefab.Rock.spawn();
  if (Kinds.i32[self] % 3 == 0) unreachable();
}`,
    );
    const all = spawnMany(r, "third", 30);
    const { i32 } = r.world.columns(Kinds);
    const { x } = r.world.columns(Position);
    all.forEach((entity, n) => {
      i32[r.world.indexOf(entity)] = n;
    });
    r.frames();
    expect(all.map((entity) => x[r.world.indexOf(entity)])).toEqual(
      all.map((_, n) => (n % 3 === 0 ? 0 : 1)),
    );
    expect(r.world.aliveCount).toBe(30 + 20);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 30, faults: 10, deferred: 0 });
  });

  test("over an unlucky number doesn't pass that number on to others, or to its next try", async () => {
    const r = rig();
    await r.load(
      "dice",
      `export function onUpdate(self: Entity): void {
  const drawn = Random.next();
  Trace.value[self] = drawn;
  if (drawn < 0.1) unreachable();
}`,
    );
    const all = spawnMany(r, "dice", 200);
    r.frames();
    const faults = r.of("fault").length;
    expect(faults).toBeGreaterThan(8);
    expect(faults).toBeLessThan(40);
    const { value } = r.world.columns(Trace);
    expect(new Set(all.map((entity) => value[r.world.indexOf(entity)])).size).toBe(
      200 - faults + 1,
    );
    r.frames(4);
    expect(r.of("disable")).toEqual([]);
  });
});

describe("after a fault", () => {
  test("the entity pauses for 1, 2, 4 … frames and is struck out; others of the script go on", async () => {
    const r = rig({ policy: { maxStrikes: 4 } });
    await r.load(
      "moody",
      `export function onUpdate(self: Entity): void {
  log(Time.frame);
  if (Kinds.u8[self] == 1) unreachable();
}`,
    );
    const [bad, good] = spawnMany(r, "moody", 2) as [Entity, Entity];
    r.world.columns(Kinds).u8[r.world.indexOf(bad)] = 1;
    const states: string[] = [];
    for (let frame = 0; frame < 16; frame++) {
      r.frames();
      states.push(r.scripts.stats()[0]?.state ?? "");
    }
    const framesOf = (entity: Entity) =>
      r
        .of("log")
        .filter((event) => event.entity === entity)
        .map(({ text }) => Number(text));
    expect(framesOf(bad)).toEqual([1, 3, 6, 11]);
    expect(framesOf(good)).toEqual(Array.from({ length: 16 }, (_, n) => n + 1));
    expect(
      r.of("fault").map(({ strikes, outcome, backOffFrames }) => [strikes, outcome, backOffFrames]),
    ).toEqual([
      [1, "back-off", 1],
      [2, "back-off", 2],
      [3, "degraded", 4],
      [4, "disabled", 0],
    ]);
    expect(r.of("disable")).toMatchObject([
      { script: "moody", entity: bad, fault: { kind: "trap" } },
    ]);
    expect(new Set(states)).toEqual(new Set(["running"]));
    expect(r.scripts.stats()[0]).toMatchObject({
      entities: 2,
      disabledEntities: 1,
      faults: 4,
      strikes: 4,
    });
    expect(r.world.isAlive(bad)).toBe(true);
  });

  test("a script says whether it backs off, is degraded or disabled for all, and can be enabled again", async () => {
    const r = rig();
    await r.load(
      "bad",
      "export function onUpdate(self: Entity): void { if (Kinds.i8[self] == 0) unreachable(); Trace.updates[self]++; }",
    );
    const [entity] = spawnMany(r, "bad", 1) as [Entity];
    const states: string[] = [];
    for (let frame = 0; frame < 8; frame++) {
      r.frames();
      states.push(r.scripts.stats()[0]?.state ?? "");
    }
    const [b, g, d] = ["backing-off", "degraded", "disabled"];
    expect(states).toEqual([b, b, g, g, g, d, d, d]);
    r.world.columns(Kinds).i8[r.world.indexOf(entity)] = 1;
    r.frames();
    r.scripts.enable("bad");
    r.frames();
    expect(r.of("enable")).toEqual([{ type: "enable", script: "bad" }]);
    expect(r.scripts.stats()[0]).toMatchObject({
      state: "running",
      strikes: 0,
      disabledEntities: 0,
    });
    expect(r.world.columns(Trace).updates[r.world.indexOf(entity)]).toBe(1);
    r.scripts.disable("bad");
    r.frames();
    expect(r.scripts.stats()[0]).toMatchObject({ state: "disabled" });
    expect(r.world.columns(Trace).updates[r.world.indexOf(entity)]).toBe(1);
  });

  test("strikes are forgiven after some time without a fault", async () => {
    const r = rig({ policy: { forgiveAfterFrames: 10, maxStrikes: 2 } });
    await r.load(
      "rare",
      "export function onUpdate(self: Entity): void { if (Time.frame % 20 == 0) unreachable(); }",
    );
    spawnMany(r, "rare", 1);
    r.frames(100);
    expect(r.of("fault").map(({ strikes }) => strikes)).toEqual([1, 1, 1, 1, 1]);
    expect(r.of("disable")).toEqual([]);
  });

  const remembers = `
let updates = 0;
let table: StaticArray<i32> | null = null;
export function onLoad(): void { table = [10, 20, 30]; Prefab.Rock.spawn(); log("load"); }
export function onUpdate(self: Entity): void {
  updates++;
  Trace.updates[self] = updates;
  Trace.value[self] = table![1];
  if (Time.frame == 3) { table = null; memory.fill(0, 0, 60_000); unreachable(); }
}`;

  test("the script's memory is what it was before the call", async () => {
    const r = rig();
    await r.load("memory", remembers);
    const [first, second] = spawnMany(r, "memory", 2) as [Entity, Entity];
    r.frames(5);
    const { updates, value } = r.world.columns(Trace);
    // Two frames with two calls each that count, one with none, a pause for both, and a frame with two.
    expect([first, second].map((e) => updates[r.world.indexOf(e)])).toEqual([5, 6]);
    expect(value[r.world.indexOf(first)]).toBe(20);
    expect(r.of("fault").length).toBe(2);
    expect(r.of("restart")).toEqual([]);
    expect(r.of("log").length).toBe(1);
  });

  test("the memory of a script that runs call by call starts afresh, prepared by onLoad, whose effects on the world don't repeat", async () => {
    const r = rig({ windows: false });
    await r.load("memory", remembers);
    const [entity] = spawnMany(r, "memory", 1) as [Entity];
    r.frames(5);
    const index = r.world.indexOf(entity);
    expect(r.world.columns(Trace).updates[index]).toBe(1);
    expect(r.world.columns(Trace).value[index]).toBe(20);
    expect(r.of("fault").length).toBe(1);
    expect(r.world.query([Trace, Position, Not(Kinds)]).count).toBe(1);
    expect(r.of("log").length).toBe(2);
  });

  test("a script that can't be restarted is disabled as a whole", async () => {
    const r = rig({ windows: false });
    await r.load(
      "fragile",
      `
if (Time.frame > 0) unreachable();
export function onUpdate(self: Entity): void { Trace.updates[self]++; if (Kinds.u8[self] == 1) unreachable(); }`,
    );
    const [bad, good] = spawnMany(r, "fragile", 2) as [Entity, Entity];
    r.world.columns(Kinds).u8[r.world.indexOf(bad)] = 1;
    r.frames(5);
    expect(r.of("disable")).toMatchObject([
      { script: "fragile", entity: 0, fault: { entry: "start" } },
    ]);
    expect(r.scripts.stats()[0]).toMatchObject({ state: "disabled", calls: 1 });
    expect(r.world.columns(Trace).updates[r.world.indexOf(good)]).toBe(0);
    await r.reload(
      "fragile",
      "export function onUpdate(self: Entity): void { Trace.updates[self]++; }",
    );
    r.frames(2);
    expect(r.world.columns(Trace).updates[r.world.indexOf(bad)]).toBe(2);
  });
});

describe("a fault in another hook", () => {
  test("of onStart is a strike; it is tried again, and onUpdate waits for it", async () => {
    const r = rig();
    await r.load(
      "slow",
      `
export function onStart(self: Entity): void { Trace.starts[self]++; if (Time.frame < 3) unreachable(); }
export function onUpdate(self: Entity): void { Trace.updates[self]++; }`,
    );
    const [entity] = spawnMany(r, "slow", 1) as [Entity];
    r.frames(5);
    const index = r.world.indexOf(entity);
    expect(r.of("fault").map(({ hook }) => hook)).toEqual(["onStart"]);
    expect([r.world.columns(Trace).starts[index], r.world.columns(Trace).updates[index]]).toEqual([
      1, 3,
    ]);
  });

  test("of onDestroy is reported, and the entity goes all the same", async () => {
    const r = rig();
    await r.load(
      "last",
      "export function onDestroy(self: Entity): void { Prefab.Rock.spawn(); unreachable(); }",
    );
    const [entity, other] = spawnMany(r, "last", 2) as [Entity, Entity];
    r.frames();
    r.scripts.despawn(entity);
    expect(r.of("fault")).toMatchObject([
      { hook: "onDestroy", entity, outcome: "none", strikes: 0 },
    ]);
    expect([r.world.isAlive(entity), r.world.aliveCount]).toEqual([false, 1]);
    r.scripts.despawn(other);
    expect(r.of("fault").length).toBe(2);
  });

  test("of onLoad or top-level code fails the load and leaves the world as it was", async () => {
    const r = rig();
    r.world.spawn(Rock);
    const before = r.world.hash();
    for (const body of [
      "export function onLoad(): void { Prefab.Rock.spawn(); unreachable(); }",
      "unreachable(); export function onLoad(): void {}",
      "Prefab.Rock.spawn();",
    ]) {
      await expect(r.load("bad", body)).rejects.toBeInstanceOf(StartError);
      expect([r.world.hash(), r.world.aliveCount, r.scripts.stats().length]).toEqual([
        before,
        1,
        0,
      ]);
    }
    expect(r.events.filter(({ type }) => type !== "log")).toEqual([]);
  });
});

describe("top-level code", () => {
  test("can't change the world, not even by a forged handle", async () => {
    const r = rig();
    const entity = r.world.spawn(undefined, Position);
    const before = r.world.hash();
    await r.load(
      "meddler",
      `Position.x[${entity}] = 5; Frozen.add(${entity}); despawn(${entity});
export function onUpdate(self: Entity): void { unreachable(); }`,
    );
    expect(r.world.hash()).toBe(before);
    r.scripts.attach(entity, "meddler");
    const attached = r.world.hash();
    r.frames(3);
    expect(r.of("fault").length).toBe(2);
    expect(r.world.hash()).toBe(attached);
  });
});

describe("a pool of instances", () => {
  test("does the same as fresh ones, fault by fault", async () => {
    const body = `let calls = 0;
      const seen: i32[] = [];
      export function onLoad(): void { seen.push(7); }
      export function onUpdate(self: Entity): void {
        calls++; seen.push(calls); Trace.updates[self] = seen.length * 100 + calls;
        if (calls == 3) unreachable();
      }`;
    const run = async (options: object): Promise<unknown> => {
      const made = rig({ policy: { maxStrikes: 200, backOffFrames: 0 }, ...options });
      await made.load("mod", body);
      for (let n = 0; n < 4; n++) made.scripts.attach(made.world.spawn(undefined, Trace), "mod");
      made.frames(10);
      return {
        hash: made.world.hash(),
        faults: made.of("fault").map((e) => [e.entity, e.fault.kind]),
      };
    };
    const pooling = { strategy: "pooling", totalInstances: 2, totalMemoryBytes: 16 << 20 };
    const [fresh, pooled] = [await run({}), await run({ allocation: pooling })];
    expect(pooled).toEqual(fresh);
    expect((pooled as { faults: unknown[] }).faults.length).toBeGreaterThan(5);
  });
});
