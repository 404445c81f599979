import { describe, expect, it } from "vitest";
import { World, withValues } from "../../engine/index.ts";
import { LinkError, ScriptSystem, scriptPolicies } from "../../scripting/index.ts";
import type { FaultEvent } from "../../scripting/system/events.ts";
import {
  binary,
  components,
  Kinds,
  Position,
  prefabs,
  rig,
  Trace,
  Velocity,
} from "../system/harness.ts";
import { type HostileScript, hostileScripts } from "./hostile-scripts.ts";

const frames = 12;

/** What the other scripts do: they move, count, spawn, despawn and draw random numbers. */
const mover = `export function onUpdate(self: Entity): void {
  Position.x[self] += Velocity.x[self] * Time.delta;
  Position.y[self] += Random.range(-1, 1);
  Trace.updates[self] += 1;
}
export function onMessage(self: Entity): void { Position.x[self] += Hit.damage; }`;
const nursery = `let born = 0;
export function onUpdate(self: Entity): void {
  if (++born % 3 == 0) { const rock = Prefab.Rock.spawn(); Trace.value[rock] = born; }
  if (born % 5 == 0) { const rock = Prefab.Rock.spawn(); despawn(rock); }
  Trace.loads[self] = born;
}`;
const harmless = "export function onUpdate(self: Entity): void {}";

interface History {
  /** The world, frame by frame. */
  readonly hashes: readonly string[];
  readonly faults: readonly FaultEvent[];
}

/** Runs a world with a script of which nothing should show. */
async function history({
  body,
  limits = {},
  policy = {},
}: Partial<HostileScript>): Promise<History> {
  const made = rig({ limits: { callTimeMs: Infinity } });
  await made.load("mover", mover);
  await made.load("nursery", nursery);
  await made.scripts.load(await binary("mod", body ?? harmless), {
    limits,
    policy: { ...policy, faults: { maxStrikes: 255, backOffFrames: 0 } },
  });
  const { world, scripts } = made;
  for (let n = 0; n < 6; n++) {
    const entity = world.spawn(undefined, Position, withValues(Velocity, { x: n }), Trace);
    scripts.attach(entity, "mover");
    if (n % 3 === 0) scripts.attach(entity, "nursery");
    if (n % 2 === 1) continue;
    scripts.attach(world.spawn(undefined, Position, Velocity, Trace, Kinds), "mod");
  }
  const hashes: string[] = [];
  for (let frame = 0; frame < frames; frame++) {
    made.frames();
    hashes.push(world.hash());
  }
  return { hashes, faults: made.of("fault") };
}

const control = history({});

describe("a script that probes for what it may do", () => {
  const world = new World({ components, prefabs, maxEntities: 8 });
  const system = new ScriptSystem({ world, scriptPolicy: scriptPolicies.closed });
  const everything = `export function onUpdate(self: Entity): void {
    Frozen.add(self); Frozen.remove(self); Prefab.Bullet.spawn(); Prefab.Rock.spawn(); despawn(self);
    Position.x[self] = Velocity.x[self];
  }`;

  it("is refused whole, with all that it wasn't granted", async () => {
    const before = world.hash();
    const policy = { read: ["Velocity.y"], write: [] };
    const load = system.load(await binary("probe", everything), { policy });
    const error = await load.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).problems.map((p) => p.capability).sort()).toEqual([
      "despawn",
      "read Velocity.x",
      "restructure Frozen",
      "restructure Frozen",
      "spawn Bullet",
      "spawn Rock",
      "write Position.x",
    ]);
    expect(system.stats()).toEqual([]);
    expect(world.hash()).toBe(before);
  });

  const names = [
    ["component", "Position.x.get "],
    ["component", "Position.__proto__.get"],
    ["component", "Position.constructor.set"],
    ["component", "position.x.get"],
    ["prefab", "__proto__.spawn"],
    ["entity", "spawn"],
    ["system", "load"],
    ["fusewire", "meter"],
  ];
  it.each(names)("finds nothing under %s %s", async (module, name) => {
    const body = `@external("${module}", "${name}") declare function probe(e: i32): f32;
      export function onUpdate(self: Entity): void { probe(1); }`;
    await expect(system.load(await binary("probe", body))).rejects.toThrow(LinkError);
  });
});

describe("the world and all other scripts are bit for bit as without a script that", () => {
  it.each(hostileScripts)("$what", async (script) => {
    const [expected, found] = [await control, await history(script)];
    expect(expected.faults).toEqual([]);
    expect(new Set(expected.hashes).size).toBe(frames);
    expect(found.hashes).toEqual(expected.hashes);
    // Each of its three entities, in every frame, and nobody else.
    expect(found.faults).toHaveLength(3 * frames);
    const kinds = new Set(found.faults.map((e) => `${e.script}: ${e.fault.kind}`));
    expect([...kinds]).toEqual([`mod: ${script.kind}`]);
    for (const { fault } of found.faults) expect(fault.location?.file).toBe("scripts/mod.ts");
  });
});
