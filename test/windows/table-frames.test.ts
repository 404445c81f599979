import { describe, expect, it } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import {
  binary,
  Frozen,
  Kinds,
  Position,
  rig,
  Thawed,
  Trace,
  Velocity,
} from "../system/harness.ts";
import { alike, chain, hostCallsOf, lenient, resultOf, type Windows } from "./tables.ts";

/** In worlds of which all is shown, and of which only those are that are called. */
const crowds = [0, 3000];

describe("what a call has found", () => {
  it.each([
    ["comes first", "export function onStart", ""],
    ["lacks a component", "function start", "start(self);"],
  ])("isn't there for one without a row: it %s", async (_name, start, body) => {
    for (const bystanders of crowds) {
      const { faults } = await alike(async (windows) => {
        const game = rig({ windows, policy: lenient }, 4096);
        for (let n = 0; n < bystanders; n++) game.world.spawn(undefined, Trace);
        await game.load(
          "seer",
          `${start}(self: Entity): void {
            if (Trace.loads[self] == 1) { Trace.value[self] = found(0); return; }
            const near = Velocity.within(self, 100);
            for (let n = 0; n < near; n++) Trace.value[self] = Trace.value[self] * 31 + found(n);
          }
          export function onUpdate(self: Entity): void {
            ${body}
            const near = Velocity.within(self, 1.5);
            for (let n = 0; n < near; n++) Trace.ends[self] += <i32>Position.x[found(n)] + found(n);
            if (Trace.loads[self] == 7) Trace.loads[self] = Kinds.i32[self];
          }`,
        );
        chain(game, "seer", 10);
        game.frames(2);
        for (const loads of [0, 1]) {
          const at = withValues(Position, { x: 20 + loads });
          const late = game.world.spawn(undefined, at, Velocity, withValues(Trace, { loads }));
          game.scripts.attach(late, "seer");
        }
        game.frames(2);
        return resultOf(game);
      });
      expect(faults).toHaveLength(2);
    }
  });

  it("may be more than there is room for", async () => {
    const calls = new Map<Windows, number>();
    const { sums } = await alike(async (windows) => {
      const limits = { fuelPerCall: 10_000_000, hostCallsPerCall: 100_000 };
      const game = rig({ windows, limits }, 4096);
      await game.load(
        "seer",
        `export function onUpdate(self: Entity): void {
          const near = Velocity.within(self, 1e6);
          for (let n = near - 1; n >= 0; n--) {
            const one = found(n);
            Trace.value[self] += <f64>Position.x[one] * n;
            if (n % 500 == 3) { Position.x[one] += 2; Trace.value[self] += Position.x[one]; }
          }
          if (Trace.loads[self] == 1) Trace.loads[self] = found(near);
        }`,
      );
      for (let n = 0; n < 1200; n++)
        game.world.spawn(undefined, withValues(Position, { x: n }), Velocity);
      const all = chain(game, "seer", 6);
      game.world.columns(Trace).loads[game.world.indexOf(all[3] as Entity)] = 1;
      game.frames(2);
      calls.set(windows, hostCallsOf(game));
      const { value } = game.world.columns(Trace);
      return { sums: all.map((e) => value[game.world.indexOf(e)]), ...resultOf(game) };
    });
    expect(sums[0]).toBeGreaterThan(1200);
    expect(calls.get(true)).toBeLessThan(calls.get("rows") as number);
  });
});

describe("an entity that is spawned by a call", () => {
  const body = (send: string): string => `
    export function onUpdate(self: Entity): void {
      const n = Kinds.u8[self];
      const first: Entity = Kinds.i32[self];
      Trace.updates[self] += 1;
      if (n % 8 == 1) {
        const rock = Prefab.Rock.spawn();
        Position.x[rock] = 70 + <f32>n;
        Kinds.add(rock);
        Kinds.u8[rock] = n;
        Kinds.target[self] = rock;
      }
      // Those behind know it from the one that has spawned it.
      if (n % 8 > 1) {
        const rock = Kinds.target[first];
        if (isAlive(rock) && Kinds.has(rock)) {
          Kinds.target[self] = rock;
          Position.y[self] = Position.x[rock] + <f32>Kinds.u8[rock];
          Position.x[rock] += 1;
          Kinds.u8[rock] += 1;
          Trace.value[self] = <f64>Position.x[rock] * 100 + Kinds.u8[rock];
          ${send}
        }
      }
      if (n % 8 == 4) unreachable();
      if (n % 16 == 9 && Trace.loads[self] != 0) { Position.x[self] = 5; Kinds.target[self] = 12345; }
    }
    export function onMessage(self: Entity): void { Trace.starts[self] += 1; Position.y[self] += 1; }`;

  it.each([
    ["nothing is sent", ""],
    ["messages are sent to it", "Ping.send(rock); Hit.send(self, 1, rock);"],
  ])("is there for the calls behind, unless that one was stopped: %s", async (_name, send) => {
    for (const bystanders of crowds) {
      const { faults } = await alike(async (windows) => {
        const game = rig({ windows, policy: lenient }, 8192);
        for (let n = 0; n < bystanders; n++) game.world.spawn(undefined, Trace);
        // Indices that were used before.
        const gone = Array.from({ length: 6 }, () => game.world.spawn(undefined, Position, Kinds));
        await game.load("spawner", body(send));
        const all = chain(game, "spawner", 40);
        for (const entity of gone) game.world.despawn(entity);
        const { loads } = game.world.columns(Trace);
        const { i32 } = game.world.columns(Kinds);
        for (const [n, entity] of all.entries()) {
          const index = game.world.indexOf(entity);
          if (n >= 20) loads[index] = 1;
          i32[index] = all[n - (n % 8) + 1] as Entity;
        }
        const hashes = [];
        for (let frame = 0; frame < 3; frame++) {
          game.frames();
          hashes.push(game.world.hash());
        }
        return { hashes, ...resultOf(game) };
      });
      expect(faults.length).toBeGreaterThan(10);
    }
  });
});

describe("calls of which some are stopped, between entities that aren't called", () => {
  it.each([
    ["nothing is sent", ""],
    ["messages are sent", "if (n % 3 == 0) Ping.send(other);"],
  ])("leave nothing of those: %s", async (_name, send) => {
    for (const bystanders of crowds) {
      const { faults } = await alike(async (windows) => {
        const game = rig({ windows, policy: lenient }, 4096);
        for (let n = 0; n < bystanders; n++) game.world.spawn(undefined, Trace);
        const script = `
          const mood = field.f32("mood", 1);
          function step(self: Entity, by: f32): void {
            const n = Kinds.u8[self];
            const other = Kinds.target[self];
            Position.x[self] += by; Trace.updates[self] += 1; Kinds.i16[self] += 3;
            Trace.value[self] += Position.x[other];
            ${send}
            if (n < 90 && n % 5 == 2) unreachable();
          }
          export function onUpdate(self: Entity): void { mood[self] += 2; step(self, 1); }
          export function onFixedUpdate(self: Entity): void { mood[self] *= 3; step(self, 0.5); }
          export function onMessage(self: Entity): void { Trace.ends[self] += 1; }`;
        await game.scripts.load(await binary("stepper", script), { query: Thawed });
        const all = chain(game, "stepper", 200);
        for (const [n, entity] of all.entries()) if (n % 4 === 3) game.world.add(entity, Frozen);
        const hashes = [];
        for (let frame = 0; frame < 3; frame++) {
          game.frames(1, frame);
          hashes.push(game.world.hash());
          const turned = all[frame * 3 + 2] as Entity;
          if (!game.world.remove(turned, Frozen)) game.world.add(turned, Frozen);
        }
        const moods = all.map((entity) => game.scripts.fields.get(entity, "stepper", "mood"));
        return { hashes, moods, ...resultOf(game) };
      });
      expect(faults.length).toBeGreaterThan(20);
    }
  });
});

describe("a table", () => {
  const sends = `
    export function onUpdate(self: Entity): void {
      Trace.updates[self] += 1;
      Ping.send(Kinds.i32[self]);
      Kinds.target[self] = Kinds.i32[self];
      Trace.value[self] += Position.x[Kinds.i32[self]];
    }`;

  it("knows nobody who isn't in a world that was loaded since", async () => {
    const { faults } = await alike(async (windows) => {
      const game = rig({ windows, policy: lenient, snapshots: true });
      await game.load("sender", sends);
      const all = chain(game, "sender", 10);
      const { i32 } = game.world.columns(Kinds);
      for (const entity of all) i32[game.world.indexOf(entity)] = all[0] as Entity;
      game.frames();
      const saved = game.world.save();
      const state = game.scripts.saveState({ memory: true });
      const late = Array.from({ length: 20 }, () => game.world.spawn(undefined, Position));
      for (const entity of all) i32[game.world.indexOf(entity)] = late[19] as Entity;
      game.frames();
      const before = resultOf(game);
      game.world.load(saved);
      game.scripts.restoreState(state);
      for (const entity of all.slice(5)) i32[game.world.indexOf(entity)] = late[19] as Entity;
      game.frames(2);
      return { before: before.hash, ...resultOf(game) };
    });
    expect(faults).toHaveLength(10);
  });

  it.each([64, 200, 4096, 200_000])("goes on in a world for %i", async (maxEntities) => {
    await alike(async (windows) => {
      const body = `let calls: i32 = 0; ${sends}
        export function onMessage(self: Entity): void { calls++; Trace.ends[self] = calls; }`;
      const made = async (entities: number) => {
        const game = rig({ windows, policy: lenient, snapshots: true }, entities);
        await game.load("sender", body);
        return game;
      };
      const one = await made(512);
      const all = chain(one, "sender", 12);
      const { i32 } = one.world.columns(Kinds);
      for (const [n, entity] of all.entries()) {
        i32[one.world.indexOf(entity)] = all[(n * 5) % 12] as Entity;
      }
      one.frames(3);
      const two = await made(maxEntities);
      chain(two, "sender", 3);
      two.frames(2);
      two.world.load(one.world.save());
      two.scripts.restoreState(one.scripts.saveState({ memory: true }));
      one.frames(3);
      two.frames(3);
      expect(two.world.hash()).toBe(one.world.hash());
      const { faults } = resultOf(two);
      return { hash: two.world.hash(), faults };
    });
  });

  it("goes on with a script that has become another one, and back", async () => {
    await alike(async (windows) => {
      const game = rig({ windows, policy: lenient });
      const texts = [
        sends,
        // No table: it writes memory.
        `const seen: i32[] = []; ${sends.replace("Trace.updates", "seen.push(1); Trace.updates")}`,
        `const mood = field.f32("mood", 4); ${sends.replace("Trace.updates[self] += 1", "mood[self] += 1")}
        export function onMessage(self: Entity): void { Trace.ends[self] += <i32>mood[self]; }`,
        "export function onUpdate(self: Entity): void { Trace.starts[self] += 1; }",
        `export function onUpdate(self: Entity): void { for (let n = 0; n < 9; n++) Ping.send(self); if (Kinds.u8[self] % 3 == 1) unreachable(); }
        export function onMessage(self: Entity): void { Trace.ends[self] += 1; if (Trace.ends[self] % 7 == 3) unreachable(); }`,
        sends,
      ];
      await game.load("sender", texts[0] as string);
      const all = chain(game, "sender", 12);
      const { i32 } = game.world.columns(Kinds);
      for (const entity of all) i32[game.world.indexOf(entity)] = all[3] as Entity;
      const hashes = [];
      for (const text of texts.slice(1)) {
        game.frames(2);
        hashes.push(game.world.hash());
        await game.reload("sender", text);
      }
      game.frames(2);
      return { hashes, ...resultOf(game) };
    });
  });
});
