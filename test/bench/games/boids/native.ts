import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import { Boid, height, Position, sight, Velocity, width } from "./components.ts";
import { FlockGrid } from "./flock-grid.ts";

const personal = 36;
const slowest = 40;
const fastest = 90;
const margin = 30;

export function nativeBoids(world: NativeWorld): Frame {
  const { x: xs, y: ys } = world.columns(Position);
  const { x: vxs, y: vys } = world.columns(Velocity);
  const grid = new FlockGrid(width, height, sight, xs.length);
  return () => {
    const boids = world.query([Boid, Position, Velocity]);
    grid.build(boids, xs, ys);
    for (let i = 0; i < boids.length; i++) fly(boids[i] as number);
  };

  function fly(self: number): void {
    const x = xs[self] as number;
    const y = ys[self] as number;
    let vx = vxs[self] as number;
    let vy = vys[self] as number;
    let near = 0;
    let toX = 0;
    let toY = 0;
    let awayX = 0;
    let awayY = 0;
    let headX = 0;
    let headY = 0;
    const left = grid.columnOf(x - sight);
    const right = grid.columnOf(x + sight);
    const bottom = grid.rowOf(y + sight);
    for (let row = grid.rowOf(y - sight); row <= bottom; row++) {
      const end = grid.starts[row * grid.columns + right + 1] as number;
      for (let at = grid.starts[row * grid.columns + left] as number; at < end; at++) {
        const farX = (grid.xs[at] as number) - x;
        const farY = (grid.ys[at] as number) - y;
        const other = grid.ids[at] as number;
        if (farX * farX + farY * farY > sight * sight || other === self) continue;
        const dx = (xs[other] as number) - x;
        const dy = (ys[other] as number) - y;
        near++;
        toX += dx;
        toY += dy;
        headX += vxs[other] as number;
        headY += vys[other] as number;
        const square = dx * dx + dy * dy;
        if (square < personal * personal) {
          const push = 1 - square / (personal * personal);
          awayX -= dx * push;
          awayY -= dy * push;
        }
      }
    }
    if (near > 0) {
      vx += (toX / near) * 0.001 + (headX / near - vx) * 0.02 + awayX * 0.12;
      vy += (toY / near) * 0.001 + (headY / near - vy) * 0.02 + awayY * 0.12;
    }
    if (x < margin) vx += 4;
    if (x > width - margin) vx -= 4;
    if (y < margin) vy += 4;
    if (y > height - margin) vy -= 4;
    const speed = Math.sqrt(vx * vx + vy * vy);
    if (speed > fastest) {
      vx *= fastest / speed;
      vy *= fastest / speed;
    } else if (speed < slowest && speed > 0) {
      vx *= slowest / speed;
      vy *= slowest / speed;
    }
    vxs[self] = vx;
    vys[self] = vy;
    xs[self] = x + vx * delta;
    ys[self] = y + vy * delta;
  }
}
