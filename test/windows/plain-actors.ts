import type { ScriptBinary } from "../../scripting/compile/source.ts";
import { binary } from "../host/fixture.ts";

/**
 * What the seeds in its columns tell an entity to do, to itself only but for what it asks the host for: so it has both a
 * window of rows in order and one by index.
 */
const acts = `
function step(s: u32): u32 { return s * 1664525 + 1013904223; }
function endless(): void { while (true) {} }
function drift(e: Entity, to: f32): void { Position.x[e] = to; Velocity.y[e] = to * 2; }
@inline function act(self: Entity, seed: u32, count: u32): void {
  let s = step(seed);
  const other = Kinds.target[self];
  for (let left = count; left > 0; left--) {
    s = step(s);
    const q = s >> 20;
    switch ((s >> 8) % 26) {
      case 0: Position.x[self] += Velocity.x[self] * Time.delta; break;
      case 1: drift(self, Position.x[self] - 0.5); break;
      case 2: Kinds.u8[self] = q & 255; Kinds.i8[self] = <i32>(q & 255) - 128; break;
      case 3: Kinds.i16[self] -= 1; Kinds.u16[self] = Kinds.u8[self] * 100; break;
      case 4: Kinds.f64[self] = Kinds.f64[self] / 3 + <f64>Position.x[self]; break;
      case 5: Kinds.f32[self] = <f32>Random.next(); break;
      case 6: mood[self] = mood[self] / 2 + Position.x[self]; break;
      case 7: { const rock = Prefab.Rock.spawn(); Trace.value[rock] = <f64>Position.y[self]; break; }
      case 8: { const more = Prefab.Bullet.spawn(); Trace.value[more] = 3; if (q & 1) Frozen.add(more); break; }
      case 9: if (isAlive(other)) { if (Frozen.has(other)) Frozen.remove(other); else Frozen.add(other); } break;
      case 10: if (isAlive(other) && (q & 3) == 0) despawn(other); break;
      case 11: if ((q & 7) == 0) despawn(self); break;
      case 12: if ((q & 15) == 0) Velocity.remove(self); break;
      case 13: if (isAlive(other)) { Trace.add(other); Trace.value[other] = <f64>q; } break;
      case 14: Kinds.u32[self] ^= s; Kinds.i32[self] += <i32>Position.within(self, 20); break;
      case 15: if (isAlive(other)) tell(other); break;
      default:
        if (s % 97 > 12) break;
        switch (q % 8) {
          case 0: endless(); break;
          case 1: unreachable(); break;
          case 2: throw new Error("enough");
          case 3: Position.x[self] = f32.NaN; break;
          case 4: Kinds.u8[self] = 300; break;
          case 5: Trace.value[12345] = 1; break;
          case 6: mood[self] = f32.NaN; break;
          default: Kinds.f64[self] = f64.POSITIVE_INFINITY; break;
        }
    }
  }
}
export function onUpdate(self: Entity): void {
  KEEP
  Position.y[self] += 1;
  const s = step(Kinds.u32[self] ^ (Time.frame * 0x9e3779b1));
  act(self, s, (s >> 12) % 9);
}
export function onFixedUpdate(self: Entity): void {
  KEEP
  Position.y[self] += Velocity.y[self] * Time.fixedDelta;
  act(self, step(Kinds.u32[self] ^ <u32>Position.y[self]), 3);
}
export function onMessage(self: Entity): void {
  KEEP
  Kinds.f32[self] = Kinds.f32[self] / 2 + 1;
  act(self, step(Kinds.u32[self] ^ <u32>Kinds.f32[self]), 2);
}`;

const begins = `
const mood = field.f32("mood", 1);
const friend = field.entity("friend");
`;
const tells = '@external("game", "tell") declare function tell(e: i32): void;';

/** `globals`: it counts its calls, which is undone, and nothing comes of it. `asks`: a function of the game's does what isn't undone. */
export type PlainKeeps = "nothing" | "globals" | "asks";

/** A script for {@link runTableActors}. */
export function plainActors(keeps: PlainKeeps): Promise<ScriptBinary> {
  const calls = keeps === "globals" ? "let calls: i32 = 0;" : "";
  const tell = keeps === "asks" ? tells : "function tell(e: Entity): void {}";
  const keep = keeps === "globals" ? "calls++;" : "";
  return binary("bullet", `${begins}${calls}${tell}${acts}`.replaceAll("KEEP", keep));
}
