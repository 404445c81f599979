import type { Entity, QueryDefinition } from "../../engine/index.ts";
import type { ScriptBinary } from "../../scripting/compile/source.ts";
import type { ScriptSystemOptions } from "../../scripting/system/options.ts";
import {
  binary,
  Every,
  Frozen,
  Hit,
  Kinds,
  Ping,
  Position,
  Rock,
  Trace,
  Velocity,
} from "../host/fixture.ts";
import { type Rig, rig } from "../system/harness.ts";
import { numbersFrom } from "./actors.ts";
import { hostCallsOf, resultOf } from "./tables.ts";

/**
 * What the seeds in its columns tell an entity to do, without memory: so it has a table. It reads those it knows, whom
 * they know and whom it finds; asks for changes of the world and reads them; sends; and does what stops it.
 */
const acts = `
function step(s: u32): u32 { return s * 1664525 + 1013904223; }
function endless(): void { while (true) {} }
function deep(n: i32): i32 { return n < 0 ? 0 : deep(n + 1) * 3 + 1; }
function push(e: Entity, by: f32): void { Position.x[e] += by; Velocity.y[e] = Position.x[e]; }
function act(self: Entity, seed: u32, count: u32): void {
  let s = step(seed);
  const other = Kinds.target[self];
  const lives = isAlive(other);
  for (let left = count; left > 0; left--) {
    s = step(s);
    const q = s >> 20;
    switch ((s >> 8) % 48) {
      case 0: Position.x[self] += Velocity.x[self] * Time.delta; break;
      case 1: if (lives) push(other, 1.5); break;
      case 2: push(self, -0.5); break;
      case 3: Kinds.u8[self] = q & 255; Kinds.i8[self] = <i32>(q & 255) - 128; break;
      case 4: Kinds.i16[self] -= 1; Kinds.u16[self] = Kinds.u8[self] * 100; break;
      case 5: Kinds.f64[self] = Kinds.f64[self] / 3 + <f64>Position.x[self]; break;
      case 6: if (lives) Kinds.f64[self] += Kinds.f64[other] + <f64>Kinds.u8[other] + <f64>Kinds.i16[other]; break;
      case 7: if (lives) Position.y[self] = Position.x[other] - Velocity.x[other]; break;
      case 8: if (lives && Kinds.has(other)) { const far = Kinds.target[other]; if (isAlive(far)) Position.y[self] += Position.x[far]; } break;
      case 9: if (lives && Kinds.has(other)) { const far = Kinds.target[other]; if (isAlive(far) && Kinds.has(far)) { Kinds.u32[self] ^= Kinds.u32[far]; Kinds.target[self] = far; Hit.send(far, 2, other); } } break;
      case 10: Kinds.target[self] = lives ? other : self; break;
      case 11: Kinds.f32[self] = <f32>Random.next(); break;
      case 12: { const rock = Prefab.Rock.spawn(); Position.x[rock] = Position.y[self]; Trace.value[rock] += <f64>Position.x[rock]; Kinds.target[self] = rock; break; }
      case 13: { const rock = Prefab.Rock.spawn(); Ping.send(rock); Kinds.add(rock); Kinds.u8[rock] += 2; Velocity.add(rock); Position.x[rock] = Velocity.x[rock] + <f32>Kinds.u8[rock]; Kinds.target[rock] = self; Kinds.target[self] = rock; break; }
      case 14: { const more = Prefab.Bullet.spawn(); if (q & 1) Kinds.add(more); if (q & 1) { Kinds.u32[more] = s; Kinds.target[more] = self; } Position.y[more] = 3; break; }
      case 15: if (lives && (q & 3) == 0) despawn(other); break;
      case 16: if (Frozen.has(self)) Frozen.remove(self); else Frozen.add(self); break;
      case 17: if (lives) { Velocity.add(other); Velocity.x[other] += 1; Velocity.y[self] = Velocity.x[other]; } break;
      case 18: if (lives) { Kinds.add(other); Kinds.i32[other] += 5; Kinds.i32[self] = Kinds.i32[other]; } break;
      case 19: if (lives && (q & 7) == 0) Velocity.remove(other); break;
      case 20: if ((q & 31) == 0) Kinds.remove(self); break;
      case 21: if (lives) Hit.send(other, Position.x[self], self); break;
      case 22: Hit.send(self, Position.y[self], lives ? other : noEntity); break;
      case 23: if (lives) Ping.send(other); Ping.send(self); break;
      case 24: if (lives) Every.send(other, Position.x[self], 0.1 * <f64>q, -3, 200, -300, 40000, i32.MIN_VALUE, s, self); break;
      case 25: Every.send(self, 1, Kinds.f64[self], Kinds.i8[self], Kinds.u8[self], Kinds.i16[self], Kinds.u16[self], Kinds.i32[self], Kinds.u32[self], Kinds.target[self]); break;
      case 26: case 27: {
        const near = Velocity.within(self, 30);
        for (let n = 0; n < near && n < 12; n++) {
          const one = found(n);
          Position.y[self] += Position.x[one] - Velocity.x[one];
          if ((q + n) % 5 == 0) { Position.x[one] += 1; Kinds.f64[self] += Position.x[one] + Velocity.y[one]; }
          if ((q + n) % 7 == 0 && Kinds.has(one)) Kinds.i32[self] = Kinds.u8[one] + Kinds.i8[one];
          if ((q + n) % 8 == 0) Ping.send(one);
        }
        if (q % 64 == 0) Kinds.i32[self] = found(near);
        break;
      }
      case 28: {
        const next = Position.nearest(self, 50);
        if (next != noEntity) { Position.y[self] = Position.y[next]; if (Velocity.has(next)) Velocity.x[self] = Velocity.x[next] + Position.x[next]; }
        break;
      }
      case 29: if (lives) tell(other); break;
      case 30: if (q % 16 == 0) Kinds.i32[self] = found(0); break;
      case 31: if (q % 4 == 0) Position.x[self] = Position.x[Kinds.i32[self]]; break;
      default:
        if (s % 97 > 12) break;
        switch (q % 15) {
          case 0: endless(); break;
          case 1: unreachable(); break;
          case 2: throw new Error("enough");
          case 3: Position.x[self] = f32.NaN; break;
          case 4: Kinds.u8[self] = 300; break;
          case 5: Kinds.i32[self] = deep(0); break;
          case 6: Position.x[12345] = 1; break;
          case 7: Hit.send(12345, 1, self); break;
          case 8: Hit.send(self, 1, 12345); break;
          case 9: Kinds.target[self] = 12345; break;
          case 10: Kinds.target[self] = self | 0x40000000; break;
          case 11: for (let n = 0; n < 70; n++) Ping.send(self); break;
          case 12: Every.send(self, f32.NaN, 0.1, -3, 200, -300, 40000, 1, s, self); break;
          case 13: Every.send(self, 1, 0.1, -3, 256, -300, 40000, 1, s, self); break;
          default: Kinds.f64[self] = Kinds.f64[-1]; break;
        }
    }
  }
}
export function onUpdate(self: Entity): void {
  if (Trace.reloads[self] != 0) return; // it is told to sit this one out
  KEEP
  Trace.updates[self] += 1;
  const s = step(Kinds.u32[self] ^ (Time.frame * 0x9e3779b1));
  if ((s >> 8) % 5 == 0) mood[self] = mood[self] / 2 + Position.x[self];
  if ((s >> 9) % 7 == 0) friend[self] = isAlive(Kinds.target[self]) ? Kinds.target[self] : noEntity;
  if ((s >> 10) % 61 == 0) friend[self] = 12345;
  if ((s >> 11) % 67 == 0) mood[self] = f32.NaN;
  act(self, s, (s >> 12) % 9);
}
export function onFixedUpdate(self: Entity): void {
  KEEP
  Trace.ends[self] += 1;
  Position.y[self] += Velocity.y[self] * Time.fixedDelta;
  act(self, step(Kinds.u32[self] ^ <u32>Kinds.i32[self] ^ (<u32>Trace.ends[self] * 0xc2b2ae35)), 3);
}`;

const listens = `
export function onMessage(self: Entity): void {
  KEEP
  Trace.loads[self] += 1;
  let s: u32 = Kinds.u32[self] ^ (Time.frame * 0x85ebca6b) ^ (<u32>Trace.loads[self] << 5);
  if (Hit.is) {
    s ^= <u32>Hit.damage;
    Kinds.f32[self] = Kinds.f32[self] / 2 + Hit.damage;
    if (isAlive(Hit.from)) Kinds.target[self] = Hit.from;
  } else if (Every.is) {
    s += Every.u32 + Every.u8 + Every.i8 + Every.i16 + Every.u16 + Every.i32;
    Kinds.f64[self] = Kinds.f64[self] / 2 + Every.f64 + <f64>Every.f32;
    if (s % 3 == 0) Kinds.target[self] = Every.target;
  } else if (s % 20 == 0) Kinds.f32[self] = Hit.damage; // there is none
  mood[self] += 0.25;
  act(self, step(s), s % 3);
}`;

/** Gets messages in ways that nothing stops, so that it is known whose call is. */
const listensMeekly = `
export function onMessage(self: Entity): void {
  if (!Kinds.has(self)) return;
  KEEP
  if (Hit.is && isAlive(Hit.from)) { Kinds.f32[self] = Hit.damage; Ping.send(Hit.from); }
  if (Every.is) Kinds.u8[self] = Every.u8;
}`;

const begins = `
const mood = field.f32("mood", 1);
const friend = field.entity("friend");
`;
const tells = '@external("game", "tell") declare function tell(e: i32): void;';

/**
 * `nothing`: it keeps nothing. `globals`: it has some, so that they are set again after a fault, but does nothing by
 * them. `memory`: it does. `asks`: it keeps nothing, and has a function of the game's do what isn't undone.
 */
export type Keeps = "nothing" | "globals" | "memory" | "asks";

export function tableActors(keeps: Keeps): Promise<ScriptBinary> {
  const keep = {
    nothing: "",
    asks: "",
    globals: "calls++;",
    memory: "calls++; Kinds.i32[self] = calls;",
  };
  const calls = keeps === "nothing" || keeps === "asks" ? "" : "let calls: i32 = 0;";
  const tell = keeps === "asks" ? tells : "function tell(e: Entity): void {}";
  const listener = keeps === "memory" ? listensMeekly : listens;
  const updates =
    keeps === "memory" ? acts.slice(0, acts.indexOf("export function onFixedUpdate")) : acts;
  const body = `${begins}${calls}${tell}${updates}${listener}`;
  return binary("bullet", body.replaceAll("KEEP", keep[keeps]));
}

export interface TableRun {
  readonly options: Partial<ScriptSystemOptions>;
  /** Entities that have nothing to do with the script; those that do are one to forty. */
  readonly bystanders: number;
  readonly query?: QueryDefinition;
  /** By frame, the entities that are to do nothing in it. */
  readonly sitOut?: readonly (readonly number[])[];
}

/** A world of actors that a seed makes, run for some frames. */
export async function runTableActors(
  script: ScriptBinary,
  seed: number,
  { options, bystanders, query, sitOut = [] }: TableRun,
) {
  let made: Rig | undefined;
  made = rig(
    {
      seed,
      ...options,
      limits: { fuelPerCall: 200_000, hostCallsPerCall: 1_000_000, ...options.limits },
      link: (linker) => {
        const spec = { params: ["i32"], results: [], fuel: 1, columns: "none" } as const;
        linker.func("game", "tell", spec, (_ctx, entity) => end(made as Rig, entity as Entity));
      },
    },
    256 + 2 * bystanders,
  );
  const { scripts, world } = made;
  await scripts.load(script, query && { query });
  populate(made, seed, bystanders);
  const frames = [];
  const stopped: number[][] = [];
  const flags = world.columns(Trace).reloads;
  for (let frame = 0; frame < 4; frame++) {
    const known = made.of("fault").length;
    const idle = (sitOut[frame] ?? []).map((entity) => world.indexOf(entity));
    for (const index of idle) flags[index] = 1;
    post(made, seed + frame);
    made.frames(1, frame % 3);
    for (const index of idle) flags[index] = 0;
    const { hash, faults, disabled, messages } = resultOf(made);
    stopped.push(
      made
        .of("fault")
        .slice(known)
        .map(({ entity }) => entity),
    );
    const fields = carriersOf(made).map((entity) => [
      scripts.fields.get(entity, "bullet", "mood"),
      scripts.fields.get(entity, "bullet", "friend"),
    ]);
    const state = { world: world.hash(), fields };
    frames.push({ state, hash, faults: faults.slice(known).sort(), disabled, messages });
  }
  const result = { frames, stopped, hostCalls: hostCallsOf(made) };
  scripts.dispose();
  return result;
}

/** What the game's own function does, at once and for good: nobody who is called is meant. */
function end({ world, scripts }: Rig, entity: Entity): void {
  if (world.isAlive(entity) && !scripts.scriptsOf(entity).includes("bullet")) {
    if (!world.has(entity, scripts.tag("bullet"))) world.despawn(entity);
  }
}

function carriersOf({ world, scripts }: Rig): Entity[] {
  const carriers = world.query([scripts.tag("bullet")]);
  const indices = carriers.entities().filter((index) => carriers.has(index));
  return indices.map((index) => world.handleOf(index));
}

/** The game's own messages: most actors get one or two, some many; as many as are let in. */
function post(made: Rig, seed: number): void {
  const next = numbersFrom(seed);
  const { scripts } = made;
  const kinds = [
    (to: Entity) => scripts.send(to, Hit, { damage: next(100), from: to }),
    (to: Entity) => scripts.send(to, Every, { u32: 2 ** 32 - 1 - next(9), f64: 0.1, f32: 0.1 }),
    (to: Entity) => scripts.send(to, Ping),
  ];
  try {
    for (const entity of carriersOf(made)) {
      for (let left = next(4) === 0 ? next(9) : next(3); left > 0; left--) kinds[next(3)]?.(entity);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

function populate(made: Rig, seed: number, bystanders: number): void {
  const { world, scripts } = made;
  const next = numbersFrom(seed);
  const entities: Entity[] = [];
  const crowd = Array.from({ length: bystanders }, () => world.spawn(Rock));
  const count = 1 + next(40);
  for (let n = 0; n < count; n++) {
    // Some lack what the script uses, some have nothing to do with it, and some indices were used before.
    const kind = next(12);
    if (kind === 0) entities.push(world.spawn(Rock));
    const all = [Position, Trace, Kinds, Velocity] as const;
    const parts = kind === 1 ? all.slice(0, 3) : kind === 4 ? [Position, Trace] : all;
    const entity = world.spawn(undefined, ...parts);
    entities.push(entity);
    if (kind !== 2) scripts.attach(entity, "bullet");
    if (kind === 3) world.despawn(entities.splice(next(entities.length), 1)[0] as Entity);
    if (kind > 8 && crowd.length > 0)
      world.despawn(crowd.splice(next(crowd.length), 1)[0] as Entity);
    if (kind === 5) world.add(entity, Frozen);
  }
  entities.push(...crowd.slice(0, 5));
  const kinds = world.columns(Kinds);
  const position = world.columns(Position);
  for (const entity of entities) {
    const index = world.indexOf(entity);
    position.x[index] = next(1000) / 8;
    position.y[index] = next(1000) / 16;
    kinds.u32[index] = next(1 << 20);
    kinds.target[index] = entities[next(entities.length)] as Entity;
    kinds.i32[index] = entities[next(entities.length)] as Entity;
  }
}
