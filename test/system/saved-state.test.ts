import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, packNumbers, SnapshotError } from "../../engine/index.ts";
import type { ScriptBinary, ScriptSystemOptions, ScriptsState } from "../../scripting/index.ts";
import { forgetfulActors, mindfulActors, numbersFrom, populate } from "../windows/actors.ts";
import { binary, Every, Hit, Ping, Position, type Rig, rig, Trace } from "./harness.ts";

/** Depends on random numbers, on the order of lists, on messages and on how many of them there were. */
const talker = `
const heard = field.f64("heard");
let memory: f64 = 0;
export function onStart(self: Entity): void { memory += Random.next(); }
export function onMessage(self: Entity): void {
  if (Hit.is) heard[self] = heard[self] / 2 + Hit.damage + Random.next();
  if (Every.is) heard[self] += Every.u32;
  if (heard[self] > 20) assert(Random.next() > 0.3);
}
export function onUpdate(self: Entity): void {
  if (!Trace.has(self)) return;
  memory += 1;
  const n = Position.count();
  const other = Position.at(<i32>(Random.next() * n));
  if (Trace.has(other)) Hit.send(other, <f32>(Random.next() * 3 - 1.5) * 0, self);
  if (Random.next() < 0.3) Every.send(other, 1, 2, 3, 4, 5, 6, 7, 4000000000, self);
  const near = Position.within(self, 20);
  for (let i = 0; i < near; i++) Trace.value[self] = Trace.value[self] / 3 + found(i);
  Trace.value[self] += MEMORY;
  if (Random.next() < 0.1) unreachable();
}
export function onDestroy(self: Entity): void {
  const n = Position.count();
  if (n > 0 && Trace.has(Position.at(0))) Trace.ends[Position.at(0)] += 1;
}`;

async function scriptsOf(keepsState: boolean): Promise<readonly ScriptBinary[]> {
  const text = talker.replace("MEMORY", keepsState ? "memory" : "0");
  const actors = keepsState ? mindfulActors() : forgetfulActors();
  return [await actors, await binary("talker", text)];
}

const maxEntities = 128;

async function made(
  binaries: readonly ScriptBinary[],
  options: Partial<ScriptSystemOptions>,
): Promise<Rig> {
  const game = rig({ limits: { fuelPerCall: 20_000 }, ...options }, maxEntities);
  for (const script of binaries) await game.scripts.load(script);
  return game;
}

/** Runs the frame with that number, and what the game itself does before. */
function step({ world, scripts }: Rig, seed: number, frame: number): string {
  const next = numbersFrom(seed * 1000 + frame);
  const entities = [...world.entities()];
  const pick = () => entities[next(entities.length)] as Entity;
  if (entities.length > 2 && next(3) === 0) scripts.despawn(pick());
  if (next(3) === 0) world.spawn(undefined, Position, Trace);
  if (entities.length > 0 && next(2) === 0) {
    const entity = pick();
    if (world.isAlive(entity)) {
      if (next(3) === 0) scripts.detach(entity, "talker");
      else scripts.attach(entity, "talker");
      if (next(3) === 0) world.remove(entity, scripts.tag("actor"));
      scripts.send(entity, [Hit, Ping, Every][next(3)] as typeof Hit, {});
    }
  }
  if (next(2) === 0) world.commit();
  scripts.run({ delta: 0.5, elapsed: frame * 0.5, frame });
  return `${world.hash()} ${fieldsOf({ world, scripts })}`;
}

function fieldsOf({ scripts, world }: Pick<Rig, "scripts" | "world">): string {
  const lines: string[] = [];
  for (const entity of world.entities()) {
    for (const script of scripts.scriptsOf(entity)) {
      if (!world.has(entity, scripts.tag(script))) continue;
      const fields = scripts.fields.of(script);
      lines.push(fields.map(({ name }) => scripts.fields.get(entity, script, name)).join());
    }
  }
  return lines.join(" ");
}

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe.each([true, false])("a run that is saved and goes on elsewhere, windows %s", (windows) => {
  test.each([true, false])(
    "is the run that wasn't interrupted; memory saved: %s",
    async (memory) => {
      const binaries = await scriptsOf(memory);
      const options = {
        windows,
        snapshots: memory,
        policy: { maxStrikes: 5, forgiveAfterFrames: 4 },
      };
      let faults = 0;
      for (let seed = 1; seed <= 25; seed++) {
        const at = 1 + (seed % 5);
        const one = await made(binaries, { ...options, seed });
        populate(one, seed);
        for (let frame = 1; frame <= at; frame++) step(one, seed, frame);
        const saved = throughJson({
          world: one.world.save(),
          scripts: one.scripts.saveState({ memory }),
        });
        const two = await made(binaries, options);
        // It may have been in the middle of something else.
        if (seed % 2 === 0) populate(two, seed + 1);
        for (let frame = 1; frame < seed % 4; frame++) step(two, seed, frame);
        two.world.load(saved.world);
        two.scripts.restoreState(saved.scripts);
        const known = one.of("fault").length;
        two.events.length = 0;
        for (let frame = at + 1; frame <= at + 8; frame++) {
          expect(step(two, seed, frame), `seed ${seed}, frame ${frame}`).toBe(
            step(one, seed, frame),
          );
        }
        const told = (game: Rig, from: number) =>
          game
            .of("fault")
            .slice(from)
            .map(({ script, entity, hook, strikes, fault }) => {
              // What an array costs depends on the room that it has in memory already.
              const fuel = memory ? fault.fuelUsed : "";
              return `${script} ${entity} ${hook} ${strikes} ${fault.kind} ${fuel}`;
            });
        expect(told(two, 0)).toEqual(told(one, known));
        faults += told(two, 0).length;
        // A window's query is there once the window was used; nothing depends on its order.
        const worldOf = ({ world }: Rig) => ({ ...world.save(), queries: [] });
        expect(worldOf(two)).toEqual(worldOf(one));
        expect(two.scripts.saveState({ memory })).toEqual(one.scripts.saveState({ memory }));
      }
      expect(faults).toBeGreaterThan(100);
    },
    120_000,
  );
});

describe("a script system's state", () => {
  test("goes on with memory on windows or without", async () => {
    const body = `let calls: i32 = 0; let big: i64 = 1; let f: f64 = -0.0; const list: i32[] = [];
      export function onUpdate(self: Entity): void { list.push(calls++); big *= -7; f -= 0.5; Trace.value[self] = f + list.length + <f64>big; }`;
    for (const windows of [true, false]) {
      const one = rig({ windows, snapshots: true });
      const two = rig({ windows: !windows, snapshots: true });
      for (const game of [one, two]) await game.load("counter", body);
      one.scripts.attach(one.world.spawn(undefined, Trace), "counter");
      one.frames(3);
      two.world.load(throughJson(one.world.save()));
      const [restored] = two.scripts.restoreState(
        throughJson(one.scripts.saveState({ memory: true })),
      );
      expect(restored?.memory).toBe("kept");
      one.frames(3);
      two.frames(3);
      expect(two.world.hash()).toBe(one.world.hash());
      expect(two.of("restart")).toEqual([]);
    }
  });

  test("keeps what a changed script still has, and says what it hasn't", async () => {
    const one = rig({ snapshots: true });
    await one.load(
      "walker",
      'const a = field.f32("a", 1); const b = field.i32("b"); const c = field.u8("c", 3);',
    );
    const entity = one.world.spawn();
    one.scripts.attach(entity, "walker");
    one.scripts.fields.set(entity, "walker", "a", -0);
    one.scripts.fields.set(entity, "walker", "b", 9);
    const saved = throughJson([one.world.save(), one.scripts.saveState({ memory: true })] as const);
    const two = rig({ snapshots: true });
    await two.load(
      "walker",
      'const a = field.f32("a", 5); const b = field.f32("b", 6); const d = field.u8("d", 7);',
    );
    two.world.load(saved[0]);
    expect(two.scripts.restoreState(saved[1])).toEqual([
      {
        script: "walker",
        fields: { kept: ["a"], retyped: ["b"], added: ["d"], dropped: ["c"] },
        memory: "fresh",
      },
    ]);
    const get = (name: string) => two.scripts.fields.get(entity, "walker", name);
    expect(["a", "b", "d"].map(get)).toEqual([-0, 6, 7]);
  });

  test("keeps back-off, strikes and disabling", async () => {
    const body =
      "export function onUpdate(self: Entity): void { Trace.updates[self]++; if (Trace.loads[self]) unreachable(); }";
    const policy = { maxStrikes: 2, backOffFrames: 3 };
    const one = rig({ policy });
    await one.load("faulty", body);
    const [a, b] = [1, 2].map(() => one.world.spawn(undefined, Trace)) as [Entity, Entity];
    for (const entity of [a, b]) one.scripts.attach(entity, "faulty");
    one.world.columns(Trace).loads[one.world.indexOf(a)] = 1;
    one.frames(2);
    const two = rig({ policy });
    await two.load("faulty", body);
    two.world.load(one.world.save());
    two.scripts.restoreState(one.scripts.saveState());
    const updates = () => two.world.columns(Trace).updates[two.world.indexOf(a)];
    two.frames(2);
    expect(two.of("fault")).toEqual([]);
    two.frames();
    expect(two.of("fault").map(({ strikes, outcome }) => [strikes, outcome])).toEqual([
      [2, "disabled"],
    ]);
    two.frames(5);
    expect([updates(), two.world.columns(Trace).updates[two.world.indexOf(b)]]).toEqual([0, 10]);
    two.scripts.disable("faulty");
    const saved = throughJson(two.scripts.saveState());
    two.scripts.enable("faulty");
    two.scripts.restoreState(saved);
    expect(two.scripts.stats()[0]).toMatchObject({
      state: "disabled",
      disabledEntities: 1,
      strikes: 2,
    });
  });

  test("keeps entities waiting for their last call", async () => {
    const body =
      "export function onUpdate(self: Entity): void {} export function onDestroy(self: Entity): void { Trace.ends[<Entity>Trace.value[self]]++; }";
    const saveWaiting = async () => {
      const game = rig();
      await game.load("last", body);
      const [witness, a, b] = [1, 2, 3].map(() => game.world.spawn(undefined, Trace)) as [
        Entity,
        Entity,
        Entity,
      ];
      for (const entity of [a, b]) {
        game.scripts.attach(entity, "last");
        game.world.columns(Trace).value[game.world.indexOf(entity)] = witness;
      }
      game.frames();
      return { game, witness, a, b };
    };
    const { game, witness, a, b } = await saveWaiting();
    const state = throughJson(game.scripts.saveState());
    const departing = [{ entity: a }, { entity: b, script: "last" }];
    game.scripts.restoreState({ ...state, departing });
    expect(game.scripts.saveState().departing).toEqual(departing);
    game.frames();
    expect(game.world.isAlive(a)).toBe(false);
    expect(game.scripts.scriptsOf(b)).toEqual([]);
    expect(game.world.columns(Trace).ends[game.world.indexOf(witness)]).toBe(2);
  });

  test("lets scripts that aren't in it begin anew", async () => {
    const body = "export function onStart(self: Entity): void { Trace.starts[self]++; }";
    const game = rig();
    const entity = game.world.spawn(undefined, Trace);
    const empty = game.scripts.saveState();
    await game.load("starter", body);
    game.scripts.attach(entity, "starter");
    game.frames(2);
    game.scripts.restoreState(empty);
    game.frames(2);
    expect(game.world.columns(Trace).starts[game.world.indexOf(entity)]).toBe(2);
  });

  test("isn't saved or restored while scripts run, nor with memory that can't be had", async () => {
    const game = rig();
    await game.load("idle", "export function onUpdate(self: Entity): void { log('x'); }");
    expect(() => game.scripts.saveState({ memory: true })).toThrow(
      "idle wasn't loaded with snapshots",
    );
    game.scripts.attach(game.world.spawn(), "idle");
    const state = game.scripts.saveState();
    const held = rig({
      link: (linker) =>
        linker.func("game", "now", { params: [], results: [], fuel: 1 }, () => {
          expect(() => held.scripts.saveState()).toThrow(
            "saveState: not while scripts are running",
          );
          expect(() => held.scripts.restoreState(state)).toThrow("restoreState: not while");
        }),
    });
    await held.load(
      "caller",
      '@external("game", "now") declare function now(): void; export function onUpdate(self: Entity): void { now(); }',
    );
    held.scripts.attach(held.world.spawn(), "caller");
    held.frames();
    expect(held.of("fault")).toEqual([]);
  });

  test("is refused, with the system as it was, when it doesn't fit", async () => {
    const binaries = await scriptsOf(true);
    const one = await made(binaries, { snapshots: true });
    populate(one, 3);
    for (let frame = 1; frame < 4; frame++) step(one, 3, frame);
    const good = throughJson(one.scripts.saveState({ memory: true }));
    expect(good.outbox.length).toBeGreaterThan(0);
    const [actor, talking] = good.scripts as [(typeof good.scripts)[0], (typeof good.scripts)[0]];
    const rows = atob((actor as { states: string }).states).length;
    const withActor = (change: object) => ({
      ...good,
      scripts: [{ ...actor, ...change }, talking],
    });
    const field = (name: string, value: unknown) =>
      withActor({ fields: { ...actor?.fields, [name]: value } });
    const message = (change: object) => ({ ...good, outbox: [{ ...good.outbox[0], ...change }] });
    const dead = one.world.spawn();
    one.world.despawn(dead);
    const bad: readonly (readonly [unknown, string])[] = [
      [null, "it is no object"],
      [{ ...good, format: "fusewire-world" }, "isn't of the format"],
      [{ ...good, version: 9 }, "its version is 9"],
      [{ ...good, frame: 2 ** 31 }, "frame is no whole number"],
      [{ ...good, seed: "seven" }, "seed is no number"],
      [{ ...good, scripts: [actor, actor] }, "a script is listed twice"],
      [withActor({ name: "ghost" }), 'no script named "ghost" is loaded'],
      [withActor({ cursor: rows + 1 }), "actor's cursor is no whole number"],
      [withActor({ states: packNumbers("u8", Array(rows).fill(8)) }), "actor's states holds"],
      [withActor({ wakes: packNumbers("i32", Array(rows).fill(-1)) }), "actor's wakes holds"],
      [withActor({ strikes: "" }), `actor's strikes has 0 values, not ${rows}`],
      [withActor({ entities: packNumbers("entity", Array(rows).fill(dead)) }), "isn't alive"],
      [field("mood", { kind: "f16", values: "" }), "of no known kind"],
      [
        field("mood", { kind: "f32", values: packNumbers("f32", Array(rows).fill(Infinity)) }),
        "holds what it can't",
      ],
      [
        field("tired", { kind: "bool", values: packNumbers("u8", Array(rows).fill(2)) }),
        "holds what it can't",
      ],
      [message({ message: "Nope" }), 'there is no message "Nope" here'],
      [message({ to: -4 }), "the receiver of"],
      [
        message({ message: "Hit", values: ["Infinity", 0] }),
        "Hit.damage of outbox: it isn't finite",
      ],
      [message({ message: "Hit", values: [1] }), "Hit of outbox lacks values"],
      [message({ message: "Hit", values: [1, 2, 3] }), "more than 2 items"],
      [withActor({ memory: { ...actor?.memory, bytes: "%" } }), "actor's memory is no base64"],
      [
        withActor({ memory: { ...actor?.memory, pages: 1e9 } }),
        "actor's memory: the snapshot can't be restored",
      ],
      [withActor({ memory: { ...actor?.memory, globals: ["1n"] } }), "globals"],
      [{ ...good, departing: [{ entity: 1, script: "ghost" }] }, 'no script named "ghost"'],
    ];
    const before = one.scripts.saveState({ memory: true });
    for (const [state, text] of bad) {
      expect(() => one.scripts.restoreState(state as ScriptsState)).toThrow(SnapshotError);
      expect(() => one.scripts.restoreState(state as ScriptsState)).toThrow(text);
    }
    expect(one.scripts.saveState({ memory: true })).toEqual(before);
  });

  test("is refused, or restored, however it was tampered with", async () => {
    const binaries = await scriptsOf(true);
    const one = await made(binaries, { snapshots: true });
    populate(one, 5);
    for (let frame = 1; frame < 4; frame++) step(one, 5, frame);
    const world = one.world.save();
    const text = JSON.stringify(one.scripts.saveState());
    let frame = 4;
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'A9/="-{}[],'), (at, char) => {
        let state: ScriptsState;
        try {
          state = JSON.parse(text.slice(0, at) + char + text.slice(at + 1));
        } catch {
          return;
        }
        one.world.load(world);
        try {
          one.scripts.restoreState(state);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
        }
        step(one, 5, frame++);
      }),
      { numRuns: 300 },
    );
  });
});
