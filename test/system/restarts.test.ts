import { describe, expect, test } from "vitest";
import { ManualClock } from "../../engine/index.ts";
import { Kinds, type Rig, rig, Trace } from "./harness.ts";

/** A script whose restarts take some milliseconds by a clock which nothing else moves; all its calls trap. */
const fragile = (restartMs: number) => `
@external("test", "busy") declare function busy(ms: i32): void;
export function onLoad(): void { busy(${restartMs}); }
export function onUpdate(self: Entity): void { Trace.value[self] += 1; if (Kinds.i32[self] == 0) unreachable(); Trace.updates[self]++; }`;

function busyRig(frameBudgetMs: number): Rig {
  const clock = new ManualClock();
  return rig({
    clock,
    frameBudgetMs,
    policy: { maxStrikes: 255, backOffFrames: 0 },
    link: (linker) => {
      const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
      linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
    },
  });
}

function attachMany(r: Rig, script: string, count: number): void {
  for (let n = 0; n < count; n++) r.scripts.attach(r.world.spawn(undefined, Trace, Kinds), script);
}

/** What each frame took, and how many calls were made in it. */
function frames(r: Rig, count: number): [ms: number, calls: number][] {
  return Array.from({ length: count }, () => {
    r.frames();
    return [r.scripts.lastFrame.timeMs, r.scripts.lastFrame.calls];
  });
}

describe("a restart", () => {
  test("is made when the next call needs it, and is part of the script's time", async () => {
    const r = busyRig(5);
    await r.load("bad", fragile(2));
    attachMany(r, "bad", 10);
    // A call, and two restarts with a call each; another restart wouldn't fit.
    expect(frames(r, 1)).toEqual([[4, 3]]);
    expect(r.of("restart").length).toBe(2);
    expect(r.of("restart")[0]).toMatchObject({ script: "bad", elapsedMs: 2 });
    expect(r.scripts.stats()[0]).toMatchObject({ restarts: 2, totalTimeMs: 4, deferredFrames: 1 });
    for (const [ms] of frames(r, 10)) expect(ms).toBeLessThanOrEqual(5);
  });

  test("isn't made for a script that nobody calls any more", async () => {
    const r = busyRig(5);
    await r.load("bad", fragile(2));
    attachMany(r, "bad", 1);
    r.frames();
    r.scripts.disable("bad");
    r.frames(3);
    expect([r.of("fault").length, r.of("restart").length]).toEqual([1, 0]);
  });

  test("that doesn't fit behind other scripts waits until it goes first", async () => {
    const r = busyRig(4);
    await r.load(
      "busy",
      `@external("test", "busy") declare function busy(ms: i32): void;
export function onUpdate(self: Entity): void { busy(2); Trace.updates[self]++; }`,
    );
    await r.load("bad", fragile(3));
    attachMany(r, "busy", 2);
    attachMany(r, "bad", 4);
    const seen = frames(r, 40);
    for (const [ms] of seen) expect(ms).toBeLessThanOrEqual(5);
    const [busy, bad] = r.scripts.stats();
    expect(busy?.calls).toBeGreaterThan(30);
    expect(bad?.restarts).toBeGreaterThan(5);
    expect(bad?.state).not.toBe("disabled");
  });

  test("that takes longer than a frame's scripts may, three times in a row, disables the script", async () => {
    const r = busyRig(4);
    await r.load("bad", fragile(9));
    attachMany(r, "bad", 100);
    const seen = frames(r, 20);
    expect(seen.map(([ms]) => ms).filter((ms) => ms > 0)).toEqual([9, 9, 9]);
    expect(r.of("restart").length).toBe(3);
    expect(r.of("disable")).toMatchObject([
      {
        script: "bad",
        entity: 0,
        fault: { kind: "deadline", script: "bad", entry: "start", elapsedMs: 9, stack: [] },
      },
    ]);
    expect(r.of("disable")[0]?.fault?.message).toBe(
      "ran past its deadline: 3 restarts in a row took longer than the 4 ms that all scripts may take " +
        "of a frame, the last one 9 ms",
    );
    expect(r.scripts.stats()[0]).toMatchObject({ state: "disabled" });
    r.scripts.enable("bad");
    expect(r.scripts.stats()[0]).toMatchObject({ state: "running" });
    r.scripts.frameBudgetMs = 10;
    frames(r, 20);
    expect(r.of("disable").length).toBe(1);
  });

  test("is followed by onLoad under its whole time, however long the instance took", async () => {
    const r = busyRig(Number.POSITIVE_INFINITY);
    await r.load("bad", fragile(1));
    attachMany(r, "bad", 3);
    r.frames(2);
    expect(r.of("fault").every(({ hook }) => hook === "onUpdate")).toBe(true);
    expect(r.of("restart").length).toBe(5);
  });
});
