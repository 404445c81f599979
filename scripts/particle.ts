// Sparks, shockwaves and flashes: they slow down, change size, fade, and are gone.
import { despawn, Entity, Time } from "fusewire/sdk";
import { Lifetime, Particle, Position, Sprite, Velocity } from "./components";

export function onUpdate(self: Entity): void {
  const dt = Time.delta;
  const age = Lifetime.age[self] + dt;
  const left: f32 = 1 - age / Lifetime.span[self];
  if (left <= 0) {
    despawn(self);
    return;
  }
  Lifetime.age[self] = age;

  const kept = Mathf.max(0, 1 - Particle.drag[self] * dt);
  const vx = Velocity.x[self] * kept;
  const vy = Velocity.y[self] * kept;
  Velocity.x[self] = vx;
  Velocity.y[self] = vy;
  Position.x[self] += vx * dt;
  Position.y[self] += vy * dt;

  Sprite.size[self] = Mathf.max(0, Sprite.size[self] + Particle.growth[self] * dt);
  Sprite.alpha[self] = Particle.glow[self] * left * left;
}
