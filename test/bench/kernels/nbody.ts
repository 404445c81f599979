// Floating point over objects: five bodies that attract each other.
class Body {
  constructor(
    public x: f64, public y: f64, public z: f64,
    public vx: f64, public vy: f64, public vz: f64,
    public mass: f64,
  ) {}
}

const bodies = new StaticArray<Body>(5);
for (let i = 0; i < 5; i++) {
  const a: f64 = <f64>i * 1.3;
  bodies[i] = new Body(a * 2.0 + 1.0, 3.0 - a, a * 0.5, 0.1 * a, 0.2 - 0.05 * a, 0.01, 1.0 / (a + 1.0));
}

function advance(dt: f64): void {
  for (let i = 0; i < 5; i++) {
    const a = unchecked(bodies[i]);
    for (let j = i + 1; j < 5; j++) {
      const b = unchecked(bodies[j]);
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const d2 = dx * dx + dy * dy + dz * dz + 0.01;
      const mag = dt / (d2 * Math.sqrt(d2));
      a.vx -= dx * b.mass * mag;
      a.vy -= dy * b.mass * mag;
      a.vz -= dz * b.mass * mag;
      b.vx += dx * a.mass * mag;
      b.vy += dy * a.mass * mag;
      b.vz += dz * a.mass * mag;
    }
  }
  for (let i = 0; i < 5; i++) {
    const a = unchecked(bodies[i]);
    a.x += a.vx * dt;
    a.y += a.vy * dt;
    a.z += a.vz * dt;
  }
}

export function run(): i32 {
  // From the same place each time.
  for (let i = 0; i < 5; i++) {
    const a = unchecked(bodies[i]);
    const s: f64 = <f64>i * 1.3;
    a.x = s * 2.0 + 1.0; a.y = 3.0 - s; a.z = s * 0.5;
    a.vx = 0.1 * s; a.vy = 0.2 - 0.05 * s; a.vz = 0.01;
  }
  for (let i = 0; i < 6_000; i++) advance(0.001);
  return <i32>(bodies[0].x * 1e6);
}
