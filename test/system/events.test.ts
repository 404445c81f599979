import { describe, expect, test } from "vitest";
import { type Entity, Game, ManualClock, World } from "../../engine/index.ts";
import { EventHub, type ScriptEvent } from "../../scripting/system/events.ts";
import { ScriptSystem } from "../../scripting/system/system.ts";
import { binary, components, Kinds, Position, prefabs, rig, Trace } from "./harness.ts";

const load = (script: string): ScriptEvent => ({ type: "load", script });

describe("events", () => {
  test("reach those that listen to their type, until they stop", () => {
    const hub = new EventHub();
    const seen: string[] = [];
    const nameOf = (event: ScriptEvent): string => ("script" in event ? event.script : "");
    const listener = (event: ScriptEvent): void => void seen.push(`${event.type} ${nameOf(event)}`);
    const stop = hub.on("load", listener);
    hub.on("load", listener);
    hub.onAny((event) => seen.push(`any ${nameOf(event)}`));
    hub.post(load("a"));
    stop();
    hub.post({ type: "enable", script: "b" });
    hub.post(load("c"));
    expect(seen).toEqual(["load a", "load a", "any a", "any b", "load c", "any c"]);
  });

  test("wait while held, and keep their order when listeners cause more", () => {
    const hub = new EventHub();
    const seen: string[] = [];
    hub.on("load", (event) => {
      seen.push(event.script);
      if (event.script.length < 3) hub.post(load(`${event.script}${event.script}`));
    });
    hub.hold();
    hub.post(load("a"));
    hub.post(load("b"));
    expect(seen).toEqual([]);
    hub.release();
    expect(seen).toEqual(["a", "b", "aa", "bb", "aaaa", "bbbb"]);
  });

  test("reach everybody even if a listener throws; then its error comes out", () => {
    const hub = new EventHub();
    const seen: string[] = [];
    hub.on("load", () => {
      throw new Error("first");
    });
    hub.on("load", (event) => seen.push(event.script));
    hub.hold();
    hub.post(load("a"));
    hub.post(load("b"));
    expect(() => hub.release()).toThrow("first");
    expect(seen).toEqual(["a", "b"]);
    expect(() => hub.post(load("c"))).toThrow("first");
    expect(seen).toEqual(["a", "b", "c"]);
  });

  test("reach a listener once, however it comes and goes meanwhile", () => {
    const hub = new EventHub();
    const seen: string[] = [];
    let stop = (): void => {};
    const again = (): void => {
      seen.push("again");
      stop();
      if (seen.length < 10) stop = hub.on("load", again);
    };
    stop = hub.on("load", again);
    let stopLast = (): void => {};
    hub.on("load", () => stopLast());
    stopLast = hub.on("load", () => seen.push("last"));
    hub.post(load("a"));
    expect(seen).toEqual(["again"]);
    hub.post(load("b"));
    expect(seen).toEqual(["again", "again"]);
  });

  test("of a frame are delivered when its scripts are done, so a listener may change anything", async () => {
    const { world, scripts, frames, load: loadScript } = rig();
    await loadScript(
      "bad",
      "export function onUpdate(self: Entity): void { if (Trace.updates[self] == 3) unreachable(); Trace.updates[self]++; }",
    );
    const all = [0, 3, 0].map((updates) => {
      const entity = world.spawn(undefined, Trace);
      world.columns(Trace).updates[world.indexOf(entity)] = updates;
      scripts.attach(entity, "bad");
      return entity;
    });
    const off = scripts.on("fault", ({ entity }) => {
      expect(entity).toBe(all[1]);
      for (const each of all) scripts.despawn(each);
      scripts.unload("bad");
    });
    frames();
    expect([world.aliveCount, scripts.stats().length]).toEqual([0, 0]);
    off();
    frames();
  });
});

describe("outside of frames", () => {
  test("events still wait until whatever causes them is over", async () => {
    const r = rig();
    const open: boolean[] = [];
    for (const type of ["log", "fault", "load"] as const) {
      r.scripts.on(type, () => {
        const entity = r.world.spawn(undefined, Trace);
        r.scripts.despawn(entity);
        open.push(r.world.isAlive(entity));
      });
    }
    await r.load(
      "talker",
      `log("start");
export function onLoad(): void { log("load"); }
export function onDestroy(self: Entity): void { log("end"); unreachable(); }`,
    );
    const all = [1, 2].map(() => r.world.spawn(undefined, Trace));
    for (const entity of all) r.scripts.attach(entity, "talker");
    r.frames();
    r.scripts.despawn(all[0] as (typeof all)[0]);
    r.scripts.unload("talker");
    expect(r.of("fault").length).toBe(2);
    expect(open.length).toBeGreaterThan(6);
    expect(open).not.toContain(true);
  });

  test("game functions may ask for despawns in the middle of onDestroy: a chain of them", async () => {
    const r = rig({
      link: (linker) => {
        linker.func("test", "reap", { params: ["i32"], results: [], fuel: 0 }, (_ctx, entity) => {
          r.scripts.despawn(entity as Entity);
        });
      },
    });
    await r.load(
      "chain",
      `
@external("test", "reap") declare function reap(e: Entity): void;
export function onDestroy(self: Entity): void {
  if (isAlive(Kinds.target[self])) reap(Kinds.target[self]);
  if (Kinds.u8[self] == 9) unreachable();
}`,
    );
    const all = Array.from({ length: 6 }, () => r.world.spawn(undefined, Kinds));
    const { target, u8 } = r.world.columns(Kinds);
    all.forEach((entity, n) => {
      target[r.world.indexOf(entity)] = all[n + 1] ?? 0;
      u8[r.world.indexOf(entity)] = n === 3 ? 9 : 0;
      r.scripts.attach(entity, "chain");
    });
    r.frames();
    r.scripts.despawn(all[0] as Entity);
    // The fourth one's call was stopped, and with it its wish that the fifth be removed.
    expect(all.map((entity) => r.world.isAlive(entity))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(r.of("fault").length).toBe(1);
  });
});

describe("in a game", () => {
  test("scripts run in their phase, and see the game's time", async () => {
    const world = new World({ components, prefabs });
    const game = new Game({ world, clock: new ManualClock() });
    const scripts = new ScriptSystem({
      world,
      limits: { callTimeMs: Infinity },
      frameBudgetMs: Infinity,
    });
    game.use(scripts);
    await scripts.load(
      await binary(
        "clock",
        `export function onUpdate(self: Entity): void {
  Position.x[self] = Time.delta;
  Position.y[self] = <f32>Time.elapsed;
  Trace.updates[self] = Time.frame;
}`,
      ),
    );
    const entity = world.spawn(undefined, Position, Trace);
    scripts.attach(entity, "clock");
    game.step(0);
    game.step(50);
    game.step(25);
    const index = world.indexOf(entity);
    const { x, y } = world.columns(Position);
    expect([x[index], y[index], world.columns(Trace).updates[index]]).toEqual([
      Math.fround(0.025),
      Math.fround(0.075),
      3,
    ]);
    expect(game.stats.systems.map(({ name, phase }) => [name, phase])).toEqual([
      ["scripts-fixed", "fixed"],
      ["scripts", "scripts"],
    ]);
    scripts.dispose();
    game.step(25);
    expect(world.columns(Trace).updates[index]).toBe(3);
  });

  test("that has another world they are refused", () => {
    const game = new Game({ world: new World({ components }) });
    expect(() => game.use(rig().scripts)).toThrow("another world");
  });

  test("they can't be run, unloaded or disposed of from inside themselves", async () => {
    const errors: string[] = [];
    const r = rig({
      link: (linker) => {
        linker.func("test", "meddle", { params: [], results: [], fuel: 0 }, () => {
          for (const meddle of [
            () => r.scripts.run({ delta: 0, elapsed: 0, frame: 0 }),
            () => r.scripts.unload("meddler"),
            () => r.scripts.dispose(),
          ]) {
            try {
              meddle();
            } catch (error) {
              errors.push((error as Error).message);
            }
          }
          const added = r.world.spawn(undefined, Trace);
          r.scripts.attach(added, "meddler");
          r.scripts.detach(added, "meddler");
        });
      },
    });
    await r.load(
      "meddler",
      `
@external("test", "meddle") declare function meddle(): void;
export function onUpdate(self: Entity): void { meddle(); Trace.updates[self]++; }`,
    );
    const entity = r.world.spawn(undefined, Trace);
    r.scripts.attach(entity, "meddler");
    r.frames();
    expect(errors).toEqual(
      ["run", "unload", "dispose"].map((what) => `${what}: not while scripts are running`),
    );
    expect(r.scripts.stats()[0]).toMatchObject({ entities: 1, faults: 0 });
  });
});
