// Shots of the turret and bolts of the enemies: straight on until they hit or leave the arena.
import { despawn, Entity, Random, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import { Bullet, Collider, Heading, Position, Velocity } from "./components";
import { spark } from "./effects";
import { TAU } from "./maths";

const SPARKS_ON_HIT = 2;

export function onUpdate(self: Entity): void {
  const x = Position.x[self] + Velocity.x[self] * Time.delta;
  const y = Position.y[self] + Velocity.y[self] * Time.delta;
  Position.x[self] = x;
  Position.y[self] = y;

  const outside = Mathf.abs(x) > ARENA_HALF_WIDTH || Mathf.abs(y) > ARENA_HALF_HEIGHT;
  if (Collider.other[self] == 0 && !outside) return;

  const back = Heading.angle[self] + TAU / 2;
  for (let i = 0; i < SPARKS_ON_HIT; i++) {
    spark(x, y, back + Random.range(-0.9, 0.9), Random.range(60, 220), 0.3, Bullet.tint[self]);
  }
  despawn(self);
}
