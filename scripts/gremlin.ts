// What all gremlins do before their own idea strikes: drift about and wobble.
import { Entity, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import { Gremlin, Heading, Position, Velocity } from "./components";

const PATIENCE: f32 = 0.9; // seconds

/** Drifts; true once the gremlin is fed up with drifting. */
export function fedUp(self: Entity): bool {
  const dt = Time.delta;
  const age = Gremlin.age[self] + dt;
  Gremlin.age[self] = age;
  const x = Position.x[self];
  const y = Position.y[self];
  if (Mathf.abs(x) > ARENA_HALF_WIDTH - 60) Velocity.x[self] = -Velocity.x[self];
  if (Mathf.abs(y) > ARENA_HALF_HEIGHT - 60) Velocity.y[self] = -Velocity.y[self];
  Position.x[self] = x + Velocity.x[self] * dt;
  Position.y[self] = y + Velocity.y[self] * dt;
  Heading.angle[self] = 0.35 * Mathf.sin(age * 9);
  return age > PATIENCE;
}
