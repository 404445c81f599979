import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Entity, ManualClock } from "../../engine/index.ts";
import type { ScriptSystemOptions } from "../../scripting/system/options.ts";
import { binary, Kinds, type Rig, rig, Trace } from "./harness.ts";

const cases = Number(process.env["LAG_CASES"] ?? 150);
const timeout = 3_600_000;

/** Adds up what it is told, and traps while it is asked to. */
const adds = `export function onUpdate(self: Entity): void {
  Trace.value[self] += Time.delta;
  Trace.updates[self]++;
  if (Kinds.i8[self] == 1) unreachable();
}`;

/** A script on some entities, and a frame of it. */
async function made(options: Partial<ScriptSystemOptions>, body = adds, count = 3) {
  const r = rig(options);
  await r.load("adds", body);
  const entities = Array.from({ length: count }, () => {
    const entity = r.world.spawn(undefined, Trace, Kinds);
    r.scripts.attach(entity, "adds");
    return entity;
  });
  let number = 0;
  const frame = (delta: number): void => {
    r.world.commit();
    r.scripts.run({ delta, elapsed: 0, frame: ++number });
  };
  const at = (n: number): number => r.world.indexOf(entities[n] as Entity);
  const traps = (n: number, does: boolean): void => {
    r.world.columns(Kinds).i8[at(n)] = does ? 1 : 0;
  };
  const sum = (n: number): number => r.world.columns(Trace).value[at(n)] as number;
  return { ...r, entities, frame, traps, sum };
}

describe.each([true, false])("Time.delta in onUpdate, windows %s", (windows) => {
  const policy = { backOffFrames: 2, maxStrikes: 9 };

  test("has the frames in which the entity backed off, and the one whose call was undone", async () => {
    const r = await made({ windows, policy, maxDeltaMs: 10_000 });
    r.frame(0.5);
    r.traps(1, true);
    r.frame(1);
    r.traps(1, false);
    r.frame(0.25);
    r.frame(0.125);
    expect([r.sum(0), r.sum(1), r.sum(2)]).toEqual([1.875, 0.5, 1.875]);
    r.frame(2);
    expect([r.sum(0), r.sum(1), r.sum(2)]).toEqual([3.875, 3.875, 3.875]);
    r.frame(4);
    expect([r.sum(0), r.sum(1), r.sum(2)]).toEqual([7.875, 7.875, 7.875]);
  });

  test("is the frame's in its first call, and where onStart was stopped before", async () => {
    const r = await made(
      { windows, policy, maxDeltaMs: 10_000 },
      `export function onStart(self: Entity): void { if (Kinds.i8[self] == 1) unreachable(); Trace.value[self] += Time.delta; }${adds}`,
    );
    r.traps(1, true);
    r.frame(0.5);
    r.traps(1, false);
    for (const delta of [1, 0.25, 0.125]) r.frame(delta);
    expect([r.sum(0), r.sum(1)]).toEqual([2.375, 0.25]);
  });

  test("is at most maxDeltaMs, but no less than the frame's", async () => {
    const r = await made({ windows, policy, maxDeltaMs: 750 });
    r.traps(1, true);
    r.frame(0.5);
    r.traps(1, false);
    for (const delta of [0.5, 0.5, 0.25]) r.frame(delta);
    expect(r.sum(1)).toBe(0.75);
    r.traps(1, true);
    r.frame(1);
    r.traps(1, false);
    for (let n = 0; n < 5; n++) r.frame(1);
    expect([r.sum(0), r.sum(1)]).toEqual([7.75, 1.75]);
  });

  test("leaves out what the script, or the entity, was disabled for", async () => {
    const r = await made({ windows, policy: { maxStrikes: 1 }, maxDeltaMs: 10_000 });
    r.frame(0.5);
    r.scripts.disable("adds");
    r.frame(1);
    r.scripts.enable("adds");
    r.frame(0.25);
    expect([r.sum(0), r.sum(1)]).toEqual([0.75, 0.75]);
    r.traps(1, true);
    r.frame(0.125);
    r.traps(1, false);
    r.frame(2);
    r.scripts.enable("adds");
    r.frame(4);
    expect([r.sum(0), r.sum(1)]).toEqual([6.875, 4.75]);
  });

  test("is the frame's in the other hooks of who lags behind", async () => {
    const hooks = ["onFixedUpdate", "onMessage"].map(
      (hook) => `export function ${hook}(self: Entity): void { Kinds.f64[self] += Time.delta; }`,
    );
    const r = await made({ windows, policy, maxDeltaMs: 10_000 }, hooks.join("\n") + adds);
    r.traps(1, true);
    r.frames();
    r.traps(1, false);
    r.frames(2);
    const [ping] = [...r.scripts.messages.values()].filter(({ name }) => name === "Ping");
    for (const entity of r.entities) r.scripts.send(entity, ping as NonNullable<typeof ping>, {});
    r.frames(1, 1);
    const seen = r.entities.map((entity) => r.world.columns(Kinds).f64[r.world.indexOf(entity)]);
    expect(seen).toEqual([1, 1, 1]);
    expect([r.sum(0), r.sum(1)]).toEqual([2, 2]);
  });

  test("is the same where a stopped call is made again for its file", async () => {
    const r = await made(
      { windows, policy, maxDeltaMs: 10_000, faultCaptures: 2 },
      "export function onUpdate(self: Entity): void { if (Time.delta > 1) unreachable(); assert(false); }",
      1,
    );
    r.frames(4);
    const files = r.of("fault").map((event) => r.scripts.exportFault(event).fault.kind);
    expect(files).toEqual(["abort", "trap"]);
  });

  test("is the same where the run is saved and goes on elsewhere", async () => {
    const one = await made({ windows, policy, maxDeltaMs: 10_000 });
    one.frame(1);
    one.traps(1, true);
    one.frame(0.5);
    one.traps(1, false);
    const saved = JSON.parse(JSON.stringify([one.world.save(), one.scripts.saveState()]));
    const two = await made({ windows, policy, maxDeltaMs: 10_000 });
    two.world.load(saved[0]);
    two.scripts.restoreState(saved[1]);
    expect(two.scripts.hash()).toBe(one.scripts.hash());
    for (const r of [one, two]) for (const delta of [0.25, 0.125, 2]) r.frame(delta);
    expect([one.sum(1), two.sum(1)]).toEqual([3.875, 3.875]);
    const wrong = saved[1].scripts[0];
    wrong.lags = wrong.lags.replace(/^..../, "AAAA").slice(0, -4);
    expect(() => two.scripts.restoreState(saved[1])).toThrow("adds's lags");
  });
});

test("a maxDeltaMs that is no time is refused", () => {
  expect(() => rig({ maxDeltaMs: -1 })).toThrow("maxDeltaMs must be a number of at least 0");
});

/** What an entity does: for how many milliseconds, and whether it traps in every third frame. */
const row = fc.record({
  ms: fc.nat(4),
  traps: fc.boolean(),
  spawned: fc.oneof(fc.constant(0), fc.nat(8)),
});
const anyCase = fc.record({
  budgetMs: fc.integer({ min: 1, max: 10 }),
  backOffFrames: fc.nat(3),
  degradeStrikes: fc.constantFrom(2, 4, Infinity),
  deltas: fc.array(fc.nat(64), { minLength: 5, maxLength: 40 }),
  scripts: fc.array(
    fc.record({
      windowed: fc.boolean(),
      rows: fc.array(row, { minLength: 1, maxLength: 5 }),
      disabled: fc.array(fc.nat(40), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

const works = (busy: string): string => `
@external("test", "${busy}") declare function busy(ms: i32): void;
let calls: i32 = 0;
export function onUpdate(self: Entity): void {
  calls++;
  Trace.value[self] += Time.delta;
  for (let n = 0; n < Kinds.i32[self]; n++) busy(1);
  if (Kinds.i8[self] == 1 && Time.frame % 3 == 0) unreachable();
  Trace.updates[self]++;
}`;

interface Standing {
  readonly entity: Entity;
  readonly script: string;
  /** Seconds that there were for it since its first turn. */
  seconds: number;
  told: number;
  updates: number;
  hadTurn: boolean;
}

/** How often an entity was told more than the frame's delta, in all cases. */
let waits = 0;

async function rigOf({ budgetMs, backOffFrames, degradeStrikes, scripts }: Case): Promise<Rig> {
  const clock = new ManualClock();
  const r = rig({
    clock,
    frameBudgetMs: budgetMs,
    maxDeltaMs: Infinity,
    limits: { fuelPerCall: 900_000, callTimeMs: budgetMs },
    policy: { maxStrikes: 255, degradeStrikes, backOffFrames, maxBackOffFrames: 4 },
    link: (linker) => {
      // Dear enough that the clock is looked at after every call.
      const spec = { params: ["i32"], results: [], fuel: 120_000, columns: "none" } as const;
      const busy = (_ctx: unknown, ms: number): void => clock.advanceMs(ms);
      linker.func("test", "again", { ...spec, repeatable: true }, busy);
      linker.func("test", "once", spec, busy);
    },
  });
  for (const [n, { windowed }] of scripts.entries()) {
    const busy = windowed ? "again" : "once";
    await r.scripts.load({ ...(await binary(busy, works(busy))), name: `script${n}` });
  }
  return r;
}

async function run(what: Case): Promise<void> {
  const r = await rigOf(what);
  const { i32, i8 } = r.world.columns(Kinds);
  const { updates, value } = r.world.columns(Trace);
  const all: Standing[] = [];
  const stopped = new Set<number>();
  r.scripts.on("fault", ({ entity }) => stopped.add(entity));
  const disabled = new Set<string>();
  for (const [n, sixtyFourths] of what.deltas.entries()) {
    for (const [s, { rows, disabled: frames }] of what.scripts.entries()) {
      const script = `script${s}`;
      for (const { ms, traps, spawned } of rows) {
        if (spawned !== n) continue;
        const entity = r.world.spawn(undefined, Trace, Kinds);
        i32[r.world.indexOf(entity)] = ms;
        i8[r.world.indexOf(entity)] = traps ? 1 : 0;
        r.scripts.attach(entity, script);
        all.push({ entity, script, seconds: 0, told: 0, updates: 0, hadTurn: false });
      }
      if (!frames.includes(n)) continue;
      if (disabled.delete(script)) r.scripts.enable(script);
      else if (disabled.add(script)) r.scripts.disable(script);
    }
    const delta = sixtyFourths / 64;
    stopped.clear();
    r.world.commit();
    r.scripts.run({ delta, elapsed: 0, frame: n });
    for (const standing of all) {
      const index = r.world.indexOf(standing.entity);
      const isCalled = updates[index] !== standing.updates;
      if (disabled.has(standing.script)) expect(isCalled).toBe(false);
      else if (isCalled || standing.hadTurn || stopped.has(standing.entity)) {
        standing.hadTurn = true;
        standing.seconds += delta;
      }
      if (!isCalled) continue;
      if (standing.seconds - standing.told > delta) waits++;
      standing.told = standing.seconds;
      standing.updates = updates[index] as number;
      expect(value[index], `entity ${standing.entity}, frame ${n}`).toBe(standing.seconds);
    }
  }
}

describe("what an entity is told of time", () => {
  it(`adds up to the frames that there were, in ${cases} random systems`, { timeout }, async () => {
    await fc.assert(fc.asyncProperty(anyCase, run), { numRuns: cases });
    expect(waits).toBeGreaterThan(cases);
  });
});
