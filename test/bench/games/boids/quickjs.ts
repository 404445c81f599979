import type { Dice } from "../dice.ts";
import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import type { QuickJsHost } from "../quickjs-host.ts";
import { Boid, height, Position, sight, Velocity, width } from "./components.ts";
import { FlockGrid } from "./flock-grid.ts";

const source = `
const sight = 40, personal = 36, slowest = 40, fastest = 90, margin = 30, width = 920, height = 780;
export function onUpdate(self) {
  const x = get_Position_x(self);
  const y = get_Position_y(self);
  let vx = get_Velocity_x(self);
  let vy = get_Velocity_y(self);
  const near = within(self, sight);
  if (near > 0) {
    let toX = 0, toY = 0, awayX = 0, awayY = 0, headX = 0, headY = 0;
    for (let i = 0; i < near; i++) {
      const other = found(i);
      const dx = get_Position_x(other) - x;
      const dy = get_Position_y(other) - y;
      toX += dx;
      toY += dy;
      headX += get_Velocity_x(other);
      headY += get_Velocity_y(other);
      const square = dx * dx + dy * dy;
      if (square < personal * personal) {
        const push = 1 - square / (personal * personal);
        awayX -= dx * push;
        awayY -= dy * push;
      }
    }
    vx += toX / near * 0.001 + (headX / near - vx) * 0.02 + awayX * 0.12;
    vy += toY / near * 0.001 + (headY / near - vy) * 0.02 + awayY * 0.12;
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
  set_Velocity_x(self, vx);
  set_Velocity_y(self, vy);
  set_Position_x(self, x + vx * delta());
  set_Position_y(self, y + vy * delta());
}`;

export function quickJsBoids(world: NativeWorld, _dice: Dice, host: QuickJsHost): Frame {
  const { x, y } = world.columns(Position);
  const grid = new FlockGrid(width, height, sight, x.length);
  const found: number[] = [];
  host.define("delta", () => delta);
  host.define("found", (n) => found[n] as number);
  host.define("within", (self, radius) => {
    const [fromX, fromY] = [x[self] as number, y[self] as number];
    found.length = 0;
    const right = grid.columnOf(fromX + radius);
    const bottom = grid.rowOf(fromY + radius);
    for (let row = grid.rowOf(fromY - radius); row <= bottom; row++) {
      const first = row * grid.columns;
      const end = grid.starts[first + right + 1] as number;
      let at = grid.starts[first + grid.columnOf(fromX - radius)] as number;
      for (; at < end; at++) {
        const dx = (grid.xs[at] as number) - fromX;
        const dy = (grid.ys[at] as number) - fromY;
        const id = grid.ids[at] as number;
        if (dx * dx + dy * dy <= radius * radius && id !== self) found.push(id);
      }
    }
    return found.length;
  });
  const onUpdate = host.load(source)("onUpdate");
  return () => {
    const boids = world.query([Boid, Position, Velocity]);
    grid.build(boids, x, y);
    for (const boid of boids) onUpdate(boid);
  };
}
