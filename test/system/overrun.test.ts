import { describe, expect, test } from "vitest";
import { type Entity, ManualClock } from "../../engine/index.ts";
import type { ScriptSystemOptions } from "../../scripting/system/options.ts";
import { Suspects } from "../../scripting/system/suspects.ts";
import { Kinds, type Rig, rig, scripted, Trace } from "./harness.ts";

/**
 * Calls that take as many milliseconds as `Kinds.i32` says by a clock that nothing else moves, and then trap where
 * `Kinds.i8` isn't 0. They run in windows, and can be made again.
 */
const worker = `
@external("test", "busy") declare function busy(ms: i32): void;
let calls: i32 = 0;
export function onUpdate(self: Entity): void {
  calls++;
  for (let n = 0; n < Kinds.i32[self]; n++) busy(1);
  if (Kinds.u32[self] != 0) log("call " + Kinds.u32[self].toString());
  if (Kinds.i8[self] != 0) unreachable();
  Trace.updates[self]++;
  Trace.value[self] = <f64>calls;
}`;

function busyRig(frameBudgetMs: number, options: Partial<ScriptSystemOptions> = {}): Rig {
  const clock = new ManualClock();
  return rig({
    ...options,
    clock,
    frameBudgetMs,
    limits: { callTimeMs: frameBudgetMs, fuelPerCall: Infinity },
    policy: { maxStrikes: 255, backOffFrames: 0 },
    link: (linker) => {
      // Dear enough that the clock is looked at after every call.
      const fuel = 120_000;
      const spec = {
        params: ["i32"],
        results: [],
        fuel,
        columns: "none",
        repeatable: true,
      } as const;
      linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
    },
  });
}

function spawnAll(r: Rig, script: string, all: readonly object[]): Entity[] {
  return all.map((values) => {
    const entity = r.world.spawn(undefined, Trace, Kinds);
    for (const [name, value] of Object.entries(values)) {
      const columns = r.world.columns(Kinds) as unknown as Record<string, Int32Array>;
      (columns[name] as Int32Array)[r.world.indexOf(entity)] = value as number;
    }
    r.scripts.attach(entity, script);
    return entity;
  });
}

function columnOf(r: Rig, name: "updates" | "value", entities: readonly Entity[]): number[] {
  const column = r.world.columns(Trace)[name];
  return entities.map((entity) => column[r.world.indexOf(entity)] as number);
}

describe("a call that is under way when the frame's time is over", () => {
  test("is cut short, and made again in the next frame, where it goes first", async () => {
    const r = busyRig(4);
    await r.load("worker", worker);
    const all = spawnAll(r, "worker", [{ i32: 3 }, { i32: 3 }, { i32: 3 }]);
    const seen: string[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames();
      seen.push(columnOf(r, "updates", all).join(""));
      expect(r.scripts.lastFrame).toMatchObject({ timeMs: 4, calls: 1, faults: 0 });
    }
    expect(seen).toEqual(["100", "110", "111", "211"]);
    // What was undone was undone in its memory, too.
    expect(columnOf(r, "value", all)).toEqual([4, 2, 3]);
    expect(r.of("fault")).toEqual([]);
  });

  test("isn't cut short twice: it comes to its end, whatever that takes of a call's time", async () => {
    const r = busyRig(4);
    await r.load("worker", worker);
    const all = spawnAll(r, "worker", [{ i32: 1 }, { i32: 9 }]);
    r.frames();
    expect([columnOf(r, "updates", all), r.of("fault").length]).toEqual([[1, 0], 0]);
    r.frames();
    // It ran past its own deadline.
    expect(r.of("fault").map(({ fault }) => fault.kind)).toEqual(["deadline"]);
  });

  test("logs once", async () => {
    const r = busyRig(4);
    await r.load("worker", worker);
    spawnAll(r, "worker", [
      { i32: 3, u32: 1 },
      { i32: 3, u32: 2 },
      { i32: 1, u32: 3 },
    ]);
    r.frames(3);
    expect(r.of("log").map(({ text }) => text)).toEqual(["call 1", "call 2", "call 3"]);
  });

  test("goes first among scripts, and then those that had no turn", async () => {
    const r = busyRig(4);
    for (const name of ["a", "b", "c"]) await r.load(name, `${worker} // ${name}`);
    const all = ["a", "b", "c"].map((name) => spawnAll(r, name, [{ i32: 3 }])[0] as Entity);
    const seen: string[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames();
      seen.push(columnOf(r, "updates", all).join(""));
    }
    expect(seen).toEqual(["100", "110", "111", "211"]);
  });
});

describe("what a stopped call takes back", () => {
  test("is put off when the frame's time is over: those calls go first in the next one", async () => {
    const r = busyRig(6);
    for (const name of ["a", "b"]) await r.load(name, `${worker} // ${name}`);
    const all = spawnAll(r, "a", [{ i32: 2 }, {}, { i32: 1, i8: 1 }, {}]);
    spawnAll(r, "b", [{ i32: 3 }]);
    const seen: string[] = [];
    for (let frame = 0; frame < 2; frame++) {
      r.frames();
      seen.push(columnOf(r, "updates", all).join(""));
    }
    // The second row's call had finished when the third one's was stopped, with the script's time over.
    expect(seen).toEqual(["1000", "1101"]);
    expect(r.of("fault").length).toBe(2);
    r.frames();
    // What is left of its memory is as if the stopped calls had never been.
    expect(columnOf(r, "value", all)).toEqual([4, 5, 0, 3]);
  });

  test("isn't put off where a turn would come to nothing", async () => {
    const r = busyRig(2);
    for (const name of ["a", "b"]) await r.load(name, `${worker} // ${name}`);
    const all = spawnAll(r, "a", [{}, {}, { i32: 1, i8: 1 }]);
    spawnAll(r, "b", [{ i32: 1 }]);
    r.frames();
    expect(columnOf(r, "updates", all)).toEqual([1, 1, 0]);
    expect(r.of("fault").length).toBe(1);
  });
});

describe("rows that were stopped the last time", () => {
  test("take a part of the time, each in its turn, and keep nobody else from theirs", async () => {
    const r = busyRig(12);
    await r.load("worker", worker);
    const good = spawnAll(r, "worker", Array(4).fill({ i32: 1 }));
    const bad = spawnAll(r, "worker", Array(4).fill({ i32: 1, i8: 1 }));
    r.frames(20);
    expect(columnOf(r, "updates", good)).toEqual([20, 20, 20, 20]);
    const faults = bad.map((entity) => r.of("fault").filter((e) => e.entity === entity).length);
    // Once each in the first frame; then a quarter of 12 ms is for three, and the next frame for the fourth.
    expect(faults.reduce((sum, n) => sum + n, 0)).toBe(4 + 10 * 3 + 9);
    expect(Math.max(...faults) - Math.min(...faults)).toBeLessThanOrEqual(1);
  });

  test("are called like all others once a call has finished", async () => {
    const r = busyRig(8);
    await r.load("worker", worker);
    const all = spawnAll(r, "worker", Array(4).fill({ i32: 1, i8: 1 }));
    r.frames(2);
    r.world.columns(Kinds).i8.fill(0);
    r.frames();
    expect(columnOf(r, "updates", all)).toEqual([0, 0, 1, 1]);
    r.frames(2);
    expect(columnOf(r, "updates", all)).toEqual([2, 2, 3, 3]);
  });

  test("wait for nobody where time is no matter", async () => {
    const r = rig({ policy: { maxStrikes: 255, backOffFrames: 0 } });
    await r.load("traps", "export function onUpdate(self: Entity): void { unreachable(); }");
    for (let n = 0; n < 50; n++) r.scripts.attach(r.world.spawn(), "traps");
    r.frames(5);
    expect(r.of("fault").length).toBe(250);
  });
});

describe("suspects", () => {
  test("have their turns in order, one round after the other", () => {
    const suspects = new Suspects();
    const rows = [2, 3, 5, 7];
    const seen: number[] = [];
    for (let frame = 0; frame < 8; frame++) {
      suspects.beginFrame(1);
      suspects.beginRound();
      for (const row of rows) {
        if (!suspects.admits(row)) continue;
        seen.push(row);
        suspects.charge(frame === 0 ? 0.75 : 1);
      }
    }
    expect(seen).toEqual([2, 3, 5, 7, 2, 3, 5, 7, 2]);
  });

  test("pay for what they took beyond their part before another one is called", () => {
    const suspects = new Suspects();
    const seen: boolean[] = [];
    for (let frame = 0; frame < 8; frame++) {
      suspects.beginFrame(1);
      suspects.beginRound();
      seen.push(suspects.admits(4));
      if (seen.at(-1)) suspects.charge(3.5);
    }
    expect(seen).toEqual([true, false, false, true, false, false, false, true]);
  });
});

describe("time that frames leave", () => {
  test("is saved up, and spent by one that needs more", async () => {
    const r = busyRig(4, { burstMs: 3 });
    await r.load("worker", worker);
    const [, ...others] = spawnAll(r, "worker", [{ i32: 2 }, {}, {}, {}]);
    const { i32 } = r.world.columns(Kinds);
    const taken: number[] = [];
    const saved: number[] = [];
    for (let frame = 0; frame < 6; frame++) {
      // A burst of work, in the third frame and from the fifth on.
      const ms = frame === 2 || frame >= 4 ? 2 : 0;
      for (const entity of others) i32[r.world.indexOf(entity)] = ms;
      r.frames();
      taken.push(r.scripts.lastFrame.timeMs);
      saved.push(r.scripts.savedMs);
    }
    // Never more beyond 4 ms than what was left before, of which 3 ms are kept.
    expect(taken).toEqual([2, 2, 7, 2, 6, 4]);
    expect(saved).toEqual([2, 3, 0, 2, 0, 0]);
  });

  test("isn't by default, nor spent while frames take too long", async () => {
    const r = busyRig(4);
    r.frames(3);
    expect(r.scripts.savedMs).toBe(0);
    const scaled = busyRig(4, { burstMs: 2, adaptive: { holdFrames: 0 }, frameMs: () => 50 });
    scaled.frames(3);
    expect(scaled.scripts.savedMs).toBe(0);
    expect(() => busyRig(4, { burstMs: -1 })).toThrow("burstMs");
  });
});

describe("last calls", () => {
  test("that take a frame leave the next one to the others", async () => {
    const r = busyRig(4);
    await r.load("worker", worker);
    const busy = '@external("test", "busy") declare function busy(ms: i32): void;';
    await r.load("leaver", `${busy} export function onDestroy(self: Entity): void { busy(4); }`);
    const [stays] = spawnAll(r, "worker", [{ i32: 1 }]);
    const leavers = spawnAll(r, "leaver", Array(20).fill({}));
    r.frames();
    for (const entity of leavers) r.world.remove(entity, scripted("leaver"));
    r.frames(8);
    expect(columnOf(r, "updates", [stays as Entity])).toEqual([5]);
  });
});
