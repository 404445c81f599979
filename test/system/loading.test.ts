import { afterEach, describe, expect, test, vi } from "vitest";
import { World } from "../../engine/index.ts";
import { binary, components, Position, prefabs, rig, scripted, Trace } from "./harness.ts";

const counts = "export function onUpdate(self: Entity): void { Trace.updates[self]++; }";
const busy =
  "export function onUpdate(self: Entity): void { for (let i = 0; i < 20; i++) Position.x[self] += 1; }";

/** What was thrown where nobody can catch it. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => {
    try {
      task();
    } catch (error) {
      errors.push(error);
    }
  });
  return errors;
}

afterEach(() => vi.restoreAllMocks());

describe("while a script is being loaded", () => {
  test("limits may change: those that hold when it is ready hold for it", async () => {
    const r = rig();
    await r.load("a", counts);
    const next = await binary("a", busy);
    const reloading = r.scripts.reload(next);
    // It has begun by then, with the limits that held.
    for (let n = 0; n < 3; n++) await Promise.resolve();
    r.scripts.setLimits("a", { fuelPerCall: 50 });
    await reloading;
    r.scripts.attach(r.world.spawn(undefined, Position), "a");
    r.frames();
    expect(r.of("fault").map(({ fault }) => fault.kind)).toEqual(["out-of-fuel"]);
    await r.reload("a", `${busy} export function more(): void {}`);
    r.frames();
    expect(r.of("fault").length).toBe(2);
  });

  test("the system may be disposed of: it doesn't come any more, and its name is free", async () => {
    const r = rig();
    const script = await binary("a", `export function onLoad(): void { Prefab.Rock.spawn(); }`);
    const loading = r.scripts.load(script);
    const refused = expect(loading).rejects.toThrow(/"a" wasn't loaded: .* disposed of/);
    r.scripts.dispose();
    const again = r.scripts.load(script);
    await refused;
    await again;
    expect(r.scripts.stats().map(({ name }) => name)).toEqual(["a"]);
    expect(r.world.aliveCount).toBe(1);
    expect(r.of("load").length).toBe(1);
    await expect(r.scripts.load(script)).rejects.toThrow("loaded already");
  });

  test("a pool's room is given back when it doesn't come", async () => {
    const allocation = {
      strategy: "pooling",
      totalInstances: 1,
      totalMemoryBytes: 16 << 20,
    } as const;
    const r = rig({ allocation });
    const script = await binary("a", counts);
    const loading = r.scripts.load(script);
    r.scripts.dispose();
    await expect(loading).rejects.toThrow("disposed of");
    await r.scripts.load(script);
    expect(r.scripts.stats().length).toBe(1);
  });
});

describe("a listener that throws", () => {
  test("when a script was loaded doesn't make the load fail; its error comes out all the same", async () => {
    const errors = uncaught();
    const r = rig();
    const off = r.scripts.on("load", () => {
      throw new Error("listener");
    });
    await r.load("a", counts);
    expect(errors).toMatchObject([{ message: "listener" }]);
    expect(r.scripts.stats().map(({ name }) => name)).toEqual(["a"]);
    off();
    r.scripts.on("reload", () => {
      throw new Error("another");
    });
    await r.reload("a", busy);
    expect(errors).toMatchObject([{ message: "listener" }, { message: "another" }]);
  });
});

describe("a script that fails to load", () => {
  test("leaves nothing behind, neither a query nor a tag", async () => {
    const world = new World({ components, prefabs, maxEntities: 64 });
    const r = rig({ world });
    const query = vi.spyOn(world, "query");
    const bad = "export function onLoad(): void { unreachable(); }";
    for (const name of ["x1", "x2", "x3"]) {
      await expect(r.load(name, bad)).rejects.toThrow("onLoad");
    }
    expect(query).not.toHaveBeenCalled();
  });
});

describe("a script that is unloaded", () => {
  test("takes its query along, but not the game's own on its tag", async () => {
    const r = rig();
    await r.load("a", counts);
    const mine = r.world.query([r.scripts.tag("a")]);
    r.scripts.unload("a");
    const entity = r.world.spawn(undefined, Trace, scripted("a"));
    expect(mine.has(r.world.indexOf(entity))).toBe(true);
    await r.load("a", counts);
    r.frames();
    expect(r.world.columns(Trace).updates[r.world.indexOf(entity)]).toBe(1);
    r.scripts.unload("a");
    expect(mine.count).toBe(0);
  });
});
