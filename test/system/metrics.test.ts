import { afterEach, describe, expect, it, vi } from "vitest";
import { binary, rig, Trace } from "./harness.ts";

const counts = "export function onUpdate(self: Entity): void { Trace.updates[self] += 1; }";
const trips = `export function onUpdate(self: Entity): void {
  Trace.updates[self] += 1;
  if (self % 2 == 0) unreachable(); else while (true) {}
}`;

afterEach(() => vi.restoreAllMocks());

describe("what a script has cost", () => {
  it("is counted: calls, fuel, host calls, memory, and in all", async () => {
    const made = rig();
    const remembers = counts.replace(
      "Trace.upd",
      "seen.push(1); Random.next(); Frozen.has(self); Trace.upd",
    );
    await made.load("counts", `const seen: i32[] = []; ${remembers}`);
    await made.load("idle", "export function onLoad(): void {}");
    for (let n = 0; n < 3; n++) {
      made.scripts.attach(made.world.spawn(undefined, Trace), "counts");
    }
    made.frames(5);
    const [stats] = made.scripts.stats();
    // Its own fields are in its window.
    expect(stats).toMatchObject({ calls: 15, hostCalls: 30, faults: 0, faultsByKind: {} });
    expect(stats?.memoryBytes).toBe(65_536);
    expect(made.scripts.stats()[1]?.memoryBytes).toBe(65_536);
    expect(made.scripts.totals()).toMatchObject({
      scripts: 2,
      entities: 3,
      calls: 15,
      hostCalls: 30,
      fuel: stats?.fuel,
      memoryBytes: 2 * 65_536,
    });
  });

  it("tells faults apart by their kind", async () => {
    const made = rig();
    await made.load("trips", trips);
    const entities = Array.from({ length: 4 }, () => made.world.spawn(undefined, Trace));
    for (const entity of entities) made.scripts.attach(entity, "trips");
    made.frames();
    const odd = entities.filter((entity) => entity % 2 !== 0).length;
    expect(made.scripts.stats()[0]?.faultsByKind).toEqual({
      ...(odd < 4 && { trap: 4 - odd }),
      ...(odd > 0 && { "out-of-fuel": odd }),
    });
  });

  it("has the time that most frames stay within, of the last ones", async () => {
    let nowMs = 0;
    let frameMs = 0;
    const clock = { nowMs: () => nowMs };
    const link = (linker: import("../../scripting/index.ts").Linker): void => {
      linker.func("test", "wait", { params: [], results: [], fuel: 1 }, () => {
        nowMs += frameMs;
      });
    };
    const made = rig({ clock, link });
    const waits = `@external("test", "wait") declare function wait(): void;
      export function onUpdate(self: Entity): void { wait(); }`;
    await made.scripts.load(await binary("waits", waits));
    made.scripts.attach(made.world.spawn(), "waits");
    expect(made.scripts.stats()[0]?.p95Ms).toBe(0);
    for (let frame = 1; frame <= 100; frame++) {
      frameMs = frame;
      made.frames();
    }
    expect(made.scripts.stats()[0]).toMatchObject({ p95Ms: 95, totalTimeMs: 5_050 });
    expect(made.scripts.totals().totalTimeMs).toBe(5_050);
    frameMs = 2;
    made.frames(128);
    expect(made.scripts.stats()[0]?.p95Ms).toBe(2);
  });
});

describe("profiler marks", () => {
  it("are measures by the scripts' names, and don't pile up", async () => {
    const measure = vi.spyOn(performance, "measure");
    const made = rig({ profilerMarks: true });
    await made.load("counts", counts);
    made.scripts.attach(made.world.spawn(undefined, Trace), "counts");
    made.frames(3);
    expect(measure.mock.calls.map(([name]) => name)).toEqual(Array(3).fill("script counts"));
    expect(performance.getEntriesByType("measure")).toEqual([]);
  });

  it("are left out unless they were asked for", async () => {
    const measure = vi.spyOn(performance, "measure");
    const made = rig();
    await made.load("counts", counts);
    made.scripts.attach(made.world.spawn(undefined, Trace), "counts");
    made.frames(3);
    expect(measure).not.toHaveBeenCalled();
  });
});
