import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entity } from "../../engine/index.ts";
import type { Linker } from "../../scripting/index.ts";
import { binary, Hit, Kinds, rig, Trace } from "./harness.ts";

/** What an entity does in one frame's update; the others do nothing. */
interface Act {
  readonly who: number;
  readonly to: number;
  readonly sends: number;
  readonly stops: boolean;
  readonly kills: boolean;
}

interface Frame {
  readonly acts: readonly Act[];
  /** Entities that the game sends to before the frame. */
  readonly game: readonly number[];
  /** Those that it despawns before the frame, after it has sent. */
  readonly dies: readonly number[];
}

interface Letter {
  readonly to: number;
  readonly from: number;
  readonly id: number;
}

const entities = 6;
const stopsAt = (id: number): boolean => id % 7 === 3;
const answers = (id: number): boolean => id % 5 === 0 && id < 100_000;

/** Sends ids that count up from the one in its columns; answers some messages, and stops at others. */
const node = `
@external("test", "got") declare function got(self: Entity, id: i32): void;
let calls: i32 = 0;
const seen: Entity[] = [];
export function onMessage(self: Entity): void {
  calls++; seen.push(self);
  const id = <i32>Hit.damage;
  if (id % 5 == 0 && id < 100000 && isAlive(Hit.from)) Hit.send(Hit.from, <f32>(id + 100000), self);
  if (id % 7 == 3) unreachable();
  got(self, id);
}
export function onUpdate(self: Entity): void {
  calls++; seen.push(self);
  Trace.value[self] = <f64>calls;
  for (let n = 0; n < Kinds.i32[self]; n++) Hit.send(Kinds.target[self], <f32>(Kinds.u32[self] + n), self);
  if (Kinds.i8[self] != 0) despawn(Kinds.target[self]);
  if (Kinds.u8[self] != 0) unreachable();
}`;

/** What is delivered, by the rules alone: frame by frame, receiver and id. */
function model(frames: readonly Frame[]): string[][] {
  const alive = new Array<boolean>(entities).fill(true);
  let inbox: Letter[] = [];
  let outbox: Letter[] = [];
  let id = 1;
  return frames.map(({ acts, game, dies }) => {
    const got: string[] = [];
    for (const to of game) if (alive[to]) outbox.push({ to, from: -1, id: id++ });
    for (const who of dies) alive[who] = false;
    const blocked = new Set<number>();
    const waits: Letter[] = [];
    const due = [...inbox, ...outbox].filter(({ to }) => alive[to]);
    outbox = [];
    for (const letter of due) {
      if (blocked.has(letter.to)) waits.push(letter);
      else if (stopsAt(letter.id)) blocked.add(letter.to);
      else {
        got.push(`${letter.to}:${letter.id}`);
        if (answers(letter.id) && letter.from >= 0 && alive[letter.from])
          outbox.push({ to: letter.from, from: letter.to, id: letter.id + 100_000 });
      }
    }
    inbox = waits;
    const killed: number[] = [];
    const idBefore = id;
    acts.forEach(({ who, to, sends, stops, kills }, n) => {
      id = idBefore + (n + 1) * 10;
      if (!alive[who] || !alive[to] || blocked.has(who) || stops) return;
      for (let k = 0; k < sends; k++) outbox.push({ to, from: who, id: idBefore + n * 10 + k });
      if (kills) killed.push(to);
    });
    for (const who of killed) alive[who] = false;
    return got;
  });
}

async function run(frames: readonly Frame[], windows: boolean): Promise<string[][]> {
  let got: string[] = [];
  const all: Entity[] = [];
  const link = (linker: Linker): void => {
    const spec = {
      params: ["i32", "i32"],
      results: [],
      fuel: 10,
      columns: "none",
      repeatable: true,
    } as const;
    linker.func("test", "got", spec, (_ctx, self, id) => {
      // Calls that finished are made again when a later one of their window is stopped.
      const letter = `${all.indexOf(self as Entity)}:${id}`;
      if (!got.includes(letter)) got.push(letter);
    });
  };
  const r = rig({ link, windows, policy: { maxStrikes: 255, backOffFrames: 0 } });
  await r.scripts.load(await binary("node", node));
  for (let n = 0; n < entities; n++) {
    const entity = r.world.spawn(undefined, Trace, Kinds);
    all.push(entity);
    r.scripts.attach(entity, "node");
  }
  const kinds = r.world.columns(Kinds);
  let id = 1;
  const result = frames.map(({ acts, game, dies }) => {
    got = [];
    for (const to of game) {
      if (r.world.isAlive(all[to] as Entity))
        r.scripts.send(all[to] as Entity, Hit, { damage: id++ });
    }
    for (const who of dies)
      if (r.world.isAlive(all[who] as Entity)) r.world.despawn(all[who] as Entity);
    for (const entity of all) {
      if (!r.world.isAlive(entity)) continue;
      for (const column of [kinds.i32, kinds.u8, kinds.i8]) column[r.world.indexOf(entity)] = 0;
    }
    const idBefore = id;
    acts.forEach(({ who, to, sends, stops, kills }, n) => {
      id = idBefore + (n + 1) * 10;
      const [self, other] = [all[who] as Entity, all[to] as Entity];
      if (!r.world.isAlive(self) || !r.world.isAlive(other)) return;
      const at = r.world.indexOf(self);
      kinds.target[at] = other;
      kinds.u32[at] = idBefore + n * 10;
      kinds.i32[at] = sends;
      kinds.u8[at] = stops ? 1 : 0;
      kinds.i8[at] = kills ? 1 : 0;
    });
    r.frames();
    return got;
  });
  const waiting = r.scripts.stats()[0]?.messagesWaiting;
  expect(r.of("fault").every(({ fault }) => fault.kind === "trap")).toBe(true);
  r.scripts.dispose();
  expect(waiting).toBeGreaterThanOrEqual(0);
  return result;
}

const one = fc.nat({ max: entities - 1 });
const act = fc.record({
  who: one,
  to: one,
  sends: fc.nat({ max: 9 }),
  stops: fc.boolean(),
  kills: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
const frame = fc.record({
  // In the order of rows, each at most once.
  acts: fc
    .uniqueArray(act, { selector: ({ who }) => who, maxLength: entities })
    .map((acts) => acts.sort((a, b) => a.who - b.who)),
  game: fc.array(one, { maxLength: 6 }),
  dies: fc.array(one, { maxLength: 1 }).map((dies) => (dies[0] === 0 ? dies : [])),
});

describe("messages, in random patterns of sending, stopping and killing", () => {
  for (const windows of [true, false]) {
    it(`arrive as a simple model says, ${windows ? "on windows" : "call by call"}`, async () => {
      let delivered = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(frame, { minLength: 2, maxLength: 8 }), async (frames) => {
          const expected = model(frames);
          delivered += expected.flat().length;
          expect(await run(frames, windows)).toEqual(expected);
        }),
        { numRuns: 60, seed: 12 },
      );
      expect(delivered).toBeGreaterThan(1_000);
    });
  }
});
