import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entity, ManualClock } from "../../engine/index.ts";
import { binary, Hit, Kinds, rig, Trace } from "./harness.ts";

const cases = Number(process.env["FAIRNESS_CASES"] ?? 200);
const timeout = 3_600_000;

/** What an entity does when it is called, and for how many milliseconds, by a clock that nothing else moves. */
interface Row {
  readonly ms: number;
  /** 0: it finishes. 1: it traps. 2: it traps in every other frame. 3: it grows memory, and traps. 4: it runs for ever. */
  readonly mischief: number;
}

interface Script {
  /** Whether its calls can be made again; else they are made one by one, and it is restarted after a fault. */
  readonly windowed: boolean;
  readonly rows: readonly Row[];
}

interface Case {
  readonly budgetMs: number;
  readonly backOffFrames: number;
  readonly degradeStrikes: number;
  readonly scripts: readonly Script[];
  /** Entities that come later: in a frame, with a script. */
  readonly spawns: readonly {
    readonly frame: number;
    readonly script: number;
    readonly row: Row;
  }[];
  /** Entities that go: in a frame, the n-th of those that there are. */
  readonly deaths: readonly { readonly frame: number; readonly nth: number }[];
  /** Messages in every frame, to the n-th of the first entities, that take so long to receive. */
  readonly messages: readonly { readonly nth: number; readonly ms: number }[];
}

const mostScripts = 3;
const mostRows = 4;
const mostSpawns = 3;
const mostMs = 5;
const frames = 160;

const source = (busy: string): string => `
@external("test", "${busy}") declare function busy(ms: i32): void;
let calls: i32 = 0;
export function onMessage(self: Entity): void { if (Hit.damage > 0) busy(<i32>Hit.damage); }
export function onUpdate(self: Entity): void {
  calls++;
  for (let n = 0; n < Kinds.i32[self]; n++) busy(1);
  const kind = Kinds.i8[self];
  if (kind == 1 || (kind == 2 && Time.frame % 2 == 0)) unreachable();
  if (kind == 3) { memory.grow(2); unreachable(); }
  while (kind == 4) busy(0);
  Trace.updates[self] += 1;
}`;

const row = fc.record({
  ms: fc.nat(mostMs),
  mischief: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(4) }),
});
const anyCase: fc.Arbitrary<Case> = fc.record({
  budgetMs: fc.integer({ min: 1, max: 12 }),
  backOffFrames: fc.nat(2),
  degradeStrikes: fc.constantFrom(2, 6, Infinity),
  scripts: fc.array(
    fc.record({
      windowed: fc.boolean(),
      rows: fc.array(row, { minLength: 1, maxLength: mostRows }),
    }),
    { minLength: 1, maxLength: mostScripts },
  ),
  spawns: fc.array(fc.record({ frame: fc.nat(40), script: fc.nat(mostScripts - 1), row }), {
    maxLength: mostSpawns,
  }),
  deaths: fc.array(fc.record({ frame: fc.nat(60), nth: fc.nat(20) }), { maxLength: 3 }),
  messages: fc.array(fc.record({ nth: fc.nat(20), ms: fc.nat(mostMs) }), { maxLength: 2 }),
});

/**
 * Frames that a row waits at most which is due, and whose last call finished, of one of `scripts` scripts that has
 * `rows` rows. It waits for the end of the round that is under way, and for its place in the next one: twice as many
 * turns as there are rows, as each turn gets one on at least, unless it is cut short, and then the next one does. A
 * script that isn't through has a turn once each of those in front of it had one, and was cut short once. Messages
 * may take every other frame.
 */
function mostFrames(scripts: number, rows: number): number {
  const turns = 2 * rows * 2;
  return turns * scripts * 2 * 2;
}

/**
 * The same for a row whose last call was stopped, and took no memory. It waits for those in front of it that were
 * stopped, too: for each until what the one before took is paid, in every other frame, and for its place.
 */
function mostFramesOfSuspects(scripts: number, rows: number, budgetMs: number): number {
  const paidMs = budgetMs / 4 / scripts;
  const takenMs = Math.min(mostMs, budgetMs) + 1;
  return rows * (2 * Math.ceil(takenMs / paidMs) + mostFrames(scripts, rows));
}

/** What a row has come to. */
interface Standing {
  readonly script: number;
  readonly costly: boolean;
  /** The frame from which on it waits. */
  due: number;
  updates: number;
  stopped: boolean;
  /** Frames from one call to the next. */
  period: number;
}

/** The longest waits of all cases, in parts of their bounds. */
const longest = { finished: 0, stopped: 0 };

async function run(what: Case): Promise<void> {
  const clock = new ManualClock();
  const { budgetMs } = what;
  const r = rig({
    clock,
    frameBudgetMs: budgetMs,
    limits: { fuelPerCall: 900_000, callTimeMs: budgetMs, memoryBytes: 1 << 22 },
    policy: {
      maxStrikes: 255,
      backOffFrames: what.backOffFrames,
      maxBackOffFrames: 4,
      degradeStrikes: what.degradeStrikes,
    },
    link: (linker) => {
      // Dear enough that the clock is looked at after every call.
      const spec = { params: ["i32"], results: [], fuel: 120_000, columns: "none" } as const;
      const busy = (_ctx: unknown, ms: number): void => clock.advanceMs(ms);
      linker.func("test", "again", { ...spec, repeatable: true }, busy);
      linker.func("test", "once", spec, busy);
    },
  });
  const names = what.scripts.map((_, n) => `script${n}`);
  const rowsOf = what.scripts.map(({ rows }) => rows.length);
  for (const [n, { windowed }] of what.scripts.entries()) {
    const busy = windowed ? "again" : "once";
    await r.scripts.load({ ...(await binary(busy, source(busy))), name: names[n] as string });
  }
  const { i32, i8 } = r.world.columns(Kinds);
  const { updates } = r.world.columns(Trace);
  const alive = new Map<Entity, Standing>();
  const spawn = (script: number, { ms, mischief }: Row, frame: number): void => {
    const entity = r.world.spawn(undefined, Trace, Kinds);
    const index = r.world.indexOf(entity);
    updates[index] = 0;
    i32[index] = ms;
    i8[index] = mischief;
    r.scripts.attach(entity, names[script] as string);
    const costly = mischief === 3;
    alive.set(entity, { script, costly, due: frame, updates: 0, stopped: false, period: 1 });
  };
  for (const [n, { rows }] of what.scripts.entries()) for (const it of rows) spawn(n, it, 1);
  for (const { script } of what.spawns) {
    const n = script % names.length;
    rowsOf[n] = (rowsOf[n] as number) + 1;
  }
  const receivers = [...alive.keys()];
  let frame = 0;
  r.scripts.on("fault", ({ entity, backOffFrames, periodFrames }) => {
    const standing = alive.get(entity as Entity);
    if (standing === undefined) return;
    standing.due = frame + 1 + backOffFrames;
    standing.stopped = true;
    standing.period = periodFrames;
  });
  for (frame = 1; frame <= frames; frame++) {
    for (const it of what.spawns) {
      if (it.frame === frame) spawn(it.script % names.length, it.row, frame);
    }
    for (const it of what.deaths) {
      const entity = [...alive.keys()][it.nth];
      if (it.frame !== frame || entity === undefined) continue;
      r.scripts.despawn(entity);
      alive.delete(entity);
    }
    for (const { nth, ms } of what.messages) {
      const entity = receivers[nth];
      if (entity !== undefined && alive.has(entity)) r.scripts.send(entity, Hit, { damage: ms });
    }
    r.frames();
    for (const [entity, standing] of alive) {
      const now = updates[r.world.indexOf(entity)] as number;
      if (now !== standing.updates) {
        standing.updates = now;
        standing.stopped = standing.period > 1 || standing.due > frame + 1;
        standing.due = Math.max(standing.due, frame + standing.period);
      }
      check(standing, frame, names.length, rowsOf[standing.script] as number, budgetMs);
    }
  }
}

/** @throws Error when a row has waited too long. */
function check(
  { script, costly, due, stopped }: Standing,
  frame: number,
  scripts: number,
  rows: number,
  budgetMs: number,
): void {
  if (stopped && costly) return;
  const waited = frame - due + 1;
  const bound = stopped ? mostFramesOfSuspects(scripts, rows, budgetMs) : mostFrames(scripts, rows);
  const kind = stopped ? "stopped" : "finished";
  longest[kind] = Math.max(longest[kind], waited / bound);
  if (waited <= bound) return;
  throw new Error(
    `an entity of script ${script} waited ${waited} frames, ${bound} are most; its last call ${kind}`,
  );
}

describe("a row that is due", () => {
  it(`waits no longer than scripts and rows explain, in ${cases} random systems`, {
    timeout,
  }, async () => {
    await fc.assert(fc.asyncProperty(anyCase, run), { numRuns: cases });
    expect(longest.finished).toBeGreaterThan(0);
    if (process.env["FAIRNESS_CASES"] !== undefined) console.log("longest waits", longest);
  });
});
