import { describe, expect, it } from "vitest";
import { type Entity, Game, ManualClock, World } from "../../engine/index.ts";
import { ScriptSystem } from "../../scripting/index.ts";
import {
  binary,
  components,
  Hit,
  Kinds,
  Position,
  prefabs,
  type Rig,
  rig,
  scripted,
  Trace,
} from "./harness.ts";

const counts = `
export function onFixedUpdate(self: Entity): void { Trace.value[self] = Trace.value[self] * 10 + 1; }
export function onUpdate(self: Entity): void { Trace.value[self] = Trace.value[self] * 10 + 2; }`;

function spawn(r: Rig, script: string): Entity {
  const entity = r.world.spawn(undefined, Trace, Position, Kinds);
  r.scripts.attach(entity, script);
  return entity;
}

function spawnMany(r: Rig, script: string, count: number): Entity[] {
  return Array.from({ length: count }, () => spawn(r, script));
}

function column(r: Rig, entities: readonly Entity[], name: "value" | "updates" | "ends"): number[] {
  return entities.map((entity) => r.world.columns(Trace)[name][r.world.indexOf(entity)] as number);
}

describe("onFixedUpdate", () => {
  it("is called once for each fixed step of a game's frame, before onUpdate", async () => {
    const world = new World({ components, prefabs, maxEntities: 8 });
    const scripts = new ScriptSystem({ world, frameBudgetMs: Infinity });
    await scripts.load(
      await binary(
        "counts",
        `${counts}
export function onStart(self: Entity): void { Position.y[self] = Time.fixedDelta; }`,
      ),
    );
    const entity = world.spawn(undefined, Trace, Position);
    scripts.attach(entity, "counts");
    const game = new Game({ world, clock: new ManualClock(), fixedStepMs: 10 });
    game.use(scripts);
    const { value } = world.columns(Trace);
    const seen: number[] = [];
    for (const ms of [35, 2, 4, 10]) {
      game.step(ms);
      seen.push(value[world.indexOf(entity)] as number);
      value[world.indexOf(entity)] = 0;
    }
    expect(seen).toEqual([1112, 2, 12, 12]);
    expect(world.columns(Position).y[world.indexOf(entity)]).toBe(Math.fround(0.01));
    expect(scripts.stats()[0]).toMatchObject({ calls: 10, faults: 0 });
    game.dispose();
  });

  it("is called without a game by runFixed, and counts in the frame that run ends", async () => {
    const r = rig();
    await r.load("counts", counts);
    const [a, b] = spawnMany(r, "counts", 2) as [Entity, Entity];
    r.frames(1, 2);
    expect(column(r, [a, b], "value")).toEqual([112, 112]);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 6, deferred: 0 });
    r.frames(1);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 2 });
    expect(() =>
      rig({ link: () => {} }).scripts.runFixed({ delta: 0, elapsed: 0, frame: 1 }),
    ).not.toThrow();
  });

  it("wants the entity at most", async () => {
    const r = rig();
    await expect(
      r.load("greedy", "export function onFixedUpdate(self: Entity, more: i32): void {}"),
    ).rejects.toThrow("greedy.onFixedUpdate takes 2 arguments; it gets at most one, the entity");
    await r.load("lone", "let n = 0; export function onFixedUpdate(): void { while (n < 9) n++; }");
    spawn(r, "lone");
    r.frames(1, 3);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 3, faults: 0 });
  });

  it("comes after onStart, for those that a step has spawned in the next one", async () => {
    const r = rig();
    await r.load(
      "bullet",
      `export function onStart(self: Entity): void { Trace.value[self] = 7; }
export function onFixedUpdate(self: Entity): void { Trace.value[self] = Trace.value[self] * 10 + 1; }`,
    );
    await r.load(
      "gun",
      `export function onFixedUpdate(self: Entity): void { if (Trace.ends[self]++ == 0) Prefab.Bullet.spawn(); }`,
    );
    spawn(r, "gun");
    r.frames(1, 3);
    const bullets = r.world.query([Trace, scripted("bullet")]);
    expect(
      column(
        r,
        [...bullets.entities()].map((i) => r.world.handleOf(i)),
        "value",
      ),
    ).toEqual([711]);
  });

  it("sends messages that arrive in the same frame", async () => {
    const r = rig();
    await r.load(
      "self",
      `export function onFixedUpdate(self: Entity): void { Hit.send(self, 3, self); }
export function onMessage(self: Entity): void { Trace.value[self] += Hit.damage; }
export function onUpdate(self: Entity): void { Trace.value[self] *= 10; }`,
    );
    const entity = spawn(r, "self");
    r.scripts.send(entity, Hit, { damage: 1 });
    r.frames(1, 2);
    expect(column(r, [entity], "value")).toEqual([70]);
  });

  for (const windows of [true, false]) {
    const how = windows ? "on windows" : "call by call";

    it(`is undone and struck like onUpdate when it is stopped, ${how}`, async () => {
      const r = rig({ windows, policy: { backOffFrames: 1, maxStrikes: 2 } });
      await r.load(
        "bad",
        `export function onFixedUpdate(self: Entity): void {
  Trace.ends[self] += 1; Position.x[self] = 9;
  if (Kinds.u8[self] == 1) unreachable();
}
export function onUpdate(self: Entity): void { Trace.updates[self] += 1; }`,
      );
      const all = spawnMany(r, "bad", 3);
      const sick = all[1] as Entity;
      r.world.columns(Kinds).u8[r.world.indexOf(sick)] = 1;
      r.frames(1, 2);
      expect(r.of("fault")).toMatchObject([
        { hook: "onFixedUpdate", entity: sick, strikes: 1, outcome: "back-off", backOffFrames: 1 },
      ]);
      expect(column(r, all, "ends")).toEqual([2, 0, 2]);
      expect(column(r, all, "updates")).toEqual([1, 0, 1]);
      expect(r.world.columns(Position).x[r.world.indexOf(sick)]).toBe(0);
      r.frames(2, 1);
      expect(r.of("fault").map(({ outcome }) => outcome)).toEqual(["back-off", "disabled"]);
      expect(column(r, all, "updates")).toEqual([3, 0, 3]);
    });

    it(`repeats bit for bit, with other random numbers in each step, ${how}`, async () => {
      const run = async (): Promise<Rig> => {
        const r = rig({ windows });
        await r.load(
          "dice",
          `export function onFixedUpdate(self: Entity): void {
  const last = Trace.value[self]; Trace.value[self] = Random.next();
  if (last == Trace.value[self]) Trace.ends[self] += 1;
}`,
        );
        spawnMany(r, "dice", 20);
        r.frames(4, 3);
        return r;
      };
      const [one, other] = [await run(), await run()];
      expect(one.world.hash()).toBe(other.world.hash());
      const { ends } = one.world.columns(Trace);
      expect(ends.every((count) => count === 0)).toBe(true);
    });
  }
});

describe("the budget of fixed steps", () => {
  const busy = (fixedMs: number, ms: number): string => `
@external("test", "busy") declare function busy(ms: i32): void;
export function onFixedUpdate(self: Entity): void { busy(${fixedMs}); Trace.ends[self] += 1; }
export function onUpdate(self: Entity): void { busy(${ms}); Trace.updates[self] += 1; }`;

  function busyRig(frameBudgetMs: number): Rig {
    const clock = new ManualClock();
    return rig({
      clock,
      frameBudgetMs,
      link: (linker) => {
        const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
        linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
      },
    });
  }

  it("is half of the frame's; who finds no time misses the step, and goes first in the next", async () => {
    const r = busyRig(6);
    await r.load("busy", busy(1, 1));
    const all = spawnMany(r, "busy", 4);
    const seen: string[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames(1, 2);
      seen.push(column(r, all, "ends").join(""));
    }
    // Three calls a frame: what is missed in the first step goes first in the second one.
    expect(seen).toEqual(["1110", "2211", "3222", "3333"]);
    expect(r.scripts.lastFrame).toMatchObject({ timeMs: 6, calls: 6 });
    expect(column(r, all, "updates")).toEqual([3, 3, 3, 3]);
    expect(r.scripts.stats()[0]).toMatchObject({ deferredFrames: 4, faults: 0 });
  });

  it("counts what was missed, and is the frame's again once there is time", async () => {
    const r = busyRig(6);
    await r.load("busy", busy(1, 0));
    const all = spawnMany(r, "busy", 4);
    r.frames(1, 1);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 7, deferred: 1 });
    r.scripts.frameBudgetMs = Infinity;
    r.frames(1, 2);
    expect(column(r, all, "ends")).toEqual([3, 3, 3, 2]);
    expect(r.scripts.lastFrame).toMatchObject({ calls: 12, deferred: 0 });
  });

  it("is shared between scripts, and leaves onUpdate its turn, however long a call takes", async () => {
    const r = busyRig(4);
    await r.load("slow", busy(4, 0));
    await r.load("slow2", busy(4, 0));
    await r.load("quick", busy(0, 1));
    const [slow, slow2, quick] = [spawn(r, "slow"), spawn(r, "slow2"), spawn(r, "quick")];
    r.frames(24, 2);
    const steps = column(r, [slow, slow2, quick], "ends");
    expect(steps[0]).toBe(steps[1]);
    expect(steps[0]).toBeGreaterThanOrEqual(5);
    expect(steps[2]).toBeGreaterThanOrEqual(5);
    expect(column(r, [quick], "updates")[0]).toBeGreaterThanOrEqual(11);
  });

  it("keeps its order when entities go", async () => {
    const r = busyRig(6);
    await r.load("busy", busy(1, 0));
    const all = spawnMany(r, "busy", 7);
    r.frames(1, 1);
    for (const n of [0, 2, 4]) r.world.despawn(all[n] as Entity);
    const left = all.filter((_, n) => ![0, 2, 4].includes(n));
    r.frames(1, 1);
    expect(column(r, left, "ends")).toEqual([1, 1, 1, 1]);
    r.frames(1, 1);
    expect(column(r, left, "ends")).toEqual([2, 2, 2, 1]);
  });
});
