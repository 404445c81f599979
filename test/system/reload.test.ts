import { describe, expect, test } from "vitest";
import type { Entity } from "../../engine/index.ts";
import { LinkError } from "../../scripting/errors.ts";
import { StartError } from "../../scripting/fault.ts";
import { binary, Kinds, Position, type Rig, rig, Trace } from "./harness.ts";

const counting = (step: number) => `
let memory = 0;
export function onStart(self: Entity): void { Trace.starts[self]++; }
export function onUpdate(self: Entity): void { memory++; Trace.updates[self] += ${step}; Trace.value[self] = memory; }
export function onReload(): void { log("reload ${step}"); }
export function onLoad(): void { log("load ${step}"); Prefab.Rock.spawn(); }`;

function spawnOne(r: Rig, script: string): { entity: Entity; trace: () => (number | undefined)[] } {
  const entity = r.world.spawn(undefined, Trace, Kinds);
  r.scripts.attach(entity, script);
  const { starts, updates, value } = r.world.columns(Trace);
  const index = r.world.indexOf(entity);
  return { entity, trace: () => [starts[index], updates[index], value[index]] };
}

const logged = (r: Rig): string[] => r.of("log").map(({ text }) => text);

describe("a reload", () => {
  test("keeps world, attachments and starts; memory is fresh, and onLoad's effects don't repeat", async () => {
    const r = rig();
    await r.load("count", counting(1));
    const { trace } = spawnOne(r, "count");
    r.frames(3);
    expect(trace()).toEqual([1, 3, 3]);
    await r.reload("count", counting(10));
    r.frames(2);
    expect(trace()).toEqual([1, 23, 2]);
    expect(logged(r)).toEqual(["load 1", "load 10", "reload 10"]);
    expect(r.world.query([Position]).count).toBe(1);
    expect(r.of("reload")).toMatchObject([{ script: "count" }]);
    expect(r.scripts.stats()[0]).toMatchObject({ reloads: 1, calls: 6, entities: 1 });
  });

  test("runs the old version until the new one is ready, frames in between included", async () => {
    const r = rig();
    await r.load("count", counting(1));
    const { trace } = spawnOne(r, "count");
    const next = await binary("count", counting(10));
    const done = r.scripts.reload(next);
    r.frames(2);
    await done;
    expect(trace()).toEqual([1, 2, 2]);
    r.frames();
    expect(trace()).toEqual([1, 12, 1]);
  });

  const failing: readonly [string, string, new (...args: never[]) => Error][] = [
    [
      "can't be linked",
      '@external("component", "Gone.x.get") declare function gone(e: Entity): f32; export function onUpdate(self: Entity): void { gone(self); }',
      LinkError,
    ],
    ["faults in its top-level code", "unreachable();", StartError],
    ["faults in onLoad", "export function onLoad(): void { unreachable(); }", StartError],
    [
      "faults in onReload",
      "export function onReload(): void { Prefab.Rock.spawn(); unreachable(); }",
      StartError,
    ],
  ];

  test.each(failing)(
    "that %s leaves the old version running, its memory kept",
    async (_, body, error) => {
      const r = rig();
      await r.load("count", counting(1));
      const { trace } = spawnOne(r, "count");
      r.frames(2);
      const before = r.world.hash();
      await expect(r.reload("count", body)).rejects.toBeInstanceOf(error);
      expect(r.world.hash()).toBe(before);
      expect(r.of("reload")).toEqual([]);
      r.frames(2);
      expect(trace()).toEqual([1, 4, 4]);
      await r.reload("count", counting(10));
      r.frames();
      expect(trace()).toEqual([1, 14, 1]);
    },
  );

  test("forgives strikes: what was struck out runs again at once", async () => {
    const r = rig({ policy: { maxStrikes: 1 } });
    await r.load("count", "export function onUpdate(self: Entity): void { unreachable(); }");
    const { trace } = spawnOne(r, "count");
    r.frames(3);
    expect(r.scripts.stats()[0]).toMatchObject({ state: "disabled", faults: 1, strikes: 1 });
    await r.reload("count", counting(1));
    r.frames();
    expect(trace()).toEqual([0, 1, 1]);
    expect(r.scripts.stats()[0]).toMatchObject({
      state: "running",
      strikes: 0,
      lastFault: undefined,
    });
  });

  test("of the same script, several at once, are done in order", async () => {
    const r = rig();
    await r.load("count", counting(1));
    const { trace } = spawnOne(r, "count");
    const versions = await Promise.all([2, 3, 4].map((step) => binary("count", counting(step))));
    const broken = { ...(versions[0] as (typeof versions)[0]), bytes: new Uint8Array([0, 1]) };
    const [a, b, c, d] =
      versions.length === 3 ? [versions[0], broken, versions[1], versions[2]] : [];
    const results = await Promise.allSettled(
      [a, b, c, d].map((each) => r.scripts.reload(each as typeof broken)),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    r.frames();
    expect(trace()).toEqual([1, 4, 1]);
  });

  test("can be asked for while the script is still loading", async () => {
    const r = rig();
    const first = await binary("count", counting(1));
    const second = await binary("count", counting(5));
    const loading = r.scripts.load(first);
    const reloading = r.scripts.reload(second);
    await loading;
    await reloading;
    const { trace } = spawnOne(r, "count");
    r.frames();
    expect(trace()).toEqual([1, 5, 1]);
  });

  test("needs a script to replace", async () => {
    const r = rig();
    const script = await binary("count", counting(1));
    await expect(r.scripts.reload(script)).rejects.toThrow('no script named "count" is loaded');
    await r.scripts.load(script);
    const reloading = r.scripts.reload(script);
    r.scripts.unload("count");
    await expect(reloading).rejects.toThrow("was unloaded before");
  });
});
