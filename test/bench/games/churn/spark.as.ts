import { despawn, Entity, Time } from "fusewire/sdk";
import { Life, Position, Velocity } from "./components";

const gravity: f32 = 90;

// Falls, and goes out.
export function onUpdate(self: Entity): void {
  Velocity.y[self] += gravity * Time.delta;
  Position.x[self] += Velocity.x[self] * Time.delta;
  Position.y[self] += Velocity.y[self] * Time.delta;
  Life.frames[self] -= 1;
  if (Life.frames[self] == 0) despawn(self);
}
