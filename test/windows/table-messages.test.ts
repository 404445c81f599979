import { describe, expect, it } from "vitest";
import type { Entity } from "../../engine/index.ts";
import type { ScriptSystemOptions } from "../../scripting/index.ts";
import { Every, Hit, Kinds, Ping, Position, type Rig, rig, Trace } from "../system/harness.ts";
import { alike, hostCallsOf, lenient, resultOf, type Windows } from "./tables.ts";

/** Some of the entities carry the script; all but the last of them have what it accesses. */
function crowd({ world, scripts }: Rig, name: string, count = 8): Entity[] {
  const all = Array.from({ length: count }, (_, n) =>
    n === count - 1
      ? world.spawn(undefined, Trace)
      : world.spawn(undefined, Trace, Kinds, Position),
  );
  for (const entity of all) scripts.attach(entity, name);
  return all;
}

/** What stops the call for a message of this damage. */
const stops = [
  ["traps", "unreachable();"],
  ["runs out of fuel", "while (true) {}"],
  ["sends to nobody", "Ping.send(12345);"],
  ["sends what nobody may", "Ping.send(self); Hit.send(self, f32.NaN, self);"],
  ["writes what no column may hold", "Kinds.u8[self] = 300;"],
  ["writes nobody's handle", "Kinds.target[self] = 12345;"],
  ["asks for another message", "Trace.value[self] = Every.f64;"],
  ["reads nobody", "Trace.value[self] = Position.x[-1];"],
  ["has the host refuse it", "Ping.send(self); despawn(12345);"],
] as const;

const policies = [
  lenient,
  { maxStrikes: 255, backOffFrames: 2 },
  { maxStrikes: 2, backOffFrames: 0 },
  { maxStrikes: 1 },
] as const;

/** Sends each of them the same, in turn, so that all get several in a batch; more while some wait. */
async function runStorm(
  body: string,
  windows: Windows,
  options: Partial<ScriptSystemOptions>,
  isComplete = false,
) {
  const game = rig({ windows, ...options });
  await game.load("ear", body);
  const all = crowd(game, "ear", 30);
  if (isComplete) {
    game.world.add(all.at(-1) as Entity, Kinds);
    game.world.add(all.at(-1) as Entity, Position);
  }
  game.frames();
  const states = [];
  for (let frame = 0; frame < 6; frame++) {
    for (let nth = 0; nth < 5 && frame < 4; nth++) {
      for (const [n, to] of all.entries()) {
        // The second message is the bad one for most; for some the first or the last.
        const damage = (nth + (n % 3 === 2 ? n : 0)) % 5;
        if ((n + nth + frame) % 4 === 3)
          game.scripts.send(to, Every, { i16: -nth, f64: 0.1 * nth });
        else game.scripts.send(to, Hit, { damage, from: all[(n + 1) % 7] as Entity });
      }
    }
    game.frames();
    states.push(game.world.hash(), game.scripts.hash());
  }
  return { states, ...resultOf(game), hostCalls: hostCallsOf(game) };
}

const listens = (begins: string, keeps: string, stop: string): string => `${begins}
export function onMessage(self: Entity): void {
  ${keeps}
  Trace.ends[self] += 1;
  if (Hit.is) {
    Trace.value[self] = Trace.value[self] * 3 + Hit.damage;
    Position.x[self] += Hit.damage;
    if (Hit.damage == 2 || Hit.damage == 4) { Ping.send(Hit.from); Kinds.target[self] = Hit.from; }
    if (Hit.damage == 1) { ${stop} }
  } else if (Every.is) Trace.value[self] += Every.f64 + Every.i16;
  Trace.loads[self] += 1;
}`;

describe("several messages in a row for each of some entities", () => {
  it.each(stops)(
    "count as if each came by itself, where the call for one %s",
    async (_name, stop) => {
      for (const [at, policy] of policies.entries()) {
        const plain = await alike(async (windows) => {
          const { hostCalls, ...result } = await runStorm(
            listens("", "", stop),
            windows,
            { policy },
            at % 2 === 1,
          );
          return result;
        }, `policy ${at}`);
        expect(plain.faults.length).toBeGreaterThan(4);
        // It has globals, so that they are set again, and does nothing by them.
        const begins = 'let calls: i32 = 0; const mood = field.f32("mood", 1);';
        await alike(async (windows) => {
          const body = listens(begins, "calls++; mood[self] = mood[self] / 2 + 1;", stop);
          const { hostCalls, ...result } = await runStorm(body, windows, { policy });
          return result;
        }, `policy ${at}, with globals`);
      }
    },
  );

  it.each(stops)("leave no trace in globals, where the call for one %s", async (_name, stop) => {
    const body = listens(
      "let calls: i32 = 0;",
      "calls++; Trace.starts[self] = Trace.starts[self] * 5 + calls;",
      stop,
    );
    // Call by call, globals are lost with a fault.
    for (const policy of policies) {
      const { hostCalls: byRows, ...rows } = await runStorm(body, "rows", { policy });
      const { hostCalls: byTable, ...table } = await runStorm(body, true, { policy });
      expect(table).toEqual(rows);
      expect(byTable).toBeLessThanOrEqual(byRows);
    }
  });

  it("leave as many calls in globals as have finished", async () => {
    const body = listens(
      "let calls: i32 = 0;",
      "calls++; Trace.starts[self] = calls;",
      "unreachable();",
    );
    const game = rig({ policy: lenient });
    await game.load("ear", body);
    const all = crowd(game, "ear").slice(0, 7);
    game.frames();
    for (let nth = 0; nth < 5; nth++) {
      for (const to of all) game.scripts.send(to, Hit, { damage: nth === 2 ? 1 : 0 });
    }
    game.frames(6);
    const { starts, loads } = game.world.columns(Trace);
    const most = Math.max(...all.map((entity) => starts[game.world.indexOf(entity)] as number));
    expect(all.map((entity) => loads[game.world.indexOf(entity)])).toEqual(all.map(() => 4));
    expect(most).toBe(4 * all.length);
  });
});

describe("messages between scripts with tables", () => {
  const whole = "1.5, 0.1, -3, 200, -300, 40000, i32.MIN_VALUE, 0xfffffffe, self";
  const ears = [
    [
      "all",
      "if (Every.is) v += Every.f64 + <f64>Every.f32 + <f64>Every.i8 + <f64>Every.u8 + <f64>Every.i16 + <f64>Every.u16 + <f64>Every.i32 + <f64>Every.u32 + <f64>Every.target; if (Hit.is) v += <f64>Hit.damage + <f64>Hit.from; if (Ping.is) v += 0.25;",
    ],
    ["the wide one", "if (Every.is) v += Every.f64;"],
    ["a narrow one at its place", "if (Hit.is) v += Hit.from;"],
    ["both", "if (Hit.is) v += Hit.from; if (Every.is) v += Every.f64;"],
    [
      "small ones",
      "if (Every.is) v += <f64>(Every.i8 * 3 + Every.u16) + (Every.target == self ? 1 : 7);",
    ],
    ["floats", "if (Every.is) v += Every.f32; if (Hit.is) v += Hit.damage * 2;"],
    ["none", "if (Every.is || Ping.is) v += 1;"],
  ] as const;
  const mouths = [
    ["all", `Hit.send(to, 0.1, other); Every.send(to, ${whole}); Ping.send(to);`],
    ["a wide one", `Every.send(to, ${whole});`],
    ["narrow ones", "Hit.send(to, 0.1, other); Ping.send(to); Hit.send(to, -3, noEntity);"],
    [
      "every second one wide",
      `if (n % 2 == 0) Hit.send(to, <f32>n, other); else Every.send(to, ${whole});`,
    ],
    [
      "some that are refused",
      `Every.send(to, ${whole}); if (n % 5 == 1) Every.send(to, 1, f64.NaN, 1, 1, 1, 1, 1, 1, self); if (n % 5 == 2) Every.send(to, 1, 1, 128, 1, 1, 1, 1, 1, self); if (n % 5 == 3) Every.send(to, 1, 1, 1, -1, 1, 1, 1, 1, self);`,
    ],
    [
      "some to nobody",
      `Every.send(to, ${whole}); if (n % 5 == 1) Every.send(to, 1, 1, 1, 1, 1, 1, 1, 1, 12345); if (n % 5 == 2) Hit.send(-1, 1, self); if (n % 5 == 3) Hit.send(0, 1, self); if (n % 5 == 4) Hit.send(1, 1, 1);`,
    ],
  ] as const;

  it.each(mouths)("say the same whatever is read of them: %s", async (_name, send) => {
    for (const [what, body] of ears) {
      const { messages } = await alike(async (windows) => {
        const game = rig({ windows, policy: lenient });
        await game.load(
          "talker",
          `export function onUpdate(self: Entity): void {
            const n = Kinds.u8[self]; const to = Kinds.target[self]; const other: Entity = Kinds.i32[self];
            ${send}
          }
          export function onMessage(self: Entity): void {
            let v: f64 = 0;
            ${body}
            Trace.value[self] = (Trace.value[self] * 31 + v) % 1e9;
            Trace.ends[self] += 1;
          }`,
        );
        const all = crowd(game, "talker", 12);
        const { i32, target, u8 } = game.world.columns(Kinds);
        for (const [n, entity] of all.entries()) {
          const index = game.world.indexOf(entity);
          target[index] = all[(n * 5) % 4] as Entity;
          i32[index] = all[(n * 7) % 12] as Entity;
          u8[index] = n;
        }
        game.scripts.send(all[0] as Entity, Every, { u32: 2 ** 32 - 1, f32: 0.1, f64: 1e300 });
        game.scripts.send(all[1] as Entity, Ping);
        game.frames(4);
        return resultOf(game);
      }, what);
      expect(messages).toBeGreaterThan(10);
    }
  });

  it.each([
    ["room for 13", { maxMessages: 13 }],
    ["room for 40, and three a call", { maxMessages: 40, messagesPerCall: 3 }],
    ["room for one", { maxMessages: 1 }],
    ["two a call", { messagesPerCall: 2 }],
    ["none a call", { messagesPerCall: 0 }],
    ["no end of them a call", { messagesPerCall: Infinity }],
  ] as const)("are let in as call by call, with %s", async (_name, options) => {
    const talks = `export function onUpdate(self: Entity): void {
        for (let n = Kinds.u8[self] % 5; n >= 0; n--) { Hit.send(Kinds.target[self], <f32>n, self); Trace.updates[self] += 1; }
      }
      export function onMessage(self: Entity): void {
        Trace.value[self] = (Trace.value[self] * 31 + (Hit.is ? Hit.damage : 9)) % 1e9;
        if (Hit.is && Hit.damage > 1) Ping.send(Hit.from);
        if (Trace.ends[self]++ % 5 == 3) unreachable();
      }`;
    await alike(async (windows) => {
      const game = rig({ windows, policy: lenient, ...options });
      // Two that leave each other less.
      await game.load("talker", talks);
      await game.load("gossip", talks);
      const { i32, target, u8 } = game.world.columns(Kinds);
      const all = [...crowd(game, "talker", 10), ...crowd(game, "gossip", 10)];
      for (const [n, entity] of all.entries()) {
        const index = game.world.indexOf(entity);
        target[index] = all[(n * 3) % 18] as Entity;
        i32[index] = n;
        u8[index] = n;
      }
      const states = [];
      for (let frame = 0; frame < 5; frame++) {
        game.frames();
        states.push(game.world.hash());
      }
      const waiting = game.scripts.stats().map(({ messagesWaiting }) => messagesWaiting);
      return { states, waiting, ...resultOf(game) };
    });
  });
});

describe("several messages for one entity, while there is no room for what calls send", () => {
  it("wait behind the call that was stopped for it, though they were handled before that was known", async () => {
    const { trace, waiting } = await alike(async (windows) => {
      const game = rig({ windows, policy: lenient, maxMessages: 9 });
      await game.load(
        "ear",
        "export function onMessage(self: Entity): void { Trace.value[self] += Hit.damage; if (Hit.damage < 10) Hit.send(self, 100, self); }",
      );
      const all = crowd(game, "ear", 5);
      game.frames();
      const [a, b, c, d] = all as [Entity, Entity, Entity, Entity];
      // Two may be sent: that leaves as much room to others.
      for (const [to, damage] of [
        [b, 1],
        [c, 2],
        [a, 4],
        [d, 16],
        [a, 8],
      ] as const) {
        game.scripts.send(to, Hit, { damage });
      }
      game.frames();
      const { value } = game.world.columns(Trace);
      const trace = all.map((entity) => value[game.world.indexOf(entity)]);
      const { messagesWaiting: waiting } = game.scripts.stats()[0] ?? {};
      return { trace, waiting, ...resultOf(game) };
    });
    expect(trace).toEqual([0, 1, 2, 16, 0]);
    expect(waiting).toBe(1);
  });
});
