import { describe, expect, it } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import type { Linker, ScriptSystemOptions } from "../../scripting/index.ts";
import { Hit, Kinds, Position, type Rig, rig, Trace } from "../system/harness.ts";

/** Writes down what it gets: a number that tells of messages and of their order. */
const ear = `
export function onMessage(self: Entity): void {
  Trace.value[self] = (Trace.value[self] * 31 + (Hit.is ? <f64>Hit.damage : 0.5)) % 1e9;
  Trace.ends[self] += 1;
}`;

/** What fifty senders come to that aim at ten ears, with some things that are refused. */
async function outcome(body: string, options: Partial<ScriptSystemOptions>, count = 50) {
  const r = rig({ policy: { maxStrikes: 100, backOffFrames: 0 }, ...options });
  await r.load("ear", ear);
  await r.load("mouth", `export function onUpdate(self: Entity): void { ${body} }`);
  const ears = Array.from({ length: 10 }, () => r.world.spawn(undefined, Trace));
  for (const entity of ears) r.scripts.attach(entity, "ear");
  const mouths = Array.from({ length: count }, (_, n) =>
    r.world.spawn(
      undefined,
      Position,
      withValues(Kinds, { target: ears[n % 10] as Entity, u8: n % 256, i32: n }),
    ),
  );
  for (const entity of mouths) r.scripts.attach(entity, "mouth");
  r.frames(4);
  return {
    hash: r.world.hash(),
    faults: r.of("fault").map(({ entity, fault }) => `${entity} ${fault.message}`),
    lines: [...new Set(r.of("fault").map(({ fault }) => fault.location?.line))],
    delivered: r.scripts.totals().messages,
    sum: ears.map((entity) => r.world.columns(Trace).ends[r.world.indexOf(entity)]).join(),
  };
}

const bodies: readonly (readonly [
  name: string,
  body: string,
  options?: Partial<ScriptSystemOptions>,
])[] = [
  ["one each", "Hit.send(Kinds.target[self], <f32>Kinds.u8[self], self);"],
  ["several kinds", "Ping.send(Kinds.target[self]); Hit.send(Kinds.target[self], 2, noEntity);"],
  [
    "more than there is room for",
    "for (let n = 0; n < 30; n++) Hit.send(Kinds.target[self], <f32>n, self);",
  ],
  [
    "nothing of a call that traps",
    "Hit.send(Kinds.target[self], 1, self); if (Kinds.u8[self] % 7 == 3) unreachable();",
  ],
  [
    "nothing of a call that sends to nobody",
    "Hit.send(Kinds.target[self], 1, self); Position.x[self] += 1; if (Kinds.u8[self] % 7 == 3) Hit.send(12345, 1, self);",
  ],
  [
    "nothing of a call that sends a dead handle",
    "Position.x[self] += 1; Hit.send(Kinds.target[self], 1, Kinds.u8[self] % 7 == 3 ? 12345 : self);",
  ],
  [
    "nothing of a call that traps after it sends to nobody",
    "Ping.send(Kinds.target[self]); if (Kinds.u8[self] % 7 == 3) { Ping.send(12345); unreachable(); }",
  ],
  [
    "nothing of a call that sends NaN",
    "Ping.send(Kinds.target[self]); Hit.send(Kinds.target[self], Kinds.u8[self] % 7 == 3 ? f32.NaN : 1, self);",
  ],
  [
    "nothing of a call that sends too many",
    "for (let n = Kinds.i32[self]; n >= 0; n--) Ping.send(Kinds.target[self]);",
    { messagesPerCall: 20 },
  ],
  [
    "as many as there is room for",
    "Position.x[self] += 1; Hit.send(Kinds.target[self], 1, self); Ping.send(Kinds.target[self]);",
    { maxMessages: 41 },
  ],
  ["none, where none may be sent", "Ping.send(Kinds.target[self]);", { messagesPerCall: 0 }],
  [
    "between calls of the host",
    "Hit.send(Kinds.target[self], 3, self); if (isAlive(self)) Ping.send(Kinds.target[self]); Random.next(); Hit.send(Kinds.target[self], 4, self);",
  ],
  [
    "by calls that make memory longer",
    "Hit.send(Kinds.target[self], 3, self); if (Kinds.u8[self] % 9 == 4 && memory.size() < 6) memory.grow(1); Random.next(); if (isAlive(self)) Hit.send(Kinds.target[self], 4, self);",
  ],
  [
    "by functions that hooks call",
    "say(self); say(Kinds.target[self]); }\n// @ts-ignore: decorator\n@noInline function say(to: Entity): void { if (Kinds.has(to)) return; Hit.send(to, 5, to);",
  ],
];

describe("what a script sends in its window", () => {
  const cases = bodies.map(([name, body, options = {}]) => ({ name, body, options }));

  it.each(cases)("is sent as by calls of the host: $name", async ({ body, options }) => {
    const windowed = await outcome(body, options);
    const byCall = await outcome(body, { ...options, windows: false });
    expect(windowed).toEqual(byCall);
    expect(await outcome(body, { ...options, windows: "rows" })).toEqual(byCall);
    expect(windowed.delivered + windowed.faults.length).toBeGreaterThan(0);
  });

  it.each([true, "rows", false] as const)(
    "is refused at its place: windows %s",
    async (windows) => {
      const { faults, lines } = await outcome(
        "Ping.send(Kinds.target[self]);\n Position.x[self] = 1;\n Hit.send(12345, 1, self);",
        { windows },
        3,
      );
      expect(faults).toHaveLength(12);
      expect(faults[0]).toContain("Hit.send: entity 0x00003039 is not alive");
      expect(lines).toEqual([4]);
    },
  );

  it("takes no call of the host", async () => {
    // Else the second message would be one too many.
    const body = "Ping.send(Kinds.target[self]); Hit.send(Kinds.target[self], 2, self);";
    const limits = { hostCallsPerCall: 1 };
    expect((await outcome(body, { limits })).faults).toEqual([]);
    expect((await outcome(body, { limits, windows: false })).faults).not.toEqual([]);
  });

  it("comes before what host functions of the game send for it", async () => {
    let made: Rig | undefined;
    const link = (linker: Linker): void => {
      const spec = {
        params: ["i32"],
        results: [],
        fuel: 1,
        columns: "none",
        repeatable: true,
      } as const;
      linker.func("game", "ping", spec, (_ctx, entity) => {
        made?.scripts.send(entity as Entity, Hit, { damage: 2 });
      });
    };
    const r = rig({ link });
    made = r;
    await r.load("ear", ear);
    await r.load(
      "mouth",
      `@external("game", "ping") declare function ping(e: i32): void;
export function onUpdate(self: Entity): void {
  const to = Kinds.target[self];
  Hit.send(to, 1, self); ping(to); Hit.send(to, 3, self);
}`,
    );
    const target = r.world.spawn(undefined, Trace);
    r.scripts.attach(target, "ear");
    r.scripts.attach(r.world.spawn(undefined, withValues(Kinds, { target })), "mouth");
    r.frames(2);
    expect(r.of("fault")).toEqual([]);
    expect(r.world.columns(Trace).value[r.world.indexOf(target)]).toBe((31 + 2) * 31 + 3);
  });

  it.each([0, 1, -1, 0x7fffffff, 300, 1 << 20, 0x100001])(
    "can't be tampered with to send what it couldn't: %i",
    async (word) => {
      const r = rig({ policy: { maxStrikes: 100, backOffFrames: 0 } });
      await r.load("ear", ear);
      // Sends Ping alone, from an entity that may have a handle of the word's bits.
      await r.load(
        "tampers",
        `export function onUpdate(self: Entity): void {
  Ping.send(Kinds.target[self]);
  for (let at = 1024; at < 25600; at += 4) store<i32>(at, ${word});
}`,
      );
      const target = r.world.spawn(undefined, Trace);
      r.scripts.attach(target, "ear");
      const senders = Array.from({ length: 20 }, () =>
        r.world.spawn(undefined, withValues(Kinds, { target })),
      );
      for (const entity of senders) r.scripts.attach(entity, "tampers");
      r.frames(4);
      const index = r.world.indexOf(target);
      // A ping is told from a hit.
      expect(((r.world.columns(Trace).value[index] as number) * 2) % 1).toBe(0);
      expect(r.world.columns(Trace).ends[index]).toBeLessThanOrEqual(3 * 20 * 64);
      expect(r.of("disable")).toEqual([]);
    },
  );

  it("can't be more than a call may send, whatever it writes over", async () => {
    const r = rig({ messagesPerCall: 37, limits: { fuelPerCall: 1_000_000 } });
    await r.load("ear", ear);
    await r.load(
      "tampers",
      `export function onUpdate(self: Entity): void {
  for (let at = 1024; at < 25600; at += 4) if (load<i32>(at) == 37) store<i32>(at, 250);
  for (let n = 0; n < 200; n++) Ping.send(Kinds.target[self]);
}`,
    );
    const target = r.world.spawn(undefined, Trace);
    r.scripts.attach(target, "ear");
    r.scripts.attach(r.world.spawn(undefined, withValues(Kinds, { target })), "tampers");
    r.frames(2);
    expect(r.of("fault").map(({ fault }) => fault.message)).toEqual([
      expect.stringContaining("one call may send at most 37 messages (messagesPerCall)"),
    ]);
    expect(r.scripts.totals().messages).toBe(0);
  });
});

describe("a handle that a script writes in its window", () => {
  const writes = (value: string) => `Position.x[self] += 1; Kinds.target[self] = ${value};`;

  it.each([
    ["none", writes("noEntity")],
    ["its own", writes("self")],
    ["one that there is no entity for", writes("Kinds.u8[self] % 5 == 2 ? 12345 : self")],
    [
      "one that there is none for, and a trap behind it",
      `${writes("Kinds.u8[self] % 5 == 2 ? 12345 : self")} if (Kinds.u8[self] % 5 == 2) unreachable();`,
    ],
    [
      "one that another one is written over",
      `${writes("Kinds.u8[self] % 5 == 2 ? 12345 : self")} Kinds.target[self] = noEntity;`,
    ],
    [
      "more than are kept",
      `for (let n = 0; n < 200; n++) { ${writes("n % 2 ? self : noEntity")} } ${writes("Kinds.u8[self] % 5 == 2 ? 12345 : self")}`,
    ],
    ["a negative one", writes("Kinds.u8[self] % 5 == 2 ? -1 : self")],
  ])("is held to what the host takes: %s", async (_name, body) => {
    expect(await outcome(body, {})).toEqual(await outcome(body, { windows: false }));
  });

  it("stays where it is that of an entity that has gone since", async () => {
    for (const windows of [true, false]) {
      const r = rig({ windows });
      await r.load(
        "keeps",
        `export function onUpdate(self: Entity): void { ${writes("Kinds.target[self]")} }`,
      );
      const gone = r.world.spawn();
      const entity = r.world.spawn(undefined, Position, withValues(Kinds, { target: gone }));
      r.scripts.attach(entity, "keeps");
      r.world.despawn(gone);
      r.frames(2);
      const index = r.world.indexOf(entity);
      expect(r.of("fault")).toEqual([]);
      expect(r.world.columns(Kinds).target[index]).toBe(gone);
      expect(r.world.columns(Position).x[index]).toBe(2);
    }
  });

  it("is written by the host alone where it may touch its own entity only", async () => {
    const r = rig({ scriptPolicy: { entities: "self" } });
    const other = r.world.spawn();
    await r.load("nosy", `export function onUpdate(self: Entity): void { ${writes(`${other}`)} }`);
    const entity = r.world.spawn(undefined, Position, Kinds);
    r.scripts.attach(entity, "nosy");
    r.frames();
    expect(r.of("fault")).toHaveLength(1);
    expect(r.world.columns(Kinds).target[r.world.indexOf(entity)]).toBe(0);
  });
});
