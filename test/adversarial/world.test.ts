import { describe, expect, it } from "vitest";
import { withValues } from "../../engine/index.ts";
import type { FaultEvent } from "../../scripting/system/events.ts";
import { binary, Kinds, Position, rig, Trace, Velocity } from "../system/harness.ts";
import { type HostileScript, hostileScripts } from "./hostile-scripts.ts";

const frames = 12;

/** What the other scripts do: they move, count, spawn, despawn and draw random numbers. */
const mover = `export function onUpdate(self: Entity): void {
  Position.x[self] += Velocity.x[self] * Time.delta;
  Position.y[self] += Random.range(-1, 1);
  Trace.updates[self] += 1;
}`;
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
