import { $internal, type InternalWorld } from "bitecs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defineComponent,
  defineQuery,
  type Entity,
  ManualClock,
  Not,
  Or,
  type QueryDefinition,
  withValues,
} from "../../engine/index.ts";
import { replay, type ScriptSystemOptions } from "../../scripting/index.ts";
import { forgetfulActors, mindfulActors, outcomeOf, runActors } from "../windows/actors.ts";
import { binary, Frozen, Kinds, Ping, Position, type Rig, rig, Thawed, Trace } from "./harness.ts";

/** Counts its calls. */
const counts = `
const total = field.i32("total");
export function onStart(self: Entity): void { Trace.starts[self] += 1; Trace.value[self] = Time.frame; }
export function onFixedUpdate(self: Entity): void { Trace.reloads[self] += 1; }
export function onMessage(self: Entity): void { Trace.loads[self] += 1; }
export function onUpdate(self: Entity): void { Trace.updates[self] += 1; total[self] += 1; }
export function onDestroy(self: Entity): void { Trace.ends[self] += 1; }`;

async function made(
  options: Partial<ScriptSystemOptions> = {},
  query: QueryDefinition = Thawed,
  body = counts,
): Promise<Rig> {
  const r = rig(options);
  await r.scripts.load(await binary("counts", body), { query });
  return r;
}

function traceOf(r: Rig, entity: Entity, names: readonly (keyof typeof fields)[]): number[] {
  const index = r.world.indexOf(entity);
  const columns = r.world.columns(Trace);
  return names.map((name) => columns[name][index] as number);
}
const awake = defineQuery("Awake", [Or(Kinds, Position), Not(Frozen)]);
const fields = { starts: 0, updates: 0, reloads: 0, loads: 0, ends: 0, value: 0 };

const frozen = (r: Rig): Entity => r.world.spawn(undefined, Trace, Frozen);
const thawed = (r: Rig): Entity => r.world.spawn(undefined, Trace);

describe.each([true, false])("a script that is loaded with a query, windows %s", (windows) => {
  it("is called for updates of who is in it, and starts when somebody is first", async () => {
    const r = await made({ windows });
    const [one, two] = [thawed(r), frozen(r)];
    for (const entity of [one, two]) r.scripts.attach(entity, "counts");
    const calls = () =>
      [one, two].map((entity) => traceOf(r, entity, ["starts", "updates", "reloads", "value"]));
    r.frames(2, 3);
    expect(calls()).toEqual([
      [1, 2, 6, 1],
      [0, 0, 0, 0],
    ]);
    r.world.add(one, Frozen);
    r.world.remove(two, Frozen);
    r.frames(2, 3);
    expect(calls()).toEqual([
      [1, 2, 6, 1],
      [1, 2, 6, 3],
    ]);
    r.world.remove(one, Frozen);
    r.frames(1, 3);
    expect(calls()).toEqual([
      [1, 3, 9, 1],
      [1, 3, 9, 3],
    ]);
    const totals = [one, two].map((entity) => r.scripts.fields.get(entity, "counts", "total"));
    expect(totals).toEqual([3, 3]);
  });

  it("gets all other calls for everybody", async () => {
    const r = await made({ windows });
    const [one, two, three] = [frozen(r), frozen(r), frozen(r)];
    for (const entity of [one, two, three]) r.scripts.attach(entity, "counts");
    r.scripts.send(one, Ping);
    r.frames();
    const names = ["starts", "loads", "updates", "ends"] as const;
    expect(traceOf(r, one, names)).toEqual([1, 1, 0, 0]);
    for (const entity of [one, two]) r.scripts.detach(entity, "counts");
    // One that never started has nothing to end.
    expect(traceOf(r, one, names)).toEqual([1, 1, 0, 1]);
    expect(traceOf(r, two, names)).toEqual([0, 0, 0, 0]);
    expect(r.scripts.stats()[0]).toMatchObject({ entities: 1, state: "running" });
    expect(r.scripts.lastFrame.deferred).toBe(0);
  });

  it("calls rows in their order, whoever was away", async () => {
    const query = defineQuery("Awake", [Position, Not(Frozen)]);
    const body = `let calls = 0;
export function onUpdate(self: Entity): void { Trace.updates[self] = ++calls; }`;
    const r = await made({ windows }, query, body);
    const all = Array.from({ length: 40 }, () => r.world.spawn(undefined, Trace, Position));
    for (const entity of all) r.scripts.attach(entity, "counts");
    r.frames();
    for (const n of [0, 7, 8, 9, 39]) r.world.add(all[n] as Entity, Frozen);
    r.frames();
    for (const n of [39, 8, 0]) r.world.remove(all[n] as Entity, Frozen);
    r.frames();
    const order = all.map((entity) => traceOf(r, entity, ["updates"])[0] as number);
    const later = order.filter((_, n) => n !== 7 && n !== 9);
    expect(later).toEqual(later.map((_, n) => 40 + 35 + 1 + n));
    expect([order[7], order[9]]).toEqual([8, 10]);
  });

  it("goes by who is in it when scripts begin, whatever they ask for", async () => {
    const body = `export function onUpdate(self: Entity): void {
  Trace.updates[self] += 1;
  const other = Kinds.target[self];
  if (isAlive(other)) { if (Frozen.has(other)) Frozen.remove(other); else Frozen.add(other); }
}`;
    const r = await made({ windows }, Thawed, body);
    const all = Array.from({ length: 3 }, () => r.world.spawn(undefined, Trace, Kinds));
    all.forEach((entity, n) => {
      r.world.columns(Kinds).target[r.world.indexOf(entity)] = all[(n + 1) % 3] as Entity;
      r.scripts.attach(entity, "counts");
    });
    r.world.add(all[1] as Entity, Frozen);
    r.frames();
    const updates = () => all.map((entity) => traceOf(r, entity, ["updates"])[0]);
    // The first thaws the second, the third freezes the first.
    expect(updates()).toEqual([1, 0, 1]);
    r.frames();
    // The second freezes the third, the third thaws the first.
    expect(updates()).toEqual([1, 1, 2]);
  });

  it("agrees with a model, whatever happens between frames", async () => {
    const script = await binary("counts", counts);
    const query = defineQuery("Some", [Trace, Or(Kinds, Position), Not(Frozen)]);
    const kinds = ["spawn", "attach", "spawn", "detach", "despawn", "kill", "freeze", "thaw"];
    const acts = [...kinds, "kinds", "unkind", "untag", "run", "run", "fixed", "many"] as const;
    const step = fc.record({ kind: fc.constantFrom(...acts), pick: fc.nat(1_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const r = rig({ windows });
        await r.scripts.load(script, { query });
        const wanted = new Map<Entity, { updates: number; reloads: number }>();
        const carried = (entity: Entity) => r.world.has(entity, r.scripts.tag("counts"));
        const isIn = (entity: Entity) =>
          carried(entity) &&
          !r.world.has(entity, Frozen) &&
          (r.world.has(entity, Kinds) || r.world.has(entity, Position));
        const expectCalls = (name: "updates" | "reloads", times: number) => {
          for (const [entity, calls] of wanted) if (isIn(entity)) calls[name] += times;
        };
        const check = () => {
          for (const [entity, { updates, reloads }] of wanted) {
            expect(traceOf(r, entity, ["updates", "reloads"])).toEqual([updates, reloads]);
          }
        };
        for (const { kind, pick } of steps) {
          const entity = [...wanted.keys()][pick % Math.max(1, wanted.size)];
          if (kind === "spawn" && wanted.size < 60) {
            const parts = [[Kinds], [Position], [Frozen, Kinds], []][pick % 4] as [];
            const spawned = r.world.spawn(undefined, Trace, ...parts);
            wanted.set(spawned, { updates: 0, reloads: 0 });
            if (pick % 5 !== 0) r.scripts.attach(spawned, "counts");
          } else if (kind === "run") {
            expectCalls("updates", 1);
            r.frames();
            check();
          } else if (kind === "fixed") {
            expectCalls("reloads", 2);
            expectCalls("updates", 1);
            r.frames(1, 2);
            check();
          } else if (entity === undefined) continue;
          else if (kind === "attach") r.scripts.attach(entity, "counts");
          else if (kind === "detach") r.scripts.detach(entity, "counts");
          else if (kind === "untag") r.world.remove(entity, r.scripts.tag("counts"));
          else if (kind === "freeze") r.world.add(entity, Frozen);
          else if (kind === "thaw") r.world.remove(entity, Frozen);
          else if (kind === "kinds") r.world.add(entity, Kinds);
          else if (kind === "unkind") r.world.remove(entity, Kinds);
          else if (kind === "many") {
            // More changes than are listed.
            for (let n = 0; n < 2_100; n++) {
              r.world.add(entity, Frozen);
              r.world.remove(entity, Frozen);
            }
          } else if (kind === "despawn" || kind === "kill") {
            if (kind === "kill") r.world.despawn(entity);
            else r.scripts.despawn(entity);
            wanted.delete(entity);
          }
        }
        r.scripts.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("waits out its pauses wherever its entities are", async () => {
    const policy = { backOffFrames: 2, maxStrikes: 9 };
    const body = `export function onUpdate(self: Entity): void {
  if (Trace.value[self] == 1) unreachable();
  Trace.updates[self] += 1;
}`;
    const r = await made({ windows, policy }, Thawed, body);
    const entity = thawed(r);
    r.scripts.attach(entity, "counts");
    const index = r.world.indexOf(entity);
    r.world.columns(Trace).value[index] = 1;
    r.frames();
    expect(r.of("fault")).toHaveLength(1);
    r.world.columns(Trace).value[index] = 0;
    r.world.add(entity, Frozen);
    r.frames(1);
    r.world.remove(entity, Frozen);
    r.frames(1);
    expect(traceOf(r, entity, ["updates"])).toEqual([0]);
    r.frames(1);
    expect(traceOf(r, entity, ["updates"])).toEqual([1]);
  });

  it("keeps it over a reload, a save and a replay", async () => {
    const [one, two] = await Promise.all([made({ windows }), made({ windows })]);
    const all = Array.from({ length: 9 }, (_, n) => (n % 3 === 0 ? frozen(one) : thawed(one)));
    for (const entity of all) one.scripts.attach(entity, "counts");
    one.frames(2);
    await one.reload("counts", counts.replace("updates[self] += 1", "updates[self] += 10"));
    one.frames();
    const updates = all.map((entity) => traceOf(one, entity, ["updates"])[0]);
    expect(updates).toEqual([0, 12, 12, 0, 12, 12, 0, 12, 12]);
    await two.reload("counts", counts.replace("updates[self] += 1", "updates[self] += 10"));
    for (let n = 0; n < 5; n++) two.scripts.attach(thawed(two), "counts");
    two.frames();
    two.world.load(JSON.parse(JSON.stringify(one.world.save())));
    two.scripts.restoreState(JSON.parse(JSON.stringify(one.scripts.saveState())));
    const thaw = (r: Rig) => {
      r.world.remove(all[3] as Entity, Frozen);
      r.world.add(all[4] as Entity, Frozen);
    };
    for (const r of [one, two]) {
      r.scripts.run({ delta: 1, elapsed: 1, frame: 1 });
      thaw(r);
      r.scripts.run({ delta: 1, elapsed: 2, frame: 2 });
    }
    expect([two.world.hash(), two.scripts.hash()]).toEqual([one.world.hash(), one.scripts.hash()]);
    expect(two.scripts.saveState()).toEqual(one.scripts.saveState());
    const recorder = one.scripts.record();
    one.frames(2, 1);
    one.scripts.detach(all[1] as Entity, "counts");
    one.frames(2);
    const { difference } = await replay(recorder.stop(), two.scripts);
    expect(difference).toBeUndefined();
    expect(two.scripts.hash()).toBe(one.scripts.hash());
  });
});

describe("a script's query", () => {
  it("is refused where it can't be asked, before anything is loaded", async () => {
    const r = rig();
    const query = defineQuery("Odd", [Trace, Not(defineComponent("Stray", {}))]);
    await expect(r.scripts.load(await binary("counts", counts), { query })).rejects.toThrow(
      "query Odd: component Stray is not registered in this world",
    );
    await r.load("counts", counts);
  });

  it("is let go of with the script", async () => {
    const r = rig();
    const queries = () => (r.world.bit as InternalWorld)[$internal].queries.size;
    const query = defineQuery("Rare", [Trace, Not(Kinds)]);
    const script = await binary("counts", counts);
    await r.scripts.load(script, { query });
    r.scripts.unload("counts");
    const before = queries();
    await r.scripts.load(script, { query });
    expect(queries()).toBeGreaterThanOrEqual(before);
    r.scripts.unload("counts");
    expect(queries()).toBe(before);
  });

  it("does on windows what it does call by call, in 60 random worlds", {
    timeout: 600_000,
  }, async () => {
    const script = await forgetfulActors();
    let faults = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const windowed = await runActors(script, seed, {}, [], awake);
      const byCall = await runActors(script, seed, { windows: false }, [], awake);
      expect(outcomeOf(windowed), `seed ${seed}`).toEqual(outcomeOf(byCall));
      faults += windowed.faults.length;
    }
    expect(faults).toBeGreaterThan(60);
  });

  it("leaves no trace of stopped calls, in 60 random worlds", { timeout: 600_000 }, async () => {
    const script = await mindfulActors();
    const policy = { maxStrikes: 255, backOffFrames: 0 };
    let faults = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const run = await runActors(script, seed, { policy }, [], awake);
      const without = await runActors(script, seed, { policy }, run.stopped, awake);
      expect(without.faults, `seed ${seed}`).toEqual([]);
      expect(without.hashes, `seed ${seed}`).toEqual(run.hashes);
      faults += run.faults.length;
    }
    expect(faults).toBeGreaterThan(60);
  });
});

describe("rows that run among idle ones", () => {
  const busy = `
@external("test", "busy") declare function busy(ms: i32): void;
let calls = 0;
HOOK
  calls++;
  Trace.value[self] = calls;
  Trace.updates[self] += 1;
  for (let n = 0; n < Kinds.i32[self]; n++) busy(1);
}`;
  const busyRig = async (hook: string): Promise<Rig> => {
    const clock = new ManualClock();
    const r = rig({
      clock,
      frameBudgetMs: 4,
      limits: { callTimeMs: Infinity, fuelPerCall: Infinity },
      link: (linker) => {
        const spec = { params: ["i32"], results: [], columns: "none", repeatable: true } as const;
        // Dear enough that the clock is looked at after every call.
        linker.func("test", "busy", { ...spec, fuel: 120_000 }, (_ctx, ms) => clock.advanceMs(ms));
      },
    });
    const body = busy.replace("HOOK", `export function ${hook}(self: Entity): void {`);
    await r.scripts.load(await binary("busy", body), { query: Thawed });
    return r;
  };
  const spawnAll = (r: Rig, ms: number): Entity[] =>
    [true, false, true, false, false, true, true].map((isIn) => {
      const entity = r.world.spawn(undefined, Trace, withValues(Kinds, { i32: ms }));
      if (!isIn) r.world.add(entity, Frozen);
      r.scripts.attach(entity, "busy");
      return entity;
    });
  const seenBy = (r: Rig, all: readonly Entity[]) =>
    all.map((entity) => traceOf(r, entity, ["updates"])[0]).join("");

  it("are cut short at the end of a frame, and go first in the next one", async () => {
    const r = await busyRig("onUpdate");
    const all = spawnAll(r, 3);
    const seen: string[] = [];
    for (let frame = 0; frame < 5; frame++) {
      r.frames();
      seen.push(seenBy(r, all));
    }
    expect(seen).toEqual(["1000000", "1010000", "1010010", "1010011", "2010011"]);
    // What was undone was undone in its memory, too.
    expect(all.map((entity) => traceOf(r, entity, ["value"])[0])).toEqual([5, 0, 2, 0, 0, 3, 4]);
    expect(r.of("fault")).toEqual([]);
  });

  it("aren't cut short twice", async () => {
    const r = await busyRig("onUpdate");
    const all = spawnAll(r, 1);
    r.world.columns(Kinds).i32[r.world.indexOf(all[2] as Entity)] = 9;
    r.frames();
    expect([seenBy(r, all), r.scripts.lastFrame.timeMs]).toEqual(["1000000", 4]);
    r.frames();
    expect([seenBy(r, all), r.scripts.lastFrame.timeMs]).toEqual(["1010000", 9]);
    expect(r.of("fault")).toEqual([]);
  });

  it("have to have what the script accesses", async () => {
    const r = rig();
    const body = "export function onUpdate(self: Entity): void { Kinds.i32[self] += 1; }";
    await r.scripts.load(await binary("adds", body), { query: Thawed });
    const all = Array.from({ length: 12 }, (_, n) => {
      const entity = r.world.spawn(undefined, Trace, Kinds);
      if (n % 2 === 1) r.world.add(entity, Frozen);
      r.scripts.attach(entity, "adds");
      return entity;
    });
    r.frames();
    r.world.remove(all[4] as Entity, Kinds);
    r.frames();
    expect(r.of("fault").map(({ entity }) => entity)).toEqual([all[4]]);
    const sums = all.map((entity) => r.world.columns(Kinds).i32[r.world.indexOf(entity)]);
    expect(sums).toEqual([2, 0, 2, 0, 1, 0, 2, 0, 2, 0, 2, 0]);
  });

  it("miss a fixed step when there is no time, and go first in the next one", async () => {
    const r = await busyRig("onFixedUpdate");
    const all = spawnAll(r, 1);
    const seen: string[] = [];
    for (let frame = 0; frame < 4; frame++) {
      r.frames(1, 1);
      seen.push(`${seenBy(r, all)} ${r.scripts.lastFrame.deferred}`);
    }
    expect(seen).toEqual(["1010000 2", "1010011 2", "2020011 2", "2020022 2"]);
  });

  it("are found by their messages and by each other while they run", async () => {
    const body = `
const mark = field.i32("mark", 5);
export function onUpdate(self: Entity): void {
  Trace.updates[self] += 1;
  mark[self] += 1;
  const other = Kinds.target[self];
  if (isAlive(other)) { mark[other] += 10; Trace.updates[other] += 10; Trace.value[self] = Trace.updates[other] * 100 + mark[other]; }
}`;
    const outcome = async (windows: boolean) => {
      const r = rig({ windows });
      await r.scripts.load(await binary("marks", body), { query: Thawed });
      const all = Array.from({ length: 24 }, (_, n) => {
        const entity = r.world.spawn(undefined, Trace, Kinds);
        if (n % 3 === 1) r.world.add(entity, Frozen);
        r.scripts.attach(entity, "marks");
        return entity;
      });
      all.forEach((entity, n) => {
        const target = all[(n * 7 + 3) % 24] as Entity;
        r.world.columns(Kinds).target[r.world.indexOf(entity)] = target;
      });
      r.frames(3);
      expect(r.of("fault")).toEqual([]);
      return all.map((entity) => [
        ...traceOf(r, entity, ["updates", "value"]),
        r.scripts.fields.get(entity, "marks", "mark"),
      ]);
    };
    expect(await outcome(true)).toEqual(await outcome(false));
  });
});
