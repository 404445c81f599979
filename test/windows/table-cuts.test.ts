import { describe, expect, it } from "vitest";
import { binary, Frozen, Kinds, Position, rig, Thawed, Trace } from "../system/harness.ts";
import { chain, lenient } from "./tables.ts";

describe("calls that time cuts short", () => {
  it.each([
    ["nothing is sent", "", ""],
    ["messages are sent", "Ping.send(self);", ""],
    ["and globals kept", "Ping.send(self);", "let calls: i32 = 0;"],
  ])("do all that they do, or nothing: %s", async (_name, send, keeps) => {
    const keep = keeps === "" ? "" : "calls++;";
    const script = await binary(
      "slow",
      `const mood = field.f32("mood", 0); ${keeps}
      export function onUpdate(self: Entity): void {
        ${keep}
        mood[self] += 1;
        Position.x[self] += 1;
        Trace.value[self] = Position.x[Kinds.target[self]];
        ${send}
        for (let n = Kinds.u8[self] * 100; n > 0; n--) Kinds.i32[self] += 1;
        Trace.updates[self] += 1;
        if (Trace.loads[self] == 1 && Trace.updates[self] % 3 == 0) unreachable();
      }
      export function onMessage(self: Entity): void { ${keep} Trace.ends[self] += 1; }`,
    );
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      let nowMs = 0;
      const clock = { nowMs: () => (nowMs += 0.02) };
      const game = rig({ clock, frameBudgetMs: 0.3 + seed / 8, policy: lenient }, 512);
      await game.scripts.load(script, seed % 2 === 0 ? { query: Thawed } : {});
      const all = chain(game, "slow", 40);
      const { x } = game.world.columns(Position);
      const { ends, loads, updates } = game.world.columns(Trace);
      const { i32, u8 } = game.world.columns(Kinds);
      const started = new Map(
        all.map((entity) => [entity, x[game.world.indexOf(entity)] as number]),
      );
      for (const [n, entity] of all.entries()) {
        const index = game.world.indexOf(entity);
        u8[index] = (n * 7) % 40;
        loads[index] = (n + seed) % 9 === 0 ? 1 : 0;
        if (seed % 2 === 0 && n % 5 === 4) game.world.add(entity, Frozen);
      }
      let deferred = 0;
      for (let frame = 0; frame < 90; frame++) {
        game.frames();
        deferred += game.scripts.lastFrame.deferred;
        for (const entity of all) {
          const index = game.world.indexOf(entity);
          const done = updates[index] as number;
          const moved = (x[index] as number) - (started.get(entity) as number);
          const told = [moved, i32[index], game.scripts.fields.get(entity, "slow", "mood")];
          const turns = (u8[index] as number) * 100;
          expect(told, `seed ${seed}, frame ${frame}, ${entity}`).toEqual([
            done,
            done * turns,
            done,
          ]);
          expect(ends[index]).toBeLessThanOrEqual(send === "" ? 0 : done);
        }
      }
      expect(deferred).toBeGreaterThan(20);
      expect(
        all.reduce((sum, e) => sum + (updates[game.world.indexOf(e)] as number), 0),
      ).toBeGreaterThan(60);
      expect(game.of("fault").length).toBeGreaterThan(0);
    }
  });
});
