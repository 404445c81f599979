import { describe, expect, test } from "vitest";
import { type Entity, noEntity, withValues } from "../../engine/index.ts";
import { Kinds, Position, type Rig, rig, Trace, Velocity } from "../system/harness.ts";

import { numbersFrom } from "./actors.ts";

function crowd(game: Rig, name: string, count: number): Entity[] {
  return Array.from({ length: count }, (_, n) => {
    const entity = game.world.spawn(undefined, Position, Velocity, Trace);
    game.world.columns(Position).x[game.world.indexOf(entity)] = n;
    game.scripts.attach(entity, name);
    return entity;
  });
}

const hostCalls = (game: Rig): number => game.scripts.stats()[0]?.hostCalls ?? -1;

describe.each([true, "rows"] as const)("columns of other entities, windows %s", (windows) => {
  const isTable = windows === true;

  test("are read in memory once a search has found them, as they are at that time", async () => {
    const game = rig({ windows });
    await game.load(
      "seer",
      `
export function onUpdate(self: Entity): void {
  let sum: f32 = 0;
  const near = Velocity.within(self, 2.5);
  for (let n = 0; n < near; n++) sum += Position.x[found(n)] * 10 + Velocity.x[found(n)];
  Trace.value[self] = sum;
  Position.x[self] += 100;
}`,
    );
    const all = crowd(game, "seer", 4);
    game.frames();
    const { value } = game.world.columns(Trace);
    // Those in front have moved by then: they are found where they were, and read where they are.
    expect(all.map((e) => value[game.world.indexOf(e)])).toEqual([32, 1053, 2043, 2032]);
    // One search each.
    expect(hostCalls(game)).toBe(4);
  });

  test("are there from the start when a handle of the entity's own leads to them", async () => {
    const game = rig({ windows });
    await game.load(
      "fan",
      `
export function onUpdate(self: Entity): void {
  const idol = Kinds.target[self];
  Position.x[self] += Position.x[idol] + Position.y[idol] + Velocity.x[idol];
}`,
    );
    const fans = crowd(game, "fan", 3);
    const idol = game.world.spawn(undefined, Position, Velocity);
    const { target } = (() => {
      for (const fan of fans) game.world.add(fan, Kinds);
      return game.world.columns(Kinds);
    })();
    for (const fan of fans) target[game.world.indexOf(fan)] = idol;
    game.frames();
    const { x } = game.world.columns(Position);
    expect(fans.map((e) => x[game.world.indexOf(e)])).toEqual([1, 2, 3]);
    expect(hostCalls(game)).toBe(0);
    // Who is called in the same window may have changed: one call each, two for its own fields that it only reads here.
    for (const fan of fans) target[game.world.indexOf(fan)] = fans[0] as Entity;
    game.frames();
    expect(fans.map((e) => x[game.world.indexOf(e)])).toEqual([3, 6, 7]);
    expect(hostCalls(game)).toBe(isTable ? 0 : 4);
  });

  test("are asked for once for each entity in turn, where they aren't shown anyway", async () => {
    const game = rig({ windows });
    const idol = game.world.spawn(undefined, Position, Velocity);
    await game.load(
      "fan",
      `export function onUpdate(self: Entity): void {
  Trace.value[self] = Position.x[${idol}] + Position.y[${idol}] + Velocity.x[${idol}];
}`,
    );
    crowd(game, "fan", 3);
    game.frames();
    expect(hostCalls(game)).toBe(isTable ? 0 : 3);
  });

  const chase = `
export function onUpdate(self: Entity): void {
  const rival = Kinds.target[self];
  const n = Kinds.i32[self]++;
  if (n % 7 == 6 && !isAlive(rival)) return;
  Position.x[self] += Position.x[rival] * 0.5 - Position.y[rival];
  if (n % 5 == 1) Position.y[rival] = Position.x[self]; // by the host
  Position.y[self] = Position.x[rival] + Position.y[rival] - Position.y[self] * 0.25;
  if (n % 11 == 3) unreachable();
  if (n % 4 == 2) Kinds.target[self] = Kinds.target[rival];
}`;

  test.each([
    ["have what their own entity has", chase],
    ["have more than that", chase.replace("Position.y[rival]", "Velocity.y[rival]")],
    [
      "aren't changed in the window",
      chase
        .replaceAll("Position.y[rival]", "Velocity.y[rival]")
        .replaceAll("Position.x[rival]", "Velocity.x[rival]"),
    ],
    [
      "are known to a script that keeps things",
      `let calls: i32 = 0;${chase.replace("const n", "calls++; const n")}`,
    ],
  ])("are read the same in memory and by calls, where they %s", async (_name, body) => {
    for (let seed = 1; seed <= 8; seed++) {
      const run = async (windows: boolean | "rows") => {
        const policy = { maxStrikes: 255, backOffFrames: 0 };
        const game = rig({ windows, policy }, 2048);
        await game.load("chase", body);
        const next = numbersFrom(seed);
        const { world } = game;
        const everybody = Array.from({ length: 60 + 120 * (seed % 5) }, (_, n) => {
          const kinds = withValues(Kinds, { i32: next(50) });
          const place = withValues(Position, { x: next(9), y: next(9) });
          const entity = world.spawn(undefined, place, kinds, withValues(Velocity, { x: next(9) }));
          if (n % 9 !== 0) game.scripts.attach(entity, "chase");
          return entity;
        });
        const { target } = world.columns(Kinds);
        for (const entity of everybody) {
          target[world.indexOf(entity)] = everybody[next(everybody.length)] as Entity;
        }
        // Not all are alive, have all that is read, or know somebody.
        for (let n = 0; n < 5; n++) {
          const one = everybody[9 * n] as Entity;
          if (n < 2) world.despawn(one);
          else if (n === 2) world.remove(one, Velocity);
          else target[world.indexOf(one)] = noEntity;
        }
        const hashes: string[] = [];
        for (let frame = 0; frame < 5; frame++) {
          game.frames();
          hashes.push(game.world.hash());
        }
        const faults = game.of("fault").map(({ entity, fault }) => `${entity} ${fault.message}`);
        // What is refused is noticed when the window is closed.
        return { hashes, faults: faults.sort() };
      };
      const byCall = await run(false);
      expect(await run(windows), `seed ${seed}`).toEqual(byCall);
      expect(byCall.faults.length).toBeGreaterThan(10);
    }
  });

  test.each([
    [
      "all of it its own",
      "Position.x[rival] + Position.y[rival]; Position.y[self] = Position.x[self];",
    ],
    ["not", "Position.x[rival] + Velocity.x[rival];"],
  ])(
    "are looked for anew when the world has changed, where what is read is %s",
    async (_name, sum) => {
      const run = async (windows: boolean | "rows") => {
        const game = rig({ windows, policy: { maxStrikes: 255, backOffFrames: 0 } }, 512);
        await game.load(
          "look",
          `export function onUpdate(self: Entity): void { const rival = Kinds.target[self]; Trace.value[self] = ${sum} Trace.updates[self]++; }`,
        );
        const { world, scripts } = game;
        const spawn = (n: number) =>
          world.spawn(undefined, Trace, Kinds, Velocity, withValues(Position, { x: n, y: 1 }));
        const all = Array.from({ length: 120 }, (_, n) => spawn(n));
        const { target } = world.columns(Kinds);
        all.forEach((entity, n) => {
          target[world.indexOf(entity)] = all[(n * 7 + 60) % 120] as Entity;
          if (n < 60) scripts.attach(entity, "look");
        });
        const seen: unknown[] = [];
        const look = (): void => {
          game.frames(2);
          seen.push(world.hash(), game.of("fault").length);
        };
        look();
        const { x } = world.columns(Position);
        for (const entity of all) (x[world.indexOf(entity)] as number) += 1000;
        look();
        scripts.detach(all[3] as Entity, "look"); // the last row takes its place
        look();
        world.remove(all[102] as Entity, Velocity);
        look();
        world.despawn(all[95] as Entity);
        world.commit();
        look();
        const late = spawn(5000); // at the index that has become free
        for (const entity of all.slice(0, 60)) {
          const at = world.indexOf(entity);
          if (target[at] === all[95]) target[at] = late;
        }
        look();
        target[world.indexOf(all[7] as Entity)] = all[8] as Entity;
        look();
        const last = all[58] as Entity;
        for (const entity of [...all.slice(0, 60), late]) target[world.indexOf(entity)] = last;
        look();
        // Where everybody looks is another row now.
        scripts.detach(all[5] as Entity, "look");
        scripts.attach(late, "look");
        look();
        return seen;
      };
      const windowed = await run(windows);
      expect(windowed).toEqual(await run(false));
      expect(windowed.at(-1)).toBeGreaterThan(0);
    },
  );

  test("that its own entity lacks don't keep it from its window", async () => {
    const game = rig({ windows });
    await game.load(
      "hunter",
      `
export function onUpdate(self: Entity): void {
  const prey = Kinds.nearest(self, 1000);
  if (prey != noEntity) Trace.value[self] += Kinds.f64[prey];
}`,
    );
    const hunters = crowd(game, "hunter", 20);
    const prey = game.world.spawn(undefined, Position, Kinds);
    game.world.columns(Kinds).f64[game.world.indexOf(prey)] = 2.5;
    game.frames();
    const { value } = game.world.columns(Trace);
    expect(hunters.map((e) => value[game.world.indexOf(e)])).toEqual(hunters.map(() => 2.5));
    // The search alone; by themselves each would have cost four.
    expect(hostCalls(game)).toBe(20);
  });

  test("show what the same call has written to them", async () => {
    const game = rig({ windows });
    await game.load(
      "pusher",
      `
export function onUpdate(self: Entity): void {
  const near = Velocity.within(self, 1.5);
  for (let n = 0; n < near; n++) {
    Position.y[found(n)] += 1;
    Trace.value[self] += Position.y[found(n)];
  }
}`,
    );
    const all = crowd(game, "pusher", 3);
    game.frames();
    const { value } = game.world.columns(Trace);
    expect(all.map((e) => value[game.world.indexOf(e)])).toEqual([1, 2, 2]);
  });

  test("aren't there for a call that hasn't searched, nor is nobody's", async () => {
    const game = rig({ windows });
    await game.load(
      "blind",
      `
export function onUpdate(self: Entity): void {
  if (Position.x[self] == 0) Trace.value[self] = Velocity.within(self, 5);
  else if (Position.x[self] == 1) Trace.value[self] = Position.x[found(0)];
  else Trace.value[self] = Position.x[Kinds.target[self]];
}`,
    );
    const all = crowd(game, "blind", 3);
    for (const e of all) game.world.add(e, Kinds);
    game.frames();
    expect(game.of("fault").map(({ fault }) => fault.message)).toEqual([
      expect.stringMatching(/found: there is no 0; this call's last search has found 0/),
      expect.stringMatching(/Position.x: entity 0 is no entity/),
    ]);
  });

  test("are the host's to refuse where a script may touch its own entities only", async () => {
    const game = rig({ windows, scriptPolicy: { entities: "self" } });
    await game.load(
      "spy",
      `
export function onUpdate(self: Entity): void {
  Trace.value[self] = Position.x[Kinds.target[self]] + Position.y[Kinds.target[self]];
}`,
    );
    const all = crowd(game, "spy", 3);
    for (const e of all) game.world.add(e, Kinds);
    const { target } = game.world.columns(Kinds);
    target[game.world.indexOf(all[0] as Entity)] = all[1] as Entity;
    target[game.world.indexOf(all[1] as Entity)] = all[1] as Entity;
    target[game.world.indexOf(all[2] as Entity)] = all[1] as Entity;
    game.frames();
    expect(game.of("fault").map(({ entity }) => entity)).toEqual([all[0], all[2]]);
    const message = /isn't the script's own, and it may touch no other/;
    expect(game.of("fault")[0]?.fault.message).toMatch(message);
  });
});
