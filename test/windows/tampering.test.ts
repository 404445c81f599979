import { describe, expect, it } from "vitest";
import { scriptPolicies } from "../../scripting/index.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { readReservation } from "../../scripting/windows/reservation.ts";
import { binary, Hit, Kinds, Position, rig, Trace, Velocity } from "../system/harness.ts";

const tampers = `
export function onUpdate(self: Entity): void {
  const bits = Trace.starts[self];
  Position.x[self] = Position.x[self] + Velocity.x[self];
  Kinds.f64[self] = 1;
  if (Trace.loads[self] != 0) for (let at = 1024; at < 25600; at += 4) store<i32>(at, bits);
  Trace.updates[self] += 1;
}`;

describe("a script that writes over its window", () => {
  it("is compiled with memory for one", async () => {
    const { bytes } = await binary("tampers", tampers);
    expect(readReservation(parseModule(bytes))).toEqual({ address: 1024, bytes: 24_576 });
  });

  it.each([
    ["NaN", 0x7fc00000],
    ["infinity", 0x7f800000],
    ["a NaN of f64", 0x7ff80001],
    ["-1", -1],
  ])(
    "with %s leaves nothing in columns that they can't hold, nor any in those that it may only read",
    async (_name, bits) => {
      const r = rig({ scriptPolicy: scriptPolicies.open });
      await r.load("tampers", tampers);
      const entities = Array.from({ length: 40 }, () =>
        r.world.spawn(undefined, Position, Velocity, Trace, Kinds),
      );
      const indices = entities.map((entity) => r.world.indexOf(entity));
      const { loads, starts, updates } = r.world.columns(Trace);
      for (const index of indices) {
        starts[index] = bits;
        r.world.columns(Position).y[index] = 7;
        r.world.columns(Kinds).u8[index] = 9;
      }
      loads[indices[20] as number] = 1;
      for (const entity of entities) r.scripts.attach(entity, "tampers");
      r.frames(2);
      for (const index of indices) {
        expect(Number.isFinite(r.world.columns(Position).x[index])).toBe(true);
        expect(Number.isFinite(r.world.columns(Kinds).f64[index])).toBe(true);
        expect(r.world.columns(Velocity).x[index]).toBe(1);
        expect(r.world.columns(Position).y[index]).toBe(7);
        expect(r.world.columns(Kinds).u8[index]).toBe(9);
        expect([loads[index], starts[index]]).toEqual([index === indices[20] ? 1 : 0, bits]);
      }
      // It goes on, whatever handles it has given itself.
      expect(r.of("fault").map(({ fault }) => fault.kind)).not.toContain("trap");
      expect(updates[indices[39] as number]).not.toBe(0);
    },
  );

  it("may touch no other entity by it, whatever handles it gives itself", async () => {
    const r = rig({ scriptPolicy: { entities: "self" } });
    const victim = r.world.spawn(undefined, Position);
    await r.load(
      "tampers",
      `export function onUpdate(self: Entity): void {
      for (let at = 1024; at < 25600; at += 4) store<i32>(at, ${victim});
      Position.x[self] = 5;
      Position.x[${victim}] = 6;
    }`,
    );
    const entities = Array.from({ length: 3 }, () => r.world.spawn(undefined, Position));
    for (const entity of entities) r.scripts.attach(entity, "tampers");
    r.frames(3);
    expect(r.world.columns(Position).x[r.world.indexOf(victim)]).toBe(0);
  });

  it("fools itself alone about its messages", async () => {
    const r = rig({ scriptPolicy: { entities: "self" } });
    await r.load(
      "tampers",
      `
export function onMessage(self: Entity): void {
  for (let at = 1024; at < 25600; at += 4) store<i32>(at, -1);
  if (Hit.is && Hit.damage > 0) Trace.updates[self] = Hit.from;
  Trace.starts[self] = 1;
}`,
    );
    const victim = r.world.spawn(undefined, Trace);
    const entities = Array.from({ length: 9 }, () => r.world.spawn(undefined, Trace));
    for (const entity of entities) r.scripts.attach(entity, "tampers");
    r.frames();
    for (const entity of entities) r.scripts.send(entity, Hit, { damage: 1, from: victim });
    r.frames();
    expect(r.scripts.lastFrame).toMatchObject({ messages: 9, faults: 0 });
    const { starts } = r.world.columns(Trace);
    expect(entities.map((entity) => starts[r.world.indexOf(entity)])).toContain(1);
    expect(starts[r.world.indexOf(victim)]).toBe(0);
    expect(r.scripts.stats()[0]).toMatchObject({ messages: 9, messagesWaiting: 0 });
  });

  it("is told when numbers aren't written", async () => {
    const r = rig();
    await r.load("tampers", tampers);
    const entity = r.world.spawn(undefined, Position, Velocity, Trace, Kinds);
    const index = r.world.indexOf(entity);
    r.world.columns(Trace).loads[index] = 1;
    r.world.columns(Trace).starts[index] = 0x7fc00000;
    r.scripts.attach(entity, "tampers");
    r.frames();
    expect(r.of("fault")).toMatchObject([
      { entity: 0, outcome: "none", fault: { kind: "host-error" } },
    ]);
    expect(r.of("fault")[0]?.fault.message).toContain("written over its window in memory");
  });
});
