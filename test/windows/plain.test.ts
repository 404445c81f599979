import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import { TableWindow } from "../../scripting/windows/table-window.ts";
import { Frozen, Kinds, Position, type Rig, Rock, rig, Trace } from "../system/harness.ts";
import { alike, lenient, resultOf } from "./tables.ts";

/** Entities that carry a script, each listed at another place than it has in the world. */
function scrambled({ world, scripts }: Rig, name: string, count: number, step = 7): Entity[] {
  const all = Array.from({ length: count }, (_, u8) =>
    world.spawn(
      undefined,
      withValues(Position, { x: u8 }),
      Trace,
      withValues(Kinds, { u8: u8 % 256 }),
    ),
  );
  const order = all.map((_, n) => all[(n * step) % count] as Entity);
  for (const entity of order) scripts.attach(entity, name);
  return all;
}

describe("a script that has to do with itself only, on entities in no order", () => {
  let byIndex: MockInstance<TableWindow["open"]>;
  beforeEach(() => {
    byIndex = vi.spyOn(TableWindow.prototype, "open");
  });
  afterEach(() => {
    byIndex.mockRestore();
  });

  it.each([
    ["is the first", 0, ""],
    ["is one in the middle", 40, ""],
    ["is the last", 99, ""],
    ["is one in the middle, of a script with globals", 40, "let calls: i32 = 0;"],
  ])("is as if a stopped call had never been that %s", async (_which, nth, globals) => {
    const count = globals === "" ? "" : "calls++;";
    await alike(async (windows) => {
      const game = rig({ windows, policy: lenient });
      await game.load(
        "one",
        `${globals} export function onUpdate(self: Entity): void {
          ${count} Position.x[self] += 1; Position.y[self] = Position.x[self] * 2;
          if (Kinds.u8[self] == ${(nth * 7) % 100}) unreachable();
          Kinds.i32[self] += 1;
        }`,
      );
      const all = scrambled(game, "one", 100);
      const frames = [];
      for (let n = 0; n < 3; n++) {
        game.frames();
        frames.push(resultOf(game));
      }
      const { x } = game.world.columns(Position);
      expect(x[game.world.indexOf(all[(nth * 7) % 100] as Entity)]).toBe((nth * 7) % 100);
      return frames;
    });
    expect(byIndex).toHaveBeenCalled();
  });

  it("leaves those alone whom others write, spawn and end meanwhile", async () => {
    await alike(async (windows) => {
      const game = rig({ windows, policy: lenient });
      await game.load(
        "one",
        `export function onUpdate(self: Entity): void {
          Position.x[self] += 1;
          const u = Kinds.u8[self];
          if (u == 20) { const rock = Prefab.Rock.spawn(); Trace.value[rock] = 9; Frozen.add(rock); }
          if (u == 30) Position.x[Kinds.target[self]] = 1000;
          if (u == 31) Position.y[Kinds.target[self]] = Position.x[self];
          if (u == 32) despawn(Kinds.target[self]);
          Position.y[self] += Position.x[self];
        }`,
      );
      const bystanders = Array.from({ length: 3 }, () =>
        game.world.spawn(undefined, withValues(Position, { x: 5, y: 6 }), Frozen),
      );
      const all = scrambled(game, "one", 90);
      const { target } = game.world.columns(Kinds);
      const at = (n: number): number => game.world.indexOf(all[n] as Entity);
      target[at(30)] = all[60] as Entity;
      target[at(31)] = bystanders[0] as Entity;
      target[at(32)] = bystanders[1] as Entity;
      const frames = [];
      for (let n = 0; n < 3; n++) {
        game.frames();
        frames.push(resultOf(game));
        game.world.columns(Position).x[game.world.indexOf(bystanders[2] as Entity)] = n;
        if (n === 1) target[at(32)] = all[61] as Entity;
      }
      expect(game.world.columns(Position).y[game.world.indexOf(bystanders[0] as Entity)]).toBe(34);
      return frames;
    });
    expect(byIndex).toHaveBeenCalled();
  });

  it("goes on when they are in order again, when they are many, and when they are few among many", async () => {
    await alike(async (windows) => {
      const game = rig({ windows }, 20_000);
      await game.load(
        "one",
        `const mood = field.f32("mood", 2);
        export function onUpdate(self: Entity): void {
          mood[self] += Position.x[self]; Position.x[self] = mood[self] > 50 ? 0 : mood[self];
        }`,
      );
      const frames: unknown[] = [];
      const step = (): void => {
        game.frames(2);
        frames.push(resultOf(game));
      };
      let all = scrambled(game, "one", 6_001);
      step();
      for (const entity of all.slice(0, 5_900)) game.world.despawn(entity);
      step();
      for (const entity of all.slice(5_900)) game.world.despawn(entity);
      all = scrambled(game, "one", 5_000, 1);
      step();
      for (const entity of all.slice(0, 4_990)) game.world.despawn(entity);
      for (let n = 0; n < 9_000; n++) game.world.spawn(Rock);
      step();
      return frames;
    });
    expect(byIndex).toHaveBeenCalled();
  });
});
