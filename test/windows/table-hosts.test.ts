import { describe, expect, it } from "vitest";
import { type Entity, noEntity, withValues } from "../../engine/index.ts";
import type { HostFunctionSpec, ScriptSystemOptions } from "../../scripting/index.ts";
import { Hit, Kinds, Position, type Rig, rig, Trace, Velocity } from "../system/harness.ts";
import { alike, lenient, resultOf } from "./tables.ts";

/** A game with a function of its own, `tell(e)`, that leaves columns alone. */
function rigWith(
  tell: (game: Rig, entity: Entity) => void,
  options: Partial<ScriptSystemOptions>,
  spec: Partial<HostFunctionSpec> = {},
): Rig {
  let game: Rig | undefined;
  game = rig({
    policy: lenient,
    ...options,
    link: (linker) => {
      const whole = { params: ["i32"], results: [], fuel: 1, columns: "none", ...spec } as const;
      linker.func("game", "tell", whole, (_ctx, entity) => tell(game as Rig, entity as Entity));
    },
  });
  return game;
}

const tells = '@external("game", "tell") declare function tell(e: i32): void;';

describe("a function of the game's that can't be undone", () => {
  it.each([
    ["gets a message", "onMessage", "Trace.ends[self] += 1;", 10],
    ["gets a message and sends", "onMessage", "Ping.send(self); Trace.ends[self] += 1;", 10],
    ["sends", "onUpdate", "Ping.send(self);", 24],
    ["sends what is refused", "onUpdate", "Ping.send(Trace.loads[self] == 4 ? -1 : self);", 24],
    ["writes handles", "onUpdate", "Kinds.target[self] = self;", 24],
  ] as const)(
    "is called once for each call, where one that %s is stopped",
    async (_name, hook, body, times) => {
      const { told } = await alike(async (windows) => {
        let told = 0;
        const game = rigWith(() => told++, { windows });
        await game.load(
          "teller",
          `${tells} export function ${hook}(self: Entity): void {
            tell(self); ${body} if (Trace.loads[self] == 3 || (Hit.is && Hit.damage == 3)) unreachable();
          }`,
        );
        const all = Array.from({ length: 6 }, (_, loads) =>
          game.world.spawn(undefined, withValues(Trace, { loads }), Kinds),
        );
        for (const entity of all) game.scripts.attach(entity, "teller");
        game.frames();
        if (hook === "onMessage") {
          for (let damage = 0; damage < 5; damage++) {
            for (const entity of all.slice(0, 2)) game.scripts.send(entity, Hit, { damage });
          }
        }
        game.frames(3);
        return { told, ...resultOf(game) };
      });
      expect(told).toBeGreaterThanOrEqual(times);
    },
  );
});

describe("an entity that a function of the game's ends in the middle of a frame", () => {
  const end = ({ world }: Rig, entity: Entity): void => world.despawn(entity);

  it.each([
    ["is sent to", "Ping.send(victim);"],
    ["is sent", "Hit.send(self, 1, victim);"],
    ["is written as a handle", "Kinds.target[self] = victim;"],
    ["is read", "Trace.value[self] = Position.x[victim];"],
    ["is read, and somebody sent to", "Trace.value[self] = Position.x[victim]; Ping.send(self);"],
    ["is known by a handle", "Trace.value[self] = Position.x[Kinds.target[self]];"],
    ["is found", "Velocity.within(self, 9); Trace.value[self] = Position.x[found(0)];"],
  ])(
    "is gone for calls that come later, and was there for those before: it %s",
    async (_, body) => {
      for (const bystanders of [0, 200]) {
        const { faults } = await alike(async (windows) => {
          const game = rigWith(end, { windows });
          await game.load(
            "killer",
            `${tells} export function onUpdate(self: Entity): void {
            const victim: Entity = Kinds.i32[self];
            ${body}
            Trace.ends[self] += 1;
            if (Kinds.u8[self] == 4) tell(victim);
          }`,
          );
          const victim = game.world.spawn(undefined, withValues(Position, { x: 3 }), Velocity);
          for (let n = 0; n < bystanders; n++) game.world.spawn(undefined, Trace);
          for (let u8 = 0; u8 < 10; u8++) {
            const known = { u8, i32: victim, target: u8 > 6 ? noEntity : victim };
            const entity = game.world.spawn(undefined, Position, Trace, withValues(Kinds, known));
            game.scripts.attach(entity, "killer");
          }
          game.frames();
          return resultOf(game);
        });
        expect(faults.length).toBeGreaterThanOrEqual(3);
      }
    },
  );

  it.each([
    ["by the function itself", "tell(victim);"],
    ["by what is called", "kill(victim);"],
    ["by whatever is called", "call_indirect<void>(kills.index, victim);"],
  ])("is gone for the call that has it ended %s, too", async (_, ends) => {
    const { faults } = await alike(async (windows) => {
      const game = rigWith(end, { windows });
      await game.load(
        "killer",
        `${tells}
        // @ts-ignore: decorator
        @noInline function kill(e: Entity): void { tell(e); }
        const kills: (e: Entity) => void = kill;
        export function onUpdate(self: Entity): void {
          const victim: Entity = Kinds.i32[self];
          Trace.value[self] = Position.x[victim];
          if (Kinds.u8[self] == 4) ${ends}
          Trace.value[self] += Position.y[victim];
        }`,
      );
      const victim = game.world.spawn(undefined, withValues(Position, { x: 3, y: 4 }), Velocity);
      for (let u8 = 0; u8 < 10; u8++) {
        const known = { u8, i32: victim, target: victim };
        const entity = game.world.spawn(undefined, Position, Trace, withValues(Kinds, known));
        game.scripts.attach(entity, "killer");
      }
      game.frames();
      return resultOf(game);
    });
    expect(faults).toHaveLength(6);
  });

  it("leaves its place to another one, whatever its own call did before", async () => {
    for (const bystanders of [0, 200]) {
      await alike(async (windows) => {
        const game = rigWith(
          ({ world }, entity) => {
            world.despawn(entity);
            // At the same index.
            world.spawn(undefined, withValues(Position, { x: 50 }), Trace, Kinds);
          },
          { windows },
        );
        await game.load(
          "killer",
          `${tells} export function onUpdate(self: Entity): void {
            const victim = Kinds.target[self];
            Position.x[self] += 1;
            Trace.value[self] = Position.x[victim];
            if (Kinds.u8[self] % 3 != 2) return;
            tell(victim);
            const rock = Prefab.Rock.spawn();
            Position.x[rock] = 77;
            Trace.value[self] += Position.x[rock];
          }`,
        );
        const all = Array.from({ length: 12 }, (_, u8) =>
          game.world.spawn(
            undefined,
            withValues(Position, { x: 5 }),
            Trace,
            withValues(Kinds, { u8 }),
          ),
        );
        for (let n = 0; n < bystanders; n++) game.world.spawn(undefined, Trace);
        const { target } = game.world.columns(Kinds);
        for (const [n, entity] of all.entries()) {
          game.scripts.attach(entity, "killer");
          // One that has had its call, for each that ends one.
          target[game.world.indexOf(entity)] = all[n - (n % 3)] as Entity;
        }
        game.frames();
        return resultOf(game);
      });
    }
  });
});

describe("a script that a function of the game's gives to more entities in the middle of a frame", () => {
  it.each([
    ["onUpdate", "Trace.ends[self] += <i32>Position.x[other];"],
    ["onUpdate", "Trace.ends[self] += 1;"],
    ["onMessage", "Trace.ends[self] += Hit.is ? 2 : 1;"],
  ])("keeps what its fields hold: %s, %s", async (hook, body) => {
    const { moods } = await alike(async (windows) => {
      const game = rigWith(({ scripts }, entity) => scripts.attach(entity, "owner"), { windows });
      await game.load(
        "owner",
        `${tells} const mood = field.f32("mood", 1);
        export function ${hook}(self: Entity): void {
          mood[self] += 1;
          const other = Kinds.target[self];
          if (other != noEntity) { tell(other); ${body} }
        }`,
      );
      const all = Array.from({ length: 70 }, () =>
        game.world.spawn(undefined, withValues(Position, { x: 3 }), Trace, Kinds),
      );
      const { target } = game.world.columns(Kinds);
      for (const [n, entity] of all.slice(0, 62).entries()) {
        game.scripts.attach(entity, "owner");
        if (n < 8) target[game.world.indexOf(entity)] = all[62 + n] as Entity;
      }
      for (let frame = 0; frame < 3; frame++) {
        if (hook === "onMessage")
          for (const entity of all.slice(0, 62)) game.scripts.send(entity, Hit);
        game.frames();
      }
      const moods = all.map((entity) => game.scripts.fields.get(entity, "owner", "mood"));
      return { moods, ...resultOf(game) };
    });
    expect(moods[0]).toBeGreaterThan(2);
  });
});

describe("an entity that lacks what its script accesses", () => {
  it.each([
    ["by rows", ""],
    ["and sends", "Ping.send(self);"],
  ])("is called by itself, though as many have it as carry the script: %s", async (_name, body) => {
    const { faults } = await alike(async (windows) => {
      const game = rig({ windows, policy: lenient });
      await game.load(
        "bullet",
        `export function onUpdate(self: Entity): void { Position.x[self] += Velocity.x[self]; ${body} }
        export function onDestroy(self: Entity): void { Prefab.Bullet.spawn(); }`,
      );
      const all = Array.from({ length: 6 }, () => {
        const entity = game.world.spawn(undefined, Position, Trace, Velocity);
        game.scripts.attach(entity, "bullet");
        return entity;
      });
      game.frames();
      game.world.remove(all[2] as Entity, Velocity);
      // Its last call spawns one that carries the script, but isn't called before the next frame.
      game.world.remove(all[5] as Entity, game.scripts.tag("bullet"));
      game.frames();
      return resultOf(game);
    });
    expect(faults).toEqual([expect.stringContaining("has no Velocity")]);
  });
});
