import { describe, expect, it } from "vitest";
import { type Component, type Entity, type World, withValues } from "../../engine/index.ts";
import {
  LinkError,
  type Linker,
  type ScriptPolicy,
  scriptPolicies,
} from "../../scripting/index.ts";
import { binary, Kinds, Position, type Rig, rig, Trace, Velocity } from "./harness.ts";

async function loaded(policy: Partial<ScriptPolicy>, body: string, name = "mod"): Promise<Rig> {
  const made = rig();
  await made.scripts.load(await binary(name, body), { policy });
  return made;
}

/** What an entity's fields hold. */
function fields(world: World, entity: Entity, component: Component): Record<string, number> {
  const index = world.indexOf(entity);
  const columns = Object.entries(world.columns(component) as Record<string, ArrayLike<number>>);
  return Object.fromEntries(columns.map(([name, column]) => [name, column[index] as number]));
}

const moves = `export function onUpdate(self: Entity): void {
  Position.x[self] = Position.x[self] + Velocity.x[self];
}`;

async function problemsOf(
  policy: Partial<ScriptPolicy>,
  body: string,
): Promise<(string | undefined)[]> {
  const error = await loaded(policy, body).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LinkError);
  return (error as LinkError).problems.map((p) => p.capability);
}

describe("what a script may read and write", () => {
  it("is held against its imports when it is loaded, all of them at once", async () => {
    expect(await problemsOf({ read: ["Position"], write: [] }, moves)).toEqual(
      expect.arrayContaining(["read Velocity.x", "write Position.x"]),
    );
    const message = await loaded({ write: [] }, moves).catch((e: Error) => e.message);
    expect(message).toContain(
      `"component" "Position.x.set" needs the capability "write Position.x", which wasn't granted`,
    );
  });

  it("goes by component or by field", async () => {
    const { frames, scripts, world } = await loaded(
      { read: ["Position.x", "Velocity"], write: ["Position.x"] },
      moves,
    );
    const entity = world.spawn(undefined, Position, Velocity);
    scripts.attach(entity, "mod");
    frames(2);
    expect(fields(world, entity, Position)["x"]).toBe(2);
    const other = `export function onUpdate(self: Entity): void { Position.y[self] = 1; }`;
    expect(await problemsOf({ write: ["Position.x"] }, other)).toEqual(["write Position.y"]);
  });

  it("covers what it adds, removes, spawns and despawns", async () => {
    const all = `export function onUpdate(self: Entity): void {
      Frozen.add(self); Velocity.remove(self); Prefab.Rock.spawn(); despawn(self);
    }`;
    expect((await problemsOf(scriptPolicies.closed, all)).sort()).toEqual([
      "despawn",
      "restructure Frozen",
      "restructure Velocity",
      "spawn Rock",
    ]);
    const bullets = `export function onLoad(): void { Prefab.Bullet.spawn(); }`;
    expect(await problemsOf({ spawn: ["Rock"] }, bullets)).toEqual(["spawn Bullet"]);
    await loaded({ spawn: ["Bullet"] }, bullets);
  });

  it("leaves alone what it doesn't use", async () => {
    await loaded(
      { ...scriptPolicies.closed, read: [], write: [] },
      `export function onLoad(): void {}`,
    );
  });

  it("holds for its next versions, too", async () => {
    const made = await loaded({ write: ["Position"] }, moves);
    const worse = moves.replace("Position.x[self] =", "Velocity.y[self] =");
    await expect(made.reload("mod", worse)).rejects.toThrow(/write Velocity.y/);
    await made.reload("mod", moves.replace("+", "-"));
  });
});

describe("whose entities a script may touch", () => {
  const reaches = `export function onUpdate(self: Entity): void {
    Trace.updates[self] = Trace.updates[self] + 1;
    const other = Kinds.target[self];
    if (other != noEntity) Trace.value[other] = 1;
  }`;

  function pair({ world, scripts }: Rig): { victim: Entity; mod: Entity } {
    const victim = world.spawn(undefined, Trace);
    const mod = world.spawn(undefined, Trace, withValues(Kinds, { target: victim }));
    scripts.attach(mod, "mod");
    return { victim, mod };
  }

  it("is its own, and the call that reaches for another is undone", async () => {
    const made = await loaded({ entities: "self" }, reaches);
    const { victim, mod } = pair(made);
    made.frames();
    const [event] = made.of("fault");
    const hex = victim.toString(16).padStart(8, "0");
    expect(event?.fault).toMatchObject({
      kind: "host-error",
      message: `was refused by a host function: Trace.value: entity 0x${hex} isn't the script's own, and it may touch no other`,
      location: { line: 5 },
    });
    expect(fields(made.world, victim, Trace)["value"]).toBe(0);
    expect(fields(made.world, mod, Trace)["updates"]).toBe(0);
  });

  it("is any where nothing else is said", async () => {
    const made = await loaded({}, reaches);
    const { victim } = pair(made);
    made.frames();
    expect(fields(made.world, victim, Trace)["value"]).toBe(1);
  });

  it("covers what the call has spawned itself, but not what others did, or it did earlier", async () => {
    const spawns = `let last: Entity = noEntity;
    export function onUpdate(self: Entity): void {
      if (last != noEntity) Trace.value[last] = 2;
      last = Prefab.Rock.spawn();
      Trace.value[last] = 1;
    }`;
    const made = await loaded({ entities: "self" }, spawns);
    made.scripts.attach(made.world.spawn(), "mod");
    made.frames();
    expect(made.of("fault")).toEqual([]);
    const [rock] = made.world.query([Trace]).entities();
    expect(fields(made.world, made.world.handleOf(rock as number), Trace)["value"]).toBe(1);
    made.frames();
    expect(made.of("fault")[0]?.fault.message).toContain("Trace.value: entity");
    expect(fields(made.world, made.world.handleOf(rock as number), Trace)["value"]).toBe(1);
  });

  it("is refused for every way to touch one", async () => {
    const ways = [
      "Trace.value[other] = 1",
      "Trace.value[self] = Trace.value[other]",
      "Trace.has(other)",
      "Frozen.add(other)",
      "Trace.remove(other)",
      "despawn(other)",
      "isAlive(other)",
      "isAlive(other + 5)",
      "Kinds.target[self] = other",
      "Kinds.target[self] = other + 5",
    ];
    for (const way of ways) {
      const body = reaches.replace("Trace.value[other] = 1", way);
      const made = await loaded({ entities: "self" }, body);
      const { victim } = pair(made);
      made.frames();
      expect([way, made.of("fault")[0]?.fault.kind]).toEqual([way, "host-error"]);
      expect(made.world.isAlive(victim)).toBe(true);
    }
  });
});

describe("a script that may touch its own entity only", () => {
  it("may ask whether that, one that it spawned, or nobody is alive, and keep their handles", async () => {
    const asks = `export function onUpdate(self: Entity): void {
      const rock = Prefab.Rock.spawn();
      Trace.value[self] = (isAlive(self) ? 1 : 0) + (isAlive(rock) ? 2 : 0) + (isAlive(noEntity) ? 4 : 0);
      Kinds.target[self] = rock; Kinds.target[self] = self; Kinds.target[self] = noEntity;
    }`;
    const made = await loaded({ entities: "self" }, asks);
    const entity = made.world.spawn(undefined, Trace, Kinds);
    made.scripts.attach(entity, "mod");
    made.frames();
    expect(made.of("fault")).toEqual([]);
    expect(fields(made.world, entity, Trace)["value"]).toBe(3);
  });

  it("can't count the others", async () => {
    const counts = `export function onUpdate(self: Entity): void {
      for (let i = 1; i < 50; i++) if (isAlive((self & ~0xfffff) | i)) Position.x[self]++;
    }`;
    const made = rig();
    await made.scripts.load(await binary("mod", counts), { policy: scriptPolicies.closed });
    const all = Array.from({ length: 20 }, () => made.world.spawn(undefined, Position));
    made.scripts.attach(all[5] as Entity, "mod");
    made.frames();
    expect(made.of("fault")[0]?.fault.message).toContain("isAlive: entity");
    expect(fields(made.world, all[5] as Entity, Position)["x"]).toBe(0);
  });
});

describe("redacted fields", () => {
  it("read as their default, whatever they hold; others read as they are", async () => {
    const peeks = `export function onUpdate(self: Entity): void {
      Position.x[self] = Velocity.x[self]; Position.y[self] = Velocity.y[self];
    }`;
    const made = await loaded({ redacted: ["Velocity.x"] }, peeks);
    const entity = made.world.spawn(undefined, Position, withValues(Velocity, { x: 7, y: 8 }));
    made.scripts.attach(entity, "mod");
    made.frames();
    expect(fields(made.world, entity, Position)).toMatchObject({ x: 1, y: 8 });
    expect(fields(made.world, entity, Velocity)["x"]).toBe(7);
  });
});

describe("what follows a fault", () => {
  it("can differ by script", async () => {
    const made = rig();
    const body = `export function onUpdate(self: Entity): void { unreachable(); }`;
    await made.scripts.load(await binary("strict", body), {
      policy: { faults: { maxStrikes: 1 } },
    });
    await made.scripts.load(await binary("usual", body));
    const entity = made.world.spawn();
    made.scripts.attach(entity, "strict");
    made.scripts.attach(entity, "usual");
    made.frames();
    expect(made.of("fault").map((e) => [e.script, e.outcome])).toEqual([
      ["strict", "disabled"],
      ["usual", "back-off"],
    ]);
  });
});

describe("the game's own host functions", () => {
  it("are let in by the capabilities that they ask for", async () => {
    const link = (linker: Linker): void => {
      const spec = { params: [], results: [], fuel: 1, capability: "pay" } as const;
      linker.func("shop", "pay", spec, () => {});
    };
    const body = `@external("shop", "pay") declare function pay(): void;
      export function onLoad(): void { pay(); }`;
    const script = await binary("mod", body);
    await expect(rig({ link }).scripts.load(script)).rejects.toThrow(/capability "pay"/);
    await rig({ link }).scripts.load(script, { policy: { capabilities: ["pay"] } });
    await rig({ link, scriptPolicy: { capabilities: "all" } }).scripts.load(script);
  });
});

describe("a policy that makes no sense", () => {
  const wrong: [policy: object, message: RegExp][] = [
    [{ read: ["Positon"] }, /policy read: there is no "Positon" in this world; there is Position/],
    [{ write: ["Position.z"] }, /policy write: there is no "Position.z"/],
    [{ write: "Position" }, /policy write must be "all" or a list/],
    [{ restructure: ["Position.x"] }, /policy restructure/],
    [{ spawn: ["Rocket"] }, /there is Bullet, Rock/],
    [{ redacted: ["Velocity"] }, /policy redacted/],
    [{ redacted: "all" }, /policy redacted must be a list of names/],
    [{ capabilities: "no-network" }, /policy capabilities must be "all" or a list of names/],
    [{ capabilities: ["network"] }, /there is no "network" that a function of the game asks for/],
    [{ capabilities: ["despawn"] }, /policy capabilities: there is no "despawn"/],
    [{ restructure: "Position" }, /policy restructure must be "all" or a list/],
    [
      { faults: { maxStrike: 1 } },
      /a policy for faults has no "maxStrike"; is "maxStrikes" meant\?/,
    ],
    [{ entities: "mine" }, /policy entities must be "self" or "any", not mine/],
    [{ despawn: 1 }, /policy despawn/],
    [{ faults: { maxStrikes: 0 } }, /maxStrikes/],
    [{ raed: [] }, /a script's policy has no "raed"; it has: read, write/],
  ];
  it.each(wrong)("is refused: %o", async (policy, message) => {
    await expect(loaded(policy, `export function onLoad(): void {}`)).rejects.toThrow(message);
    expect(() => rig({ scriptPolicy: policy })).toThrow(message);
  });
});
