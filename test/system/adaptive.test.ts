import { describe, expect, it } from "vitest";
import { Game } from "../../engine/index.ts";
import { ScriptSystem } from "../../scripting/index.ts";
import { AdaptiveBudget } from "../../scripting/system/adaptive-budget.ts";
import { binary, rig, Trace } from "./harness.ts";

describe("an adaptive budget", () => {
  const options = { targetFrameMs: 10, minScale: 0.3, holdFrames: 4 };

  function observe(budget: AdaptiveBudget, frameMs: number, frames: number) {
    return Array.from({ length: frames }, () => budget.observe(frameMs)).filter(
      (c) => c !== undefined,
    );
  }

  it("gives way by a quarter while frames take too long, down to its least", () => {
    const budget = new AdaptiveBudget(options);
    const changes = observe(budget, 20, 40);
    expect(changes.map((c) => c.scale)).toEqual([0.75, 0.5625, 0.421875, 0.31640625, 0.3]);
    expect(changes[0]).toEqual({ scale: 0.75, previousScale: 1, frameMs: 20 });
    expect(observe(budget, 20, 40)).toEqual([]);
  });

  it("comes back by and by while there is room, and no farther than all of it", () => {
    const budget = new AdaptiveBudget(options);
    observe(budget, 20, 5);
    expect(budget.scale).toBe(0.75);
    const changes = observe(budget, 1, 80);
    expect(changes.map((c) => Number(c.scale.toFixed(2)))).toEqual([0.8, 0.85, 0.9, 0.95, 1]);
    expect(observe(budget, 1, 40)).toEqual([]);
  });

  it("stays where it is between room and target, and when a single frame is slow", () => {
    const budget = new AdaptiveBudget(options);
    expect(observe(budget, 9, 50)).toEqual([]);
    expect(observe(budget, 14, 1)).toEqual([]);
    expect(observe(budget, 9, 50)).toEqual([]);
  });

  it("passes over what is no time", () => {
    const budget = new AdaptiveBudget(options);
    for (const wrong of [Number.NaN, Infinity, -1]) expect(observe(budget, wrong, 20)).toEqual([]);
    expect(observe(budget, 20, 5)).toHaveLength(1);
  });

  it("refuses options that make no sense", () => {
    for (const wrong of [
      { targetFrameMs: 0 },
      { minScale: 0 },
      { minScale: 1.5 },
      { holdFrames: -1 },
    ]) {
      expect(() => new AdaptiveBudget(wrong)).toThrow(RangeError);
      expect(() => rig({ adaptive: wrong })).toThrow(RangeError);
    }
  });
});

describe("a script system with one", () => {
  const adaptive = { targetFrameMs: 10, minScale: 0.25, holdFrames: 0 };
  const counts = "export function onUpdate(self: Entity): void { Trace.updates[self] += 1; }";

  it("takes less of a frame under load, tells so, and takes all of it again", async () => {
    let load = 30;
    const made = rig({
      adaptive,
      frameMs: () => load,
      frameBudgetMs: 4,
      limits: { callTimeMs: 2 },
    });
    await made.load("counts", counts);
    made.frames();
    expect(made.scripts.grantedMs).toBe(3);
    expect(made.of("limit-change")).toEqual([
      {
        type: "limit-change",
        cause: "load",
        scale: 0.75,
        previousScale: 1,
        frameMs: 30,
        frameBudgetMs: 3,
      },
    ]);
    made.frames(10);
    expect(made.scripts.grantedMs).toBe(1);
    load = 1;
    made.frames(60);
    expect(made.scripts.grantedMs).toBe(4);
    expect(made.of("limit-change").at(-1)).toMatchObject({
      cause: "load",
      scale: 1,
      frameBudgetMs: 4,
    });
  });

  it("scales the time of calls with it, of new scripts and new versions, too", async () => {
    const made = rig({ adaptive, frameMs: () => 30, frameBudgetMs: 4, limits: { callTimeMs: 2 } });
    const spins = "export function onUpdate(self: Entity): void { while (true) {} }";
    const fuelPerCall = Infinity;
    await made.scripts.load(await binary("spins", spins), { limits: { fuelPerCall } });
    made.frames(10);
    const entity = made.world.spawn(undefined, Trace);
    made.scripts.attach(entity, "spins");
    made.frames();
    expect(made.of("fault").at(-1)?.fault.message).toContain("0.5 ms are all a call has");
    await made.reload("spins", `${spins} // again`);
    made.frames();
    expect(made.of("fault").at(-1)?.fault.message).toContain("0.5 ms are all a call has");
    await made.scripts.load(await binary("other", spins), { limits: { fuelPerCall } });
    made.scripts.attach(entity, "other");
    // It may have to wait for its turn: the first one takes half of what scripts have.
    made.frames(10);
    const ofOther = made.of("fault").find(({ script }) => script === "other");
    expect(ofOther?.fault.message).toContain("0.5 ms are all a call has");
  });

  it("goes by what the game measures that uses it", async () => {
    let nowMs = 0;
    const clock = { nowMs: () => nowMs };
    const made = rig({ adaptive, clock, frameBudgetMs: 4 });
    const game = new Game({ world: made.world, clock });
    game.addSystem("update", "slow", () => {
      nowMs += 30;
    });
    game.use(made.scripts);
    for (let frame = 0; frame < 8; frame++) game.step(16);
    expect(made.scripts.grantedMs).toBe(1);
  });
});

describe("limits of a loaded script", () => {
  const spins = "export function onUpdate(self: Entity): void { while (true) {} }";

  it("can be changed, for its next versions too, and the change is told", async () => {
    const made = rig();
    await made.load("spins", spins);
    made.scripts.setLimits("spins", { fuelPerCall: 1_234 });
    made.scripts.attach(made.world.spawn(), "spins");
    made.frames();
    await made.reload("spins", `${spins} // again`);
    made.frames();
    const messages = made.of("fault").map((e) => e.fault.message);
    expect(messages).toEqual([1, 2].map(() => "used up its fuel: 1,234 fuel are all a call has"));
    expect(made.of("limit-change")).toEqual([
      { type: "limit-change", cause: "game", script: "spins", limits: { fuelPerCall: 1_234 } },
    ]);
    expect(() => made.scripts.setLimits("spins", { callDepth: 0 })).toThrow(RangeError);
    expect(() => made.scripts.setLimits("nobody", {})).toThrow(TypeError);
  });
});

describe("the time of a call", () => {
  it("is no longer than all scripts may take of a frame, unless it has no end", async () => {
    const more = { limits: { callTimeMs: 5 }, frameBudgetMs: 4 };
    expect(() => rig(more)).toThrow(
      /callTimeMs is 5, more than the 4 ms that all scripts together/,
    );
    const made = rig({ frameBudgetMs: 4, limits: { callTimeMs: 4 } });
    const nothing = await binary("nothing", "export function onLoad(): void {}");
    await expect(made.scripts.load(nothing, more)).rejects.toThrow(RangeError);
    await made.scripts.load(nothing);
    expect(() => made.scripts.setLimits("nothing", { callTimeMs: 4.5 })).toThrow(RangeError);
    made.scripts.setLimits("nothing", { callTimeMs: Infinity });
  });

  it("is the frame's where that has less than the profile gives a call", async () => {
    const { world } = rig();
    const scripts = new ScriptSystem({ world, frameBudgetMs: 1 });
    const spins = "export function onUpdate(self: Entity): void { while (true) {} }";
    await scripts.load(await binary("spins", spins), { limits: { fuelPerCall: Infinity } });
    scripts.attach(world.spawn(), "spins");
    scripts.run({ delta: 1, elapsed: 1, frame: 1 });
    expect(scripts.stats()[0]?.lastFault?.message).toContain("1 ms are all a call has");
  });
});

describe("a listener", () => {
  it("that throws over a change of load doesn't keep the frame's scripts from running", async () => {
    const made = rig({ adaptive: { holdFrames: 0 }, frameMs: () => 50, frameBudgetMs: 4 });
    await made.load("counts", "export function onUpdate(self: Entity): void {}");
    made.scripts.attach(made.world.spawn(), "counts");
    made.scripts.on("limit-change", () => {
      throw new Error("listener");
    });
    expect(() => made.frames()).toThrow("listener");
    expect(made.scripts.lastFrame.calls).toBe(1);
  });
});

describe("a fresh instance", () => {
  it("is made when it is needed, told of, and counted", async () => {
    const made = rig({ windows: false });
    await made.load("trips", "export function onUpdate(self: Entity): void { unreachable(); }");
    made.scripts.attach(made.world.spawn(), "trips");
    made.frames(8);
    expect(made.events.map((e) => e.type)).toEqual([
      ...["load", "fault", "restart", "fault", "restart", "fault", "disable"],
    ]);
    expect(made.of("restart")[0]).toMatchObject({ script: "trips" });
    expect(made.scripts.stats()[0]).toMatchObject({ restarts: 2, faults: 3 });
  });
});
