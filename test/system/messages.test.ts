import { describe, expect, it } from "vitest";
import { defineMessage, type Entity, ManualClock, withValues } from "../../engine/index.ts";
import { LinkError, type Linker, scriptPolicies } from "../../scripting/index.ts";
import { binary, Every, Hit, Kinds, Ping, Position, type Rig, rig, Trace } from "./harness.ts";

/** Writes what it gets down as digits: 1 to 8 are damages, 9 is a ping. */
const digits = `
export function onMessage(self: Entity): void {
  Trace.value[self] = Trace.value[self] * 10 + (Hit.is ? Hit.damage : 9);
}`;
const target = (body: string): string => `
export function onUpdate(self: Entity): void {
  const other = Kinds.target[self];
  ${body}
}`;

function traceOf(r: Rig, entity: Entity): number {
  return r.world.columns(Trace).value[r.world.indexOf(entity)] as number;
}

function spawn(r: Rig, script: string, other?: Entity): Entity {
  const kinds = withValues(Kinds, other === undefined ? {} : { target: other });
  const entity = r.world.spawn(undefined, Trace, Position, kinds);
  r.scripts.attach(entity, script);
  return entity;
}

describe("messages", () => {
  it("of the game arrive in the next frame, in order, before any onUpdate", async () => {
    const r = rig();
    await r.load(
      "ear",
      `${digits}
export function onStart(self: Entity): void { Trace.starts[self] = 1; }
export function onUpdate(self: Entity): void { Trace.value[self] = Trace.value[self] * 10; }`,
    );
    const a = spawn(r, "ear");
    const b = spawn(r, "ear");
    r.scripts.send(a, Hit, { damage: 1 });
    r.scripts.send(b, Ping);
    r.scripts.send(a, Hit, { damage: 2, from: b });
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 0 });
    r.frames();
    expect([traceOf(r, a), traceOf(r, b)]).toEqual([120, 90]);
    expect(r.scripts.lastFrame).toMatchObject({ messages: 3, calls: 7, deferred: 0 });
    r.frames();
    expect([traceOf(r, a), traceOf(r, b)]).toEqual([1200, 900]);
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 3, messagesWaiting: 0 });
    expect(r.scripts.totals().messages).toBe(3);
  });

  it("of scripts arrive in the frame after, whoever is called first", async () => {
    const r = rig();
    await r.load("mouth", target("Hit.send(other, <f32>Time.frame, self); Ping.send(other);"));
    await r.load("ear", digits);
    const ear = spawn(r, "ear");
    spawn(r, "mouth", ear);
    r.frames();
    expect(traceOf(r, ear)).toBe(0);
    r.frames();
    expect(traceOf(r, ear)).toBe(19);
    r.frames();
    expect(traceOf(r, ear)).toBe(1929);
    expect(r.of("fault")).toEqual([]);
  });

  it("reach every script of the receiver that wants them, and those attached meanwhile", async () => {
    const r = rig();
    await r.load("ear", digits);
    await r.load("deaf", "export function onUpdate(self: Entity): void {}");
    const entity = spawn(r, "ear");
    r.scripts.attach(entity, "deaf");
    r.scripts.send(entity, Hit, { damage: 3 });
    await r.load(
      "late",
      "export function onMessage(self: Entity): void { Trace.ends[self] += 1; }",
    );
    r.scripts.attach(entity, "late");
    r.frames();
    expect(traceOf(r, entity)).toBe(3);
    expect(r.world.columns(Trace).ends[r.world.indexOf(entity)]).toBe(1);
  });

  it("carry every type, and defaults of what the game leaves out", async () => {
    const r = rig();
    await r.load(
      "copy",
      `
export function onMessage(self: Entity): void {
  if (Hit.is) {
    Every.send(self, 0.1, 0.1, -128, 255, -32768, 65535, i32.MIN_VALUE, u32.MAX_VALUE, self);
    return;
  }
  if (Ping.is) unreachable();
  Kinds.f32[self] = Every.f32; Kinds.f64[self] = Every.f64; Kinds.i8[self] = Every.i8;
  Kinds.u8[self] = Every.u8; Kinds.i16[self] = Every.i16; Kinds.u16[self] = Every.u16;
  Kinds.i32[self] = Every.i32; Kinds.u32[self] = Every.u32; Kinds.target[self] = Every.target;
}`,
    );
    const entity = spawn(r, "copy");
    const columns = r.world.columns(Kinds);
    const at = r.world.indexOf(entity);
    const held = (): number[] => Object.values(columns).map((column) => column[at] as number);
    r.scripts.send(entity, Every, { u32: 2 ** 32 - 1 });
    r.frames();
    expect(r.of("fault")).toEqual([]);
    expect(held()).toEqual([1.5, 0, 0, 3, 0, 0, 0, 2 ** 32 - 1, 0]);
    r.scripts.send(entity, Hit);
    r.frames(2);
    expect(held()).toEqual([
      Math.fround(0.1),
      0.1,
      -128,
      255,
      -32768,
      65535,
      -(2 ** 31),
      2 ** 32 - 1,
      entity,
    ]);
  });

  it("of a stopped call never were", async () => {
    const r = rig({ policy: { maxStrikes: 9, backOffFrames: 0 } });
    await r.load(
      "mouth",
      target(
        "if (Trace.updates[other] == 0) Hit.send(other, 1, self); Hit.send(other, 2, self); if (Trace.starts[self]) unreachable();",
      ),
    );
    await r.load("ear", digits);
    const ear = spawn(r, "ear");
    const bad = spawn(r, "mouth", ear);
    spawn(r, "mouth", ear);
    const worse = spawn(r, "mouth", ear);
    for (const entity of [bad, worse]) r.world.columns(Trace).starts[r.world.indexOf(entity)] = 1;
    r.frames(2);
    expect(traceOf(r, ear)).toBe(12);
    expect(r.of("fault")).toHaveLength(4);
  });

  it("to the dead, to who was struck out and to who lost the script are dropped", async () => {
    const r = rig({ policy: { maxStrikes: 1 } });
    await r.load("ear", `${digits.replace("{", "{ if (Ping.is) unreachable();")}`);
    const [dead, struck, left] = [spawn(r, "ear"), spawn(r, "ear"), spawn(r, "ear")];
    for (const entity of [dead, struck, left]) r.scripts.send(entity, Hit, { damage: 1 });
    r.scripts.send(struck, Ping);
    r.scripts.send(struck, Hit, { damage: 1 });
    r.world.despawn(dead);
    r.scripts.detach(left, "ear");
    r.frames();
    r.scripts.send(struck, Hit, { damage: 1 });
    r.frames();
    expect([traceOf(r, struck), traceOf(r, left)]).toEqual([1, 0]);
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 2, messagesWaiting: 0, faults: 1 });
    expect(() => r.scripts.send(dead, Ping)).toThrow("is not alive");
  });

  it("strike the row like onUpdate, and wait while it backs off", async () => {
    const r = rig({ policy: { backOffFrames: 2 } });
    await r.load("ear", `${digits.replace("{", "{ if (Ping.is) unreachable();")}`);
    const [sick, well] = [spawn(r, "ear"), spawn(r, "ear")];
    r.scripts.send(sick, Ping);
    for (const damage of [1, 2]) r.scripts.send(sick, Hit, { damage });
    r.scripts.send(well, Hit, { damage: 4 });
    r.frames();
    expect(r.of("fault")).toMatchObject([
      { hook: "onMessage", entity: sick, strikes: 1, outcome: "back-off", backOffFrames: 2 },
    ]);
    expect([traceOf(r, sick), traceOf(r, well)]).toEqual([0, 4]);
    r.scripts.send(sick, Hit, { damage: 3 });
    r.frames(2);
    expect([traceOf(r, sick), r.scripts.lastFrame.deferred]).toEqual([0, 0]);
    expect(r.scripts.stats()[0]).toMatchObject({ messagesWaiting: 3 });
    r.frames();
    expect(traceOf(r, sick)).toBe(123);
  });

  it("leave nothing of a stopped call in the script's memory, and come once each", async () => {
    const r = rig({ policy: { maxStrikes: 9, backOffFrames: 0 } });
    await r.load(
      "ear",
      `let calls = 0;
// Called twice, so that it isn't inlined.
function all(): f64 { return <f64>Hit.damage * 100 + <f64>++calls; }
export function onMessage(self: Entity): void { Trace.value[self] = Hit.is ? all() : -all(); if (Hit.damage == 3) unreachable(); }
export function onUpdate(self: Entity): void { calls++; Trace.updates[self] = calls; }`,
    );
    const ears = Array.from({ length: 12 }, () => spawn(r, "ear"));
    const damages = [1, 3, 2, 1, 1, 3, 3, 2, 1, 2, 2, 3];
    ears.forEach((ear, n) => {
      r.scripts.send(ear, Hit, { damage: damages[n] as number });
    });
    r.scripts.send(ears[0] as Entity, Hit, { damage: 2 });
    r.frames(2);
    // Eight finish before the one that is for the first again; then come the updates of those that weren't stopped.
    expect(ears.map((ear) => traceOf(r, ear))).toEqual([
      209, 0, 202, 103, 104, 0, 0, 205, 106, 207, 208, 0,
    ]);
    const at = (n: number): number => r.world.indexOf(ears[n] as Entity);
    const { updates } = r.world.columns(Trace);
    expect([updates[at(0)], updates[at(1)], updates[at(11)]]).toEqual([18, 19, 29]);
    expect(r.of("fault").map(({ entity }) => ears.indexOf(entity as Entity))).toEqual([
      1, 5, 6, 11,
    ]);
    expect(r.of("restart")).toEqual([]);
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 13, messagesWaiting: 0 });
  });

  it("see the columns that messages before them have left, those of others, too", async () => {
    const r = rig();
    await r.load(
      "chain",
      `export function onMessage(self: Entity): void {
  Trace.value[self] = Trace.value[self] + <f64>Hit.damage + (isAlive(Hit.from) ? Trace.value[Hit.from] : 0);
}`,
    );
    const [a, b, c] = [spawn(r, "chain"), spawn(r, "chain"), spawn(r, "chain")];
    r.scripts.send(b, Hit, { damage: 1, from: a });
    r.scripts.send(a, Hit, { damage: 10, from: b });
    r.scripts.send(c, Hit, { damage: 100, from: a });
    r.scripts.send(a, Hit, { damage: 1000, from: c });
    r.frames();
    expect([a, b, c].map((entity) => traceOf(r, entity))).toEqual([1122, 1, 111]);
  });

  it("can't be read but in onMessage, nor as another one", async () => {
    const r = rig({ policy: { backOffFrames: 0, maxStrikes: 5 } });
    await r.load(
      "nosy",
      `
export function onMessage(self: Entity): void { Trace.value[self] = Hit.damage; }
export function onUpdate(self: Entity): void { if (Hit.is) unreachable(); Trace.value[self] = Hit.damage; }`,
    );
    const entity = spawn(r, "nosy");
    r.scripts.send(entity, Ping);
    r.frames(2);
    expect(r.of("fault").map(({ hook, fault }) => `${hook} ${fault.message}`)).toEqual(
      ["onMessage", "onUpdate"].map(
        (hook) =>
          `${hook} was refused by a host function: Hit.damage: the call has no message Hit; in onMessage, ask Hit.is before`,
      ),
    );
  });

  it("are checked like column writes", async () => {
    const sends = [
      ["Hit.send(self, f32.NaN, noEntity);", "Hit.damage: NaN is not a finite number"],
      ["Hit.send(self, 1, 12345);", "Hit.from: entity 0x00003039 is not alive"],
      ["Ping.send(noEntity);", "Ping.send: entity 0 is no entity"],
      ["Every.send(self, 0, 0, 0, 256, 0, 0, 0, 0, 0);", "Every.u8: 256 does not fit u8"],
      [
        "for (let n = 0; n < 65; n++) Ping.send(self);",
        "one call may send at most 64 messages (messagesPerCall)",
      ],
    ] as const;
    for (const [body, message] of sends) {
      const r = rig();
      await r.load("bad", target(body));
      spawn(r, "bad");
      r.frames();
      expect(r.of("fault")[0]?.fault).toMatchObject({ kind: "host-error" });
      expect(r.of("fault")[0]?.fault.message).toContain(message);
      expect(r.scripts.stats()[0]).toMatchObject({ messagesWaiting: 0 });
    }
    const r = rig();
    const entity = r.world.spawn();
    expect(() => r.scripts.send(entity, Hit, { damage: 1e300 })).toThrow(RangeError);
    expect(() => r.scripts.send(entity, Hit, { from: 77 as Entity })).toThrow("Hit.from");
    expect(() => r.scripts.send(entity, Every, { u8: 256 })).toThrow("does not fit u8");
    expect(() => r.scripts.send(entity, Hit, { nothing: 1 } as object)).toThrow("nothing");
    expect(() => r.scripts.send(entity, defineMessage("Other", {}))).toThrow(
      "message Other isn't one of this system's (messages); it has: Hit, Ping, Every",
    );
    expect(() => rig({ messages: [Hit, Hit] })).toThrow("two messages are called Hit");
  });

  it("of top-level code are refused, those of onLoad are sent", async () => {
    const r = rig();
    await r.load("ear", digits);
    const ear = spawn(r, "ear");
    await r.load("first", `export function onLoad(): void { Hit.send(${ear}, 7, noEntity); }`);
    await expect(r.load("top", `Ping.send(${ear});`)).rejects.toThrow("top-level code can't send");
    r.frames();
    expect(traceOf(r, ear)).toBe(7);
  });

  it("can be sent by host functions of the game, as part of the call", async () => {
    let made: Rig | undefined;
    const link = (linker: Linker): void => {
      linker.func("game", "ping", { params: ["i32"], results: [], fuel: 1 }, (_ctx, entity) => {
        made?.scripts.send(entity as Entity, Ping);
      });
    };
    const r = rig({ link, policy: { maxStrikes: 1 } });
    made = r;
    await r.load("ear", digits);
    const ear = spawn(r, "ear");
    const asks = '@external("game", "ping") declare function ping(e: i32): void;';
    await r.load("good", asks + target("ping(other); ping(other);"));
    await r.load("bad", asks + target("ping(other); unreachable();"));
    spawn(r, "good", ear);
    spawn(r, "bad", ear);
    r.frames(2);
    expect(traceOf(r, ear)).toBe(99);
  });

  it("see the frame's time, also in functions that onUpdate calls, too", async () => {
    const r = rig();
    await r.load(
      "clock",
      `// @ts-ignore: decorator
@noInline function now(self: Entity): f64 { return <f64>Time.frame + <f64>Time.delta + <f64>Position.x[self]; }
export function onMessage(self: Entity): void { Trace.value[self] = now(self); }
export function onUpdate(self: Entity): void { Position.y[self] = <f32>now(self); Position.x[self] = 100; }`,
    );
    const entity = spawn(r, "clock");
    r.frames(3);
    r.scripts.send(entity, Ping);
    r.frames();
    expect(r.of("fault")).toEqual([]);
    expect(traceOf(r, entity)).toBe(104.5);
  });

  it("draw other random numbers, each of them", async () => {
    const r = rig();
    await r.load(
      "dice",
      `export function onMessage(self: Entity): void {
  if (Trace.starts[self]++ == 0) Trace.value[self] = Random.next();
  else if (Trace.value[self] == Random.next()) Trace.ends[self]++;
}`,
    );
    const entity = spawn(r, "dice");
    for (let n = 0; n < 5; n++) r.scripts.send(entity, Ping);
    r.frames();
    const at = r.world.indexOf(entity);
    const { starts, ends } = r.world.columns(Trace);
    expect([starts[at], ends[at]]).toEqual([5, 0]);
  });
});

describe("a script's policy", () => {
  const sends = target("Hit.send(other, 1, other);");

  it("says what it may send", async () => {
    for (const policy of [scriptPolicies.closed, { messages: ["Ping"] }]) {
      const r = rig();
      const error = await r.scripts
        .load(await binary("mod", sends), { policy })
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(LinkError);
      expect((error as LinkError).problems.map((p) => p.capability)).toEqual(["send Hit"]);
    }
    const r = rig();
    await r.scripts.load(await binary("mod", sends), { policy: { messages: ["Hit"] } });
    await r.scripts.load(await binary("ear", digits), { policy: scriptPolicies.closed });
    await expect(
      r.scripts.load(await binary("mod2", sends), { policy: { messages: ["Hurt"] } }),
    ).rejects.toThrow(
      `policy messages: there is no "Hurt" among this system's messages; there is Hit, Ping, Every`,
    );
  });

  it("keeps it to its own entity with self", async () => {
    const r = rig();
    const policy = { entities: "self" } as const;
    await r.scripts.load(await binary("mod", sends), { policy });
    await r.scripts.load(
      await binary(
        "own",
        `${digits}${target("Hit.send(self, 1, self); Ping.send(Prefab.Rock.spawn());")}`,
      ),
      { policy },
    );
    const own = spawn(r, "own");
    spawn(r, "mod", own);
    r.frames(2);
    expect(r.of("fault").map(({ script, fault }) => `${script}: ${fault.message}`)).toEqual([
      expect.stringContaining("mod: was refused by a host function: Hit.from: entity"),
    ]);
    expect(traceOf(r, own)).toBe(1);
  });
});

describe("what messages cost", () => {
  /** Calls take whole milliseconds by a clock which nothing else moves. */
  function busyRig(frameBudgetMs: number, more: Parameters<typeof rig>[0] = {}): Rig {
    const clock = new ManualClock();
    const link = (linker: Linker): void => {
      const spec = { params: ["i32"], results: [], fuel: 20_000 } as const;
      linker.func("test", "busy", spec, (_ctx, ms) => clock.advanceMs(ms));
    };
    return rig({ clock, frameBudgetMs, link, ...more });
  }
  const busy = '@external("test", "busy") declare function busy(ms: i32): void;';
  const slowEar = (ms: number): string =>
    `${busy}${digits.replace("{", `{ busy(${ms});`)}
export function onUpdate(self: Entity): void { busy(1); Trace.updates[self] += 1; }`;
  const updates = (r: Rig, entity: Entity): number =>
    r.world.columns(Trace).updates[r.world.indexOf(entity)] as number;

  it("is half of a frame at most; what doesn't fit waits, in order, and goes first", async () => {
    const r = busyRig(4);
    await r.load("ear", slowEar(1));
    const ear = spawn(r, "ear");
    for (const damage of [1, 2, 3, 4, 5]) r.scripts.send(ear, Hit, { damage });
    r.frames();
    expect([traceOf(r, ear), updates(r, ear)]).toEqual([12, 1]);
    expect(r.scripts.lastFrame).toMatchObject({ messages: 2, deferred: 3, timeMs: 3 });
    r.scripts.send(ear, Hit, { damage: 6 });
    r.frames();
    expect([traceOf(r, ear), updates(r, ear)]).toEqual([1234, 2]);
    expect(r.scripts.stats()[0]).toMatchObject({ deferredFrames: 2, messagesWaiting: 2 });
    r.frames();
    expect(traceOf(r, ear)).toBe(123456);
  });

  it("is for those who still carry the script when what had to wait comes to its turn", async () => {
    const clock = new ManualClock();
    const link = (linker: Linker): void => {
      const spec = { params: ["i32"], results: [], fuel: 150_000 } as const;
      const busy = { ...spec, columns: "none", repeatable: true } as const;
      linker.func("test", "busy", busy, (_ctx, ms) => clock.advanceMs(ms));
    };
    const limits = { fuelPerCall: 1_000_000 };
    const r = rig({ clock, frameBudgetMs: 4, link, limits });
    await r.load("ear", `${busy}${digits.replace("{", "{ busy(1);")}`);
    const [ear, other] = [spawn(r, "ear"), spawn(r, "ear")];
    for (const damage of [1, 2, 3]) {
      for (const entity of [ear, other]) r.scripts.send(entity, Hit, { damage });
    }
    r.frames();
    expect(r.scripts.stats()[0]?.messagesWaiting).toBeGreaterThanOrEqual(3);
    const heard = traceOf(r, other);
    r.scripts.detach(other, "ear");
    r.frames(4);
    expect([traceOf(r, ear), traceOf(r, other)]).toEqual([123, heard]);
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 4, messagesWaiting: 0 });
  });

  it("doesn't keep others from their turn, however long one takes", async () => {
    const r = busyRig(4);
    await r.load("storm", slowEar(4));
    await r.load("storm2", slowEar(4));
    await r.load("calm", slowEar(1));
    const [storm, storm2, calm] = [spawn(r, "storm"), spawn(r, "storm2"), spawn(r, "calm")];
    for (let n = 0; n < 100; n++) {
      r.scripts.send(storm, Ping);
      r.scripts.send(storm2, Ping);
    }
    r.frames(20);
    for (const entity of [storm, storm2, calm]) {
      expect(updates(r, entity)).toBeGreaterThanOrEqual(9);
    }
    const delivered = r.scripts.stats().map(({ messages }) => messages);
    expect(delivered).toEqual([5, 5, 0]);
  });

  it("is room of which a script has what it leaves free", async () => {
    const r = rig({ maxMessages: 30, policy: { maxStrikes: 1 } });
    await r.load("sleepy", "export function onMessage(self: Entity): void { unreachable(); }");
    const flood = target("for (let n = 0; n < Kinds.u8[self]; n++) Ping.send(other);");
    for (const name of ["a", "b"]) await r.load(name, flood);
    const nobody = r.world.spawn();
    const [a, more, b] = [spawn(r, "a", nobody), spawn(r, "a", nobody), spawn(r, "b", nobody)];
    const lives = r.world.columns(Kinds).u8;
    [15, 1, 7].forEach((count, n) => {
      lives[r.world.indexOf([a, more, b][n] as Entity)] = count;
    });
    r.frames();
    expect(r.of("fault").map(({ entity }) => entity)).toEqual([more]);
    expect(r.of("fault")[0]?.fault.message).toContain(
      "Ping.send: too many messages wait already: 15 of 30 in all (maxMessages)",
    );
    for (let n = 0; n < 8; n++) r.scripts.send(nobody, Ping);
    expect(() => r.scripts.send(nobody, Ping)).toThrow(
      new RangeError("Ping: 30 messages wait already, as many as may (maxMessages)"),
    );
    r.frames();
    r.scripts.send(nobody, Ping);
  });

  it("is exact in fuel", async () => {
    const r = rig();
    await r.load("ear", "export function onMessage(self: Entity): void { if (Hit.is) return; }");
    const ear = spawn(r, "ear");
    r.scripts.send(ear, Hit);
    r.frames();
    const once = r.scripts.lastFrame.fuel;
    r.scripts.send(ear, Hit);
    r.scripts.send(ear, Hit);
    r.frames();
    expect(r.scripts.lastFrame.fuel).toBe(2 * once);
    expect(once).toBeGreaterThan(0);
  });
});
