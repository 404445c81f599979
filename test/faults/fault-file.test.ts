import { describe, expect, test } from "vitest";
import { defineQuery, type Entity, Not, Or } from "../../engine/index.ts";
import { type FaultEvent, type FaultFile, reproduceFault } from "../../scripting/index.ts";
import { Frozen, Hit, Kinds, Position, type Rig, rig, Trace } from "../system/harness.ts";
import { freeze, mindfulActors, populate } from "../windows/actors.ts";

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

async function expectSame(event: FaultEvent, file: FaultFile): Promise<void> {
  const { fault, differences } = await reproduceFault(throughJson(file));
  expect(differences).toEqual([]);
  expect(fault).not.toBeNull();
  const { kind, message, functionName, location } = event.fault;
  expect({ kind: fault?.kind, message: fault?.message }).toEqual({ kind, message });
  expect([fault?.functionName, fault?.location]).toEqual([functionName, location]);
  if (kind !== "out-of-fuel") return;
  // What the host is asked for isn't the same in a window, so it is noticed up to the price of such a call later.
  expect(Math.abs((fault?.fuelUsed ?? 0) - event.fault.fuelUsed)).toBeLessThan(600);
}

const awake = defineQuery("Awake", [Or(Kinds, Position), Not(Frozen)]);

const carriers = ({ world, scripts }: Rig, name: string, count = 1): Entity[] =>
  Array.from({ length: count }, () => {
    const entity = world.spawn(undefined, Position, Trace);
    scripts.attach(entity, name);
    return entity;
  });

describe.each([true, false])("a fault's file, windows %s", (windows) => {
  test("reproduces every fault of random worlds, and changes nothing of the run", async () => {
    const script = await mindfulActors();
    const kinds = new Map<string, number>();
    for (let seed = 1; seed <= 12; seed++) {
      const options = { windows, seed, limits: { fuelPerCall: 20_000 }, snapshots: true };
      const policy = { maxStrikes: 255, backOffFrames: 0 };
      const one = rig({ ...options, policy, faultCaptures: 1000 }, 128);
      const two = rig({ ...options, policy }, 128);
      for (const made of [one, two]) {
        // In every other world some are idle in some frames.
        await made.scripts.load(script, seed % 2 === 0 ? { query: awake } : {});
        populate(made, seed);
      }
      for (let frame = 0; frame < 3; frame++) {
        for (const made of [one, two]) {
          if (seed % 2 === 0) freeze(made, seed + frame);
          made.frames();
        }
        expect(one.world.hash()).toBe(two.world.hash());
        expect(one.scripts.saveState({ memory: true })).toEqual(
          two.scripts.saveState({ memory: true }),
        );
      }
      const events = one.of("fault");
      expect(one.scripts.faultFiles).toHaveLength(events.length);
      for (const event of events) {
        kinds.set(event.fault.kind, (kinds.get(event.fault.kind) ?? 0) + 1);
        await expectSame(event, one.scripts.exportFault(event));
      }
    }
    expect([...kinds.keys()].sort()).toEqual([
      "abort",
      "host-error",
      "out-of-fuel",
      "stack-overflow",
      "trap",
    ]);
  }, 120_000);

  test("has messages, logs, searches, random numbers and every hook", async () => {
    const body = `
      let met: i32 = 0;
      export function onStart(self: Entity): void { met++; if (Trace.loads[self] == 1) assert(met < 0, "start " + met.toString()); }
      export function onMessage(self: Entity): void { met++; log("heard " + Hit.damage.toString()); if (Hit.damage > 2) unreachable(); }
      export function onUpdate(self: Entity): void {
        met++;
        const n = Position.within(self, 1000);
        for (let i = 0; i < n; i++) Hit.send(found(i), <f32>Random.next(), self);
        Prefab.Rock.spawn();
        if (Trace.loads[self] == 2) while (Random.next() < 2) {}
      }
      export function onDestroy(self: Entity): void { assert(met < 0); }`;
    const game = rig({ windows, faultCaptures: 100, guestText: true });
    await game.load("busy", body);
    const [a, b, c] = carriers(game, "busy", 3) as [Entity, Entity, Entity];
    game.world.columns(Trace).loads[game.world.indexOf(a)] = 1;
    game.world.columns(Trace).loads[game.world.indexOf(b)] = 2;
    game.frames();
    game.scripts.send(c, Hit, { damage: 2.5 });
    game.frames();
    game.scripts.despawn(c);
    const events = game.of("fault");
    expect(new Set(events.map(({ hook }) => hook))).toEqual(
      new Set(["onStart", "onUpdate", "onMessage", "onDestroy"]),
    );
    for (const event of events) await expectSame(event, game.scripts.exportFault(event));
    const spun = events.find(({ fault }) => fault.kind === "out-of-fuel") as FaultEvent;
    const imports = game.scripts.exportFault(spun).imports.map((known) => known?.name);
    const file = game.scripts.exportFault(spun);
    const called = new Set(file.calls.map((call) => imports[call.import]));
    expect([...called]).toContain("Position.within");
  });

  test("holds what the game's own host functions did to the guest", async () => {
    const game = rig({
      windows,
      faultCaptures: 1,
      link: (linker) =>
        linker
          .func(
            "game",
            "fill",
            {
              params: ["i32", "i32"],
              results: ["i64"],
              fuel: 5,
              fuelPerByte: 2,
              columns: "none",
              repeatable: true,
            },
            (ctx, at, length) => {
              ctx.bytes(at, length).fill(7);
              ctx.charge(33);
              return 12345678901234n;
            },
          )
          .func(
            "game",
            "name",
            { params: [], results: ["i32"], fuel: 5, columns: "none", repeatable: true },
            (ctx) => ctx.newString("Änne"),
          ),
    });
    await game.load(
      "caller",
      `
      @external("game", "fill") declare function fill(at: usize, length: i32): i64;
      @external("game", "name") declare function name(): string;
      const bytes = new StaticArray<u8>(64);
      export function onUpdate(self: Entity): void {
        const big = fill(changetype<usize>(bytes), 64);
        const text = name();
        if (big == 12345678901234 && bytes[63] == 7 && text == "Änne") while (true) {}
      }`,
    );
    carriers(game, "caller");
    game.frames();
    const [event] = game.of("fault");
    expect(event?.fault.kind).toBe("out-of-fuel");
    const file = game.scripts.exportFault(event as FaultEvent);
    expect(file.calls.map(({ result, steps }) => [result, steps?.length])).toEqual([
      ["12345678901234n", 2],
      [expect.any(Number), 1],
    ]);
    await expectSame(event as FaultEvent, file);
  });

  test("isn't there for what can't be made again, and the error says why", async () => {
    const spin = "export function onUpdate(self: Entity): void { while (true) {} }";
    const off = rig({ windows });
    await off.load("spin", spin);
    carriers(off, "spin");
    off.frames();
    expect(() => off.scripts.exportFault(off.of("fault")[0] as FaultEvent)).toThrow(
      "keeps no faults' files",
    );
    const timed = rig({
      windows,
      faultCaptures: 5,
      limits: { fuelPerCall: Infinity, callTimeMs: 1 },
    });
    await timed.load("spin", spin);
    carriers(timed, "spin");
    timed.frames();
    expect(() => timed.scripts.exportFault(timed.of("fault")[0] as FaultEvent)).toThrow(
      "a deadline stops a call by the machine's time",
    );
    const few = rig({ windows, faultCaptures: 2 });
    await few.load("spin", spin);
    carriers(few, "spin", 4);
    few.frames();
    expect(few.of("fault")).toHaveLength(4);
    expect(few.scripts.faultFiles).toHaveLength(2);
    expect(() => few.scripts.exportFault(few.of("fault")[3] as FaultEvent)).toThrow(
      "faultCaptures is 2",
    );
    few.frames(3);
    expect(few.scripts.faultFiles.map(({ frame }) => frame)).toEqual([3, 3]);
  });
});
