// Dust between the stars: drifts on a slow current, twinkles, and comes back on the other side.
import { Entity, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH, OUTSKIRTS } from "./arena";
import { Mote, Position, Sprite } from "./components";

const CURRENT: f32 = 26; // world units a second, for the nearest dust
const SWIRL: f32 = 0.009; // radians a world unit; larger means smaller whirls
const TWINKLE: f32 = 1.7; // radians a second

const EDGE_X: f32 = ARENA_HALF_WIDTH + OUTSKIRTS;
const EDGE_Y: f32 = ARENA_HALF_HEIGHT + OUTSKIRTS;

export function onUpdate(self: Entity): void {
  const now = <f32>Time.elapsed;
  const x = Position.x[self];
  const y = Position.y[self];
  const depth = Mote.depth[self];
  const step = CURRENT * depth * Time.delta;

  Position.x[self] = wrap(x + step * (0.6 + Mathf.sin(y * SWIRL + now * 0.13)), EDGE_X);
  Position.y[self] = wrap(y + step * Mathf.cos(x * SWIRL - now * 0.17), EDGE_Y);
  Sprite.alpha[self] = depth * (0.55 + 0.45 * Mathf.sin(now * TWINKLE + Mote.phase[self]));
}

function wrap(value: f32, edge: f32): f32 {
  if (value > edge) return value - 2 * edge;
  if (value < -edge) return value + 2 * edge;
  return value;
}
