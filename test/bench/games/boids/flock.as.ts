import { Entity, found, length, Time } from "fusewire/sdk";
import { Boid, Position, Velocity } from "./components";

const sight: f32 = 40;
const personal: f32 = 36;
const slowest: f32 = 40;
const fastest: f32 = 90;
const margin: f32 = 30;
const width: f32 = 920;
const height: f32 = 780;

// Keeps apart from others, flies where they fly, stays with them, and turns at the borders.
export function onUpdate(self: Entity): void {
  const x = Position.x[self];
  const y = Position.y[self];
  let vx = Velocity.x[self];
  let vy = Velocity.y[self];
  const near = Boid.within(self, sight);
  if (near > 0) {
    let toX: f32 = 0;
    let toY: f32 = 0;
    let awayX: f32 = 0;
    let awayY: f32 = 0;
    let headX: f32 = 0;
    let headY: f32 = 0;
    for (let i = 0; i < near; i++) {
      const other = found(i);
      const dx = Position.x[other] - x;
      const dy = Position.y[other] - y;
      toX += dx;
      toY += dy;
      headX += Velocity.x[other];
      headY += Velocity.y[other];
      const square = dx * dx + dy * dy;
      if (square < personal * personal) {
        const push: f32 = 1 - square / (personal * personal);
        awayX -= dx * push;
        awayY -= dy * push;
      }
    }
    const share: f32 = 1 / (near as f32);
    vx += toX * share * 0.001 + (headX * share - vx) * 0.02 + awayX * 0.12;
    vy += toY * share * 0.001 + (headY * share - vy) * 0.02 + awayY * 0.12;
  }
  if (x < margin) vx += 4;
  if (x > width - margin) vx -= 4;
  if (y < margin) vy += 4;
  if (y > height - margin) vy -= 4;
  const speed = length(vx, vy);
  if (speed > fastest) {
    vx *= fastest / speed;
    vy *= fastest / speed;
  } else if (speed < slowest && speed > 0) {
    vx *= slowest / speed;
    vy *= slowest / speed;
  }
  Velocity.x[self] = vx;
  Velocity.y[self] = vy;
  Position.x[self] = x + vx * Time.delta;
  Position.y[self] = y + vy * Time.delta;
}
