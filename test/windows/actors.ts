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

/**
 * A script whose entities do what the seeds in their columns say: they read and write themselves and others, ask for
 * changes of the world, send messages, keep things in memory, and every now and then do something that stops them.
 */
const actions = `
const mood = field.f32("mood", 1);
const visits = field.u8("visits");
const friend = field.entity("friend");
const nap = field.timer("nap");
let calls: i32 = 0;
const seen: i32[] = [];
let s: u32 = 0;
function next(n: u32): u32 {
  s = s * 1664525 + 1013904223;
  return (s >> 8) % n;
}
function endless(): void { while (true) {} }
function deep(n: i32): i32 { return n < 0 ? 0 : deep(n + 1) * 3 + 1; }
function push(e: Entity, by: f32): void { Position.x[e] += by; Velocity.y[e] = Position.x[e]; }

export function onStart(self: Entity): void { Trace.starts[self] += 1; }
export function onUpdate(self: Entity): void {
  if (Trace.reloads[self] != 0) return; // it is told to sit this one out
  calls++;
  Trace.updates[self] += 1;
  s = Kinds.u32[self] ^ (Time.frame * 0x9e3779b1);
  act(self, next(10));
}
function act(self: Entity, count: i32): void {
  const other = Kinds.target[self];
  for (let i = count; i > 0; i--) {
    switch (next(40)) {
      case 0: Position.x[self] += Velocity.x[self] * Time.delta; break;
      case 1: Position.y[self] = Position.x[self] - Position.y[self]; break;
      case 2: if (isAlive(other)) push(other, 1.5); break;
      case 3: push(self, -0.5); break;
      case 4: Kinds.u8[self] = <i32>next(256); break;
      case 5: Kinds.i8[self] = <i32>next(256) - 128; break;
      case 6: Kinds.i16[self] -= 1; break;
      case 7: Kinds.u16[self] = Kinds.u8[self] * 100; break;
      case 8: Kinds.f64[self] = Kinds.f64[self] / 3 + <f64>Position.x[self]; break;
      case 9: if (isAlive(other)) Kinds.f64[self] += Kinds.f64[other] + <f64>Kinds.u8[other]; break;
      case 10: Kinds.target[self] = isAlive(other) ? other : self; break;
      case 11: Kinds.i32[self] = calls; break;
      case 12: seen.push(self); Kinds.i32[self] = seen.length; break;
      case 13: Kinds.f32[self] = <f32>Random.next(); break;
      case 14: { const rock = Prefab.Rock.spawn(); Position.x[rock] = Position.y[self]; break; }
      case 15: if (next(4) == 0 && isAlive(other)) despawn(other); break;
      case 16: Frozen.add(self); break;
      case 17: if (Frozen.has(self)) Frozen.remove(self); break;
      case 18: Kinds.target[self] = isAlive(other) ? other : noEntity; break;
      case 19: if (isAlive(other) && Kinds.has(other)) Kinds.u8[other] = 7; break;
      case 20: Kinds.u32[self] = Kinds.u32[self] + 1; break;
      case 21: if (isAlive(other)) Hit.send(other, Position.x[self], self); break;
      case 22: Hit.send(self, Position.y[self], Kinds.target[self]); break;
      case 23: if (isAlive(other)) Ping.send(other); break;
      case 24: if (isAlive(other)) Every.send(other, Position.x[self], 0.1, -3, 200, -300, 40000, i32.MIN_VALUE, s, self); break;
      case 25: Ping.send(self); Ping.send(self); break;
      case 26: mood[self] = mood[self] / 2 + Position.x[self]; break;
      case 27: if (isAlive(other) && Velocity.has(other)) { mood[other] += 0.25; Position.y[self] = mood[other]; } break;
      case 28: visits[self] = (visits[self] + 1) & 255; break;
      case 29: friend[self] = isAlive(other) ? other : noEntity; break;
      case 30: if (friend[self] == self) visits[self] = 0; break;
      case 32: {
        const near = Velocity.within(self, 30);
        for (let n = 0; n < near && n < 12; n++) {
          const one = found(n);
          Position.y[self] += Position.x[one] - Velocity.x[one];
          if (next(4) == 0) { Position.x[one] += 1; Kinds.f64[self] += Position.x[one] + Velocity.y[one]; }
          if (next(8) == 0 && Kinds.has(one)) Kinds.i32[self] = Kinds.u8[one] + Kinds.i8[one];
          if (next(8) == 0) { const back = found(0); Kinds.f32[self] = Position.y[back] + Position.y[one]; }
        }
        if (next(16) == 0) Kinds.i32[self] = found(near);
        break;
      }
      case 33: {
        const next_ = Position.nearest(self, 50);
        if (next_ != noEntity) { Position.y[self] = Position.y[next_]; if (Velocity.has(next_)) Velocity.x[self] = Velocity.x[next_] + Position.x[next_]; }
        break;
      }
      case 34: if (isAlive(other) && Velocity.has(other)) { Velocity.x[other] = Velocity.x[other] + Velocity.y[other]; Velocity.y[self] = Velocity.x[other]; mood[self] += mood[self]; } break;
      case 31: if (nap.every(self, 1)) mood[self] = <f32>nap.left(self); break;
      default:
        if (next(5) > 0) break;
        switch (next(14)) {
          case 0: endless(); break;
          case 1: unreachable(); break;
          case 2: throw new Error("enough");
          case 3: if (next(2) == 0) Position.x[self] = f32.NaN; else mood[self] = f32.NaN; break;
          case 4: Kinds.u8[self] = 300; break;
          case 5: Kinds.i32[self] = deep(0); break;
          case 6: Position.x[12345] = 1; break;
          case 7: Hit.send(12345, 1, self); break;
          case 8: Hit.send(self, 1, 12345); break;
          case 9: Kinds.target[self] = 12345; break;
          case 10: friend[self] = 12345; break;
          case 11: for (let n = 0; n < 70; n++) Ping.send(self); break;
          case 12: Every.send(self, f32.NaN, 0.1, -3, 200, -300, 40000, 1, s, self); break;
          default: Kinds.i32[self] = seen[seen.length]; break;
        }
    }
  }
}
`;

/** Handles messages like an update, faults included. */
const boldListener = `
// Called twice, so that it isn't inlined.
function hurt(): f32 { return Hit.is ? Hit.damage : 0; }
export function onMessage(self: Entity): void {
  calls++;
  Trace.loads[self] += 1;
  s = Kinds.u32[self] ^ (Time.frame * 0x85ebca6b);
  if (Hit.is) {
    s ^= <u32>Hit.damage; Kinds.f32[self] = Hit.damage + hurt();
    if (isAlive(Hit.from)) Kinds.target[self] = Hit.from;
  } else if (Every.is) {
    s += Every.u32 + Every.u8 + Every.i8 + Every.i16 + Every.u16 + Every.i32;
    Kinds.f64[self] = Every.f64 + <f64>Every.f32;
    if (next(3) == 0) Kinds.target[self] = Every.target;
    Kinds.f32[self] = hurt();
  } else if (next(20) == 0) Kinds.f32[self] = Hit.damage; // there is none
  act(self, next(4));
}`;

/** Does in fixed steps what others do in updates. */
const steps = `
export function onFixedUpdate(self: Entity): void {
  calls++;
  Trace.ends[self] += 1;
  Position.y[self] += Velocity.y[self] * Time.fixedDelta;
  s = Kinds.u32[self] ^ <u32>Kinds.i32[self] ^ (<u32>Trace.ends[self] * 0xc2b2ae35);
  act(self, next(4));
}`;

/** Handles messages in ways that nothing stops. */
const meekListener = `
export function onMessage(self: Entity): void {
  if (!Kinds.has(self)) return;
  calls++; seen.push(self);
  Kinds.i16[self] = <i16>(calls + seen.length);
  if (Hit.is && isAlive(Hit.from)) { Kinds.f32[self] = Hit.damage; Ping.send(Hit.from); }
  if (Every.is) Kinds.u8[self] = Every.u8;
}`;

/** A script that keeps nothing in its own memory from call to call, so that nothing shows when it loses that. */
export function forgetfulActors(): Promise<ScriptBinary> {
  return binary(
    "actor",
    (actions + steps + boldListener).replaceAll("  calls++;\n", "  calls = 1; seen.length = 0;\n"),
  );
}

/** One that keeps things, and is stopped in updates only. */
export function mindfulActors(): Promise<ScriptBinary> {
  return binary("actor", actions + meekListener);
}

/** Numbers in a fixed order that a seed gives. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** What a run has come to, frame by frame. */
export interface Recording {
  readonly hashes: readonly string[];
  /** Of each fault: frame, entity, hook, kind, place. In order, but that those of a frame are sorted. */
  readonly faults: readonly string[];
  /** By frame, whose updates were stopped. */
  readonly stopped: readonly (readonly number[])[];
  /** Messages that were delivered. */
  readonly messages: number;
  /** Times that the host was called. */
  readonly hostCalls: number;
}

/** What is the same whichever way calls are made. */
export function outcomeOf({ hashes, faults, messages }: Recording): Partial<Recording> {
  return { hashes, faults, messages };
}

/**
 * A world of actors that a seed makes, run for some frames.
 * @param sitOut by frame, the entities that are to do nothing in it.
 * @param query of those that updates are for; a third of the actors then are frozen or thawed before every frame.
 */
export async function runActors(
  script: ScriptBinary,
  seed: number,
  options: Partial<ScriptSystemOptions>,
  sitOut: readonly (readonly number[])[] = [],
  query?: QueryDefinition,
): Promise<Recording> {
  const made = rig({ limits: { fuelPerCall }, seed, ...options }, 128);
  await made.scripts.load(script, query && { query });
  populate(made, seed);
  const hashes: string[] = [];
  const faults: string[] = [];
  const stopped: number[][] = [];
  const flags = made.world.columns(Trace).reloads;
  for (let frame = 0; frame < frames; frame++) {
    const known = made.of("fault").length;
    const idle = (sitOut[frame] ?? []).map((entity) => made.world.indexOf(entity));
    for (const index of idle) flags[index] = 1;
    if (query !== undefined) freeze(made, seed + frame);
    post(made, seed + frame);
    made.frames(1, frame % 3);
    for (const index of idle) flags[index] = 0;
    hashes.push(`${made.world.hash()} ${fieldsOf(made)}`);
    const raised = made.of("fault").slice(known);
    stopped.push(raised.map(({ entity }) => entity));
    // What is refused in a window is noticed when that is closed.
    const places = raised.map(({ entity, hook, fault }) => {
      const { line, column } = fault.location ?? {};
      return `${frame} ${entity} ${hook} ${fault.kind} ${line}:${column}`;
    });
    faults.push(...places.sort());
  }
  const { messages } = made.scripts.totals();
  const hostCalls = made.scripts.stats()[0]?.hostCalls ?? 0;
  made.scripts.dispose();
  return { hashes, faults, stopped, messages, hostCalls };
}

/** Freezes actors, and thaws others. */
export function freeze({ world, scripts }: Rig, seed: number): void {
  const next = numbersFrom(seed * 31);
  const actors = world.query([scripts.tag("actor")]);
  for (const index of actors.entities().filter((index) => actors.has(index))) {
    const entity = world.handleOf(index);
    if (next(3) > 0) continue;
    if (!world.remove(entity, Frozen)) world.add(entity, Frozen);
  }
}

/** Sends the game's own messages: most actors get one, some two or none. */
function post({ world, scripts }: Rig, seed: number): void {
  const next = numbersFrom(seed);
  const actors = world.query([scripts.tag("actor")]);
  const all = actors.entities().filter((index) => actors.has(index));
  for (const index of [...all, ...all.slice(0, 5)]) {
    const entity = world.handleOf(index);
    switch (next(5)) {
      case 0:
      case 1:
        scripts.send(entity, Hit, { damage: next(100), from: entity });
        break;
      case 2:
        scripts.send(entity, Every, { u32: 2 ** 32 - 1 - next(9), f64: 0.1 });
        break;
      case 3:
        scripts.send(entity, Ping);
    }
  }
}

const frames = 4;
/** Enough for every call that comes to an end, on windows or by call, where accesses cost more. */
const fuelPerCall = 200_000;

/** What the script's fields hold, in the order of its entities. */
function fieldsOf({ scripts, world }: Rig): string {
  const names = scripts.fields.of("actor").map(({ name }) => name);
  const carriers = world.query([scripts.tag("actor")]).entities();
  return [...carriers]
    .map((index) => world.handleOf(index))
    .filter((entity) => world.isAlive(entity) && scripts.scriptsOf(entity).includes("actor"))
    .map((entity) => names.map((name) => scripts.fields.get(entity, "actor", name)).join())
    .join(" ");
}

export function populate(made: Rig, seed: number): void {
  const { world, scripts } = made;
  const next = numbersFrom(seed);
  const entities: Entity[] = [];
  const count = 1 + next(40);
  for (let n = 0; n < count; n++) {
    // Some lack what the script uses, some have nothing to do with it, and some indices lie idle.
    const kind = next(12);
    if (kind === 0) entities.push(world.spawn(Rock));
    const entity =
      kind === 1
        ? world.spawn(undefined, Position, Trace)
        : world.spawn(undefined, Position, Trace, Kinds, Velocity);
    entities.push(entity);
    if (kind !== 2) scripts.attach(entity, "actor");
    if (kind === 3) world.despawn(entities[next(entities.length)] as Entity);
    if (kind === 3)
      entities.splice(0, entities.length, ...entities.filter((e) => world.isAlive(e)));
  }
  const kinds = world.columns(Kinds);
  const position = world.columns(Position);
  for (const entity of entities) {
    const index = world.indexOf(entity);
    position.x[index] = next(1000) / 8;
    position.y[index] = next(1000) / 16;
    kinds.u32[index] = next(1 << 20);
    kinds.target[index] = entities[next(entities.length)] as Entity;
  }
}
