import { defineComponent, defineMessage, definePrefab, World } from "../../engine/index.ts";
import { scripted } from "../../scripting/system/scripted.ts";
import { ScriptSystem } from "../../scripting/system/system.ts";

export const Place = defineComponent("Place", { x: "f32", y: "f32", heading: "f64" });
export const Life = defineComponent("Life", {
  age: "u16",
  mood: "u8",
  friend: "entity",
  sum: "f64",
});
export const Nest = defineComponent("Nest", { born: "i32" });
export const Creature = definePrefab("Creature", [Place, Life, scripted("creature")]);
export const Greeting = defineMessage("Greeting", { warmth: "f64", from: "entity" });
export const components = [Place, Life, Nest];
export const messages = [Greeting];
export const prefabs = [Creature];

/** Creatures that wander, count, meet, greet, die, and now and then do what they are stopped for. */
export const sources = {
  creature: `
import { Entity, Random, Time, despawn, isAlive } from "fusewire/sdk";
import { Greeting, Life, Place, Prefab } from "./components";

let calls = 0;
const met: i32[] = [];
function endless(): void { while (true) {} }
function deep(n: i32): i32 { return n < 0 ? 0 : deep(n + 1) * 3 + 1; }

export function onStart(self: Entity): void { Place.heading[self] = Random.next() * 6; }
export function onFixedUpdate(self: Entity): void {
  calls++;
  Place.heading[self] += Math.cos(Life.sum[self]) * <f64>Time.fixedDelta * (Random.next() + 0.5);
}
export function onMessage(self: Entity): void {
  calls++;
  Life.sum[self] += Greeting.warmth * 1e-3;
  const what = Random.next();
  if (what > 0.995) unreachable();
  if (what > 0.8 && isAlive(Greeting.from)) Greeting.send(Greeting.from, Life.sum[self], self);
  if (what < 0.05) met.push(self);
}
export function onUpdate(self: Entity): void {
  calls++;
  Life.age[self] += 1;
  Place.heading[self] += (Random.next() - 0.5) * Math.sin(<f64>Place.x[self]);
  Place.x[self] += Mathf.cos(<f32>Place.heading[self]) * Time.delta;
  Place.y[self] += Mathf.sin(<f32>Place.heading[self]) * Time.delta;
  Life.sum[self] = Life.sum[self] * 0.999 + Math.exp(-Math.abs(<f64>Place.y[self])) + <f64>calls * 1e-6;
  const friend = Life.friend[self];
  if (isAlive(friend)) {
    Life.sum[friend] += 0.125;
    if (Life.age[self] % 4 == 0) Greeting.send(friend, Life.sum[self], self);
    Place.x[self] += (Place.x[friend] - Place.x[self]) * 0.01;
  }
  const what = Random.next();
  if (what < 0.002) { met.push(self); Life.mood[self] = <i32>(met.length % 200); }
  if (what > 0.9995) endless();
  if (what > 0.999) unreachable();
  if (what > 0.9985) Place.x[self] = f32.NaN;
  if (what > 0.998) Place.x[self] = <f32>deep(0);
  if (what > 0.99 && what < 0.992) Life.friend[self] = Prefab.Creature.spawn();
  if (Life.age[self] > 300) despawn(self);
}`,
  nest: `
import { Entity, Random, Time } from "fusewire/sdk";
import { Nest, Place, Prefab } from "./components";

export function onUpdate(self: Entity): void {
  if (Time.frame % 40 != self % 40) return;
  const child = Prefab.Creature.spawn();
  Place.x[child] = <f32>Random.next();
  Nest.born[self] += 1;
}`,
} as const;

export type ColonyScript = keyof typeof sources;

export interface ColonyRun {
  /** The world's hash, ten times over the run. */
  readonly hashes: readonly string[];
  readonly faults: number;
  readonly fuel: number;
  readonly messages: number;
  readonly alive: number;
}

/** A colony's scripts, compiled. */
export type ColonyModules = Readonly<Record<ColonyScript, Uint8Array<ArrayBuffer>>>;

/** Runs a world of them; nothing in it depends on time. */
export async function runColony(
  modules: ColonyModules,
  seed: number,
  frames: number,
  { nests, fuelPerCall } = { nests: 5, fuelPerCall: 10_000 },
): Promise<ColonyRun> {
  const world = new World({ components, prefabs, maxEntities: 4_096 });
  const scripts = new ScriptSystem({
    world,
    seed,
    messages,
    frameBudgetMs: Infinity,
    limits: { callTimeMs: Infinity, fuelPerCall },
  });
  for (const [name, bytes] of Object.entries(modules)) {
    await scripts.load({ name, file: `scripts/${name}.ts`, bytes });
  }
  for (let n = 0; n < nests; n++) scripts.attach(world.spawn(undefined, Place, Nest), "nest");
  const hashes: string[] = [];
  for (let frame = 1; frame <= frames; frame++) {
    const time = { delta: 1 / 60, elapsed: frame / 60, frame, fixedDelta: 1 / 50 };
    for (let step = frame % 3; step > 0; step--) {
      world.commit();
      scripts.runFixed(time);
    }
    world.commit();
    scripts.run(time);
    if (frame % (frames / 10) === 0) hashes.push(world.hash());
  }
  const { faults, fuel, messages: delivered } = scripts.totals();
  return { hashes, faults, fuel, messages: delivered, alive: world.aliveCount };
}

/** Runs worlds that differ by their seeds, from one seed on: in size, in fuel, and in all that random numbers decide. */
export async function runColonies(
  modules: ColonyModules,
  firstSeed: number,
  count: number,
): Promise<ColonyRun[]> {
  const runs: ColonyRun[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const size = { nests: 1 + ((seed * 7) % 12), fuelPerCall: 200 + ((seed * 7_919) % 20_000) };
    runs.push(await runColony(modules, seed, framesOfEach, size));
  }
  return runs;
}

const framesOfEach = 20;
