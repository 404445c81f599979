import { describe, expect, test } from "vitest";
import { binary, Position, rig, Trace } from "./harness.ts";

const counts = "export function onUpdate(self: Entity): void { Trace.updates[self]++; }";

describe("a frame's budget", () => {
  test("may be changed, to what makes sense", async () => {
    const r = rig({ frameBudgetMs: 4, limits: { callTimeMs: 2 } });
    await r.load("a", counts);
    for (const wrong of [Number.NaN, -1, "4", undefined]) {
      expect(() => {
        r.scripts.frameBudgetMs = wrong as number;
      }).toThrow("frameBudgetMs must be a number");
    }
    expect(() => {
      r.scripts.frameBudgetMs = 1;
    }).toThrow(/frameBudgetMs can't be 1: a call of "a" may take 2 ms; lower that first/);
    expect(r.scripts.frameBudgetMs).toBe(4);
    r.scripts.setLimits("a", { callTimeMs: 0.5 });
    r.scripts.frameBudgetMs = 1;
    expect([r.scripts.frameBudgetMs, r.scripts.grantedMs]).toEqual([1, 1]);
  });

  test("that was lowered holds for the calls of scripts that come then, and of their next versions", async () => {
    const r = rig({ frameBudgetMs: 4, limits: { callTimeMs: 2 } });
    r.scripts.frameBudgetMs = 1;
    await r.load("a", counts);
    await r.reload("a", `${counts} export function more(): void {}`);
    r.scripts.frameBudgetMs = 1;
    await expect(
      r.scripts.load(await binary("b", counts), { limits: { callTimeMs: 2 } }),
    ).rejects.toThrow("limit callTimeMs is 2, more than the 1 ms");
  });
});

describe("settings that there aren't", () => {
  test.each([
    [{ policy: { maxStrike: 1 } }, /a policy for faults has no "maxStrike"; is "maxStrikes" meant/],
    [
      { policy: { frames: 1 } },
      /has no "frames"; it has: maxStrikes, degradeStrikes, backOffFrames/,
    ],
    [
      { adaptive: { targetFrameMS: 1 } },
      /budget that adapts has no "targetFrameMS"; is "targetFrameMs" meant/,
    ],
  ])("are refused: %o", (options, message) => {
    expect(() => rig(options as object)).toThrow(RangeError);
    expect(() => rig(options as object)).toThrow(message);
  });
});

test("the longest back-off is a back-off", async () => {
  const longest = 0x7fff_ffff;
  const r = rig({ policy: { maxStrikes: 200, backOffFrames: longest, maxBackOffFrames: longest } });
  await r.load("bad", "export function onUpdate(self: Entity): void { unreachable(); }");
  r.scripts.attach(r.world.spawn(undefined, Trace, Position), "bad");
  r.frames(5);
  expect(r.of("fault").length).toBe(1);
});
