// Objects behind array bounds checks: a game's steering code.
class Boid {
  x: f32 = 0;
  y: f32 = 0;
  vx: f32 = 0;
  vy: f32 = 0;
}

const count = 220;
const boids: Boid[] = [];
for (let i = 0; i < count; i++) {
  const b = new Boid();
  b.x = <f32>((i * 37) % 400);
  b.y = <f32>((i * 91) % 300);
  b.vx = <f32>(i % 5) - 2;
  b.vy = <f32>(i % 7) - 3;
  boids.push(b);
}

export function run(): i32 {
  for (let i = 0; i < boids.length; i++) {
    const self = boids[i];
    let near = 0;
    let ax: f32 = 0;
    let ay: f32 = 0;
    for (let j = 0; j < boids.length; j++) {
      if (i == j) continue;
      const other = boids[j];
      const dx = other.x - self.x;
      const dy = other.y - self.y;
      const d = dx * dx + dy * dy;
      if (d > 2500) continue;
      near++;
      ax += other.vx - dx / (d + 1);
      ay += other.vy - dy / (d + 1);
    }
    if (near > 0) {
      self.vx += (ax / <f32>near) * 0.05;
      self.vy += (ay / <f32>near) * 0.05;
    }
    self.x += self.vx * 0.016;
    self.y += self.vy * 0.016;
  }
  return <i32>(boids[7].x * 1000);
}
