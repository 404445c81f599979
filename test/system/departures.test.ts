import { observe, onAdd } from "bitecs";
import { describe, expect, test } from "vitest";
import { type Entity, ManualClock } from "../../engine/index.ts";
import { Kinds, Position, type Rig, rig, Trace } from "./harness.ts";

const external = '@external("test", "busy") declare function busy(ms: i32): void;\n';
/** Last calls that take a whole number of milliseconds by a clock which nothing else moves. */
const leaves = (ms: number) => `${external}
export function onUpdate(self: Entity): void { Trace.updates[self]++; }
export function onDestroy(self: Entity): void { busy(${ms}); Trace.ends[self]++; }`;

function busyRig(frameBudgetMs: number): Rig & { readonly clock: ManualClock } {
  const clock = new ManualClock();
  const made = rig({
    clock,
    frameBudgetMs,
    link: (linker) => {
      const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
      linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
    },
  });
  return { ...made, clock };
}

function spawnMany(r: Rig, script: string, count: number): Entity[] {
  return Array.from({ length: count }, () => {
    const entity = r.world.spawn(undefined, Trace, Position, Kinds);
    r.scripts.attach(entity, script);
    return entity;
  });
}

function columnOf(r: Rig, field: "ends" | "updates", entities: readonly Entity[]): number[] {
  const column = r.world.columns(Trace)[field];
  return entities.map((entity) => column[r.world.indexOf(entity)] as number);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

describe("unloading a script", () => {
  test("calls onDestroy no more once one was stopped", async () => {
    const r = rig();
    await r.load("bad", "export function onDestroy(self: Entity): void { unreachable(); }");
    spawnMany(r, "bad", 50);
    const tag = r.scripts.tag("bad");
    r.frames();
    r.scripts.unload("bad");
    expect([r.of("fault").length, r.of("restart").length]).toEqual([1, 0]);
    expect([r.world.query([tag]).count, r.scripts.stats().length]).toEqual([0, 0]);
  });

  test("gives its last calls a frame's budget, and takes it off everybody", async () => {
    const r = busyRig(4);
    await r.load("slow", leaves(1));
    const all = spawnMany(r, "slow", 20);
    const tag = r.scripts.tag("slow");
    r.frames();
    const startMs = r.clock.nowMs();
    r.scripts.unload("slow");
    expect(r.clock.nowMs() - startMs).toBe(4);
    expect(sum(columnOf(r, "ends", all))).toBe(4);
    expect(r.world.query([tag]).count).toBe(0);
  });

  test("leaves what its last calls asked for to later frames when there is no time left", async () => {
    const r = busyRig(4);
    await r.load("slow", leaves(1));
    const [target] = spawnMany(r, "slow", 1) as [Entity];
    await r.load(
      "reaper",
      `${external}
export function onDestroy(self: Entity): void { despawn(Kinds.target[self]); busy(4); }`,
    );
    const [reaper] = spawnMany(r, "reaper", 1) as [Entity];
    r.world.columns(Kinds).target[r.world.indexOf(reaper)] = target;
    r.frames();
    r.scripts.unload("reaper");
    expect(r.world.isAlive(target)).toBe(true);
    r.frames();
    expect(r.world.isAlive(target)).toBe(false);
  });
});

describe("a tag that the game takes away", () => {
  test("leads to last calls within the budget; who has to wait gets no other call, and none is lost", async () => {
    const r = busyRig(4);
    await r.load("slow", leaves(1));
    await r.load(
      "other",
      "export function onUpdate(self: Entity): void { Trace.updates[self]++; }",
    );
    const all = spawnMany(r, "slow", 10);
    const others = spawnMany(r, "other", 3);
    r.frames();
    for (const entity of all) r.world.remove(entity, r.scripts.tag("slow"));
    const late = r.world.spawn(undefined, Trace, r.scripts.tag("slow"));
    const seen: [ms: number, ends: number][] = [];
    for (let frame = 0; frame < 6; frame++) {
      r.frames();
      seen.push([r.scripts.lastFrame.timeMs, sum(columnOf(r, "ends", all))]);
    }
    expect(seen).toEqual([
      [2, 2],
      [2, 4],
      [2, 6],
      [2, 8],
      [2, 10],
      [0, 10],
    ]);
    expect(columnOf(r, "updates", all)).toEqual(all.map(() => 1));
    expect(columnOf(r, "updates", others)).toEqual([7, 7, 7]);
    expect(columnOf(r, "updates", [late])).toEqual([6]);
    expect(r.scripts.stats()[0]).toMatchObject({ entities: 1 });
  });

  test("and gives back before the last call was made is as if it had never been away", async () => {
    const r = busyRig(4);
    await r.load("slow", leaves(2));
    const all = spawnMany(r, "slow", 3);
    r.frames();
    for (const entity of all) r.world.remove(entity, r.scripts.tag("slow"));
    r.frames();
    expect(columnOf(r, "ends", all)).toEqual([1, 0, 0]);
    const last = all[2] as Entity;
    expect(r.scripts.attach(last, "slow")).toBe(true);
    expect(r.scripts.attach(last, "slow")).toBe(false);
    r.frames(3);
    expect(columnOf(r, "ends", all)).toEqual([1, 1, 0]);
    expect(columnOf(r, "updates", all)).toEqual([1, 1, 4]);
  });
});

describe("taking a script off an entity", () => {
  test("while scripts run waits for a frame with time for the last call", async () => {
    const r = busyRig(3);
    r.scripts.on("log", ({ entity }) => {
      r.scripts.detach(entity as Entity, "slow");
    });
    await r.load("slow", leaves(2));
    await r.load("asks", 'export function onUpdate(self: Entity): void { log("off"); }');
    const all = spawnMany(r, "slow", 4);
    for (const entity of all) r.scripts.attach(entity, "asks");
    r.frames();
    // A listener is outside of the frame: what it asks for is done at once.
    expect(sum(columnOf(r, "ends", all))).toBe(4);
  });

  test("asked for by a function of the game waits, too, and is done in the end", async () => {
    let take: (entity: number) => void = () => {};
    const clock = new ManualClock();
    const r = rig({
      clock,
      frameBudgetMs: 3,
      link: (linker) => {
        const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
        linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
        linker.func("test", "take", spec, (_ctx, entity) => take(entity));
      },
    });
    take = (entity) => r.scripts.detach(entity as Entity, "slow");
    await r.load("slow", leaves(2));
    await r.load(
      "asks",
      `@external("test", "take") declare function take(e: Entity): void;
export function onUpdate(self: Entity): void { take(self); }`,
    );
    const all = spawnMany(r, "slow", 5);
    for (const entity of all) r.scripts.attach(entity, "asks");
    const ends: number[] = [];
    for (let frame = 0; frame < 5; frame++) {
      r.frames();
      expect(r.scripts.lastFrame.timeMs).toBeLessThanOrEqual(5);
      ends.push(sum(columnOf(r, "ends", all)));
    }
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    expect(ends[0]).toBeLessThan(5);
    expect(columnOf(r, "ends", all)).toEqual([1, 1, 1, 1, 1]);
    expect(r.world.query([r.scripts.tag("slow")]).count).toBe(0);
  });
});

test("a game that ends an entity as it gets a tag, and makes another in its place, gets a script once", async () => {
  const r = rig();
  await r.load("a", "export function onUpdate(self: Entity): void { Trace.updates[self]++; }");
  let second: Entity | undefined;
  const first = r.world.spawn(undefined, Trace);
  observe(r.world.bit, onAdd(r.world.columns(r.scripts.tag("a"))), () => {
    if (second !== undefined) return;
    r.world.despawn(first);
    second = r.world.spawn(undefined, Trace);
    r.scripts.attach(second, "a");
  });
  r.scripts.attach(first, "a");
  r.frames(3);
  expect(r.scripts.stats()[0]).toMatchObject({ entities: 1, calls: 3, faults: 0 });
});

test("last calls that piled up don't keep other scripts from their turn", async () => {
  const r = busyRig(4);
  await r.load("slow", leaves(2));
  await r.load("other", "export function onUpdate(self: Entity): void { Trace.updates[self]++; }");
  const all = spawnMany(r, "slow", 8);
  const [other] = spawnMany(r, "other", 1) as [Entity];
  await r.load(
    "reaper",
    "export function onUpdate(self: Entity): void { if (isAlive(Kinds.target[self])) despawn(Kinds.target[self]); }",
  );
  for (const entity of all) {
    const [reaper] = spawnMany(r, "reaper", 1) as [Entity];
    r.world.columns(Kinds).target[r.world.indexOf(reaper)] = entity;
  }
  r.frames(6);
  expect(all.some((entity) => r.world.isAlive(entity))).toBe(false);
  expect(columnOf(r, "updates", [other])).toEqual([6]);
});

test("what the game asks for outside of a frame is done at once, whatever has to wait", async () => {
  const r = busyRig(4);
  await r.load("slow", leaves(3));
  const all = spawnMany(r, "slow", 4);
  r.frames();
  await r.load(
    "reaper",
    "export function onUpdate(self: Entity): void { if (isAlive(Kinds.target[self])) despawn(Kinds.target[self]); }",
  );
  for (const entity of all.slice(0, 3)) {
    const [reaper] = spawnMany(r, "reaper", 1) as [Entity];
    r.world.columns(Kinds).target[r.world.indexOf(reaper)] = entity;
  }
  r.frames();
  const alive = (): boolean[] => all.map((entity) => r.world.isAlive(entity));
  expect(alive()).toEqual([false, false, true, true]);
  const startMs = r.clock.nowMs();
  r.scripts.despawn(all[3] as Entity);
  expect(alive()).toEqual([false, false, true, false]);
  expect(r.clock.nowMs() - startMs).toBe(3);
  r.frames();
  expect(alive()).toEqual([false, false, false, false]);
});
