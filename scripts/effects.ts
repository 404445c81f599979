import { Entity, Random } from "fusewire/sdk";
import { Heading, Lifetime, Particle, Position, Prefab, Sprite, Velocity } from "./components";
import { GLYPH_FLARE } from "./glyphs";
import { TAU } from "./maths";

/** Throws `count` sparks out of a point, in every direction. */
export function burst(x: f32, y: f32, count: i32, speed: f32, tint: u32): void {
  for (let i = 0; i < count; i++) {
    spark(x, y, Random.range(0, TAU), Random.range(0.25, 1) * speed, Random.range(0.35, 0.9), tint);
  }
}

/** One spark, flying in the direction `angle`. */
export function spark(x: f32, y: f32, angle: f32, speed: f32, seconds: f32, tint: u32): Entity {
  const it = Prefab.Spark.spawn();
  Position.x[it] = x;
  Position.y[it] = y;
  Velocity.x[it] = Mathf.cos(angle) * speed;
  Velocity.y[it] = Mathf.sin(angle) * speed;
  Heading.angle[it] = angle;
  Lifetime.span[it] = seconds;
  Sprite.tint[it] = tint;
  return it;
}

/** A ring that widens from a point until it has faded. */
export function shockwave(x: f32, y: f32, speed: f32, seconds: f32, tint: u32): void {
  const it = Prefab.Shockwave.spawn();
  Position.x[it] = x;
  Position.y[it] = y;
  Particle.growth[it] = speed;
  Lifetime.span[it] = seconds;
  Sprite.tint[it] = tint;
}

/** A flash of light that is gone at once. */
export function flare(x: f32, y: f32, size: f32, tint: u32): void {
  const it = Prefab.Shockwave.spawn();
  Position.x[it] = x;
  Position.y[it] = y;
  Particle.growth[it] = -size;
  Lifetime.span[it] = 0.28;
  Sprite.glyph[it] = GLYPH_FLARE;
  Sprite.size[it] = size;
  Sprite.tint[it] = tint;
}
