const bodies = Array.from({ length: 5 }, (_, i) => ({ mass: 1 / (i * 1.3 + 1) }));

function advance(dt) {
  for (let i = 0; i < 5; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < 5; j++) {
      const b = bodies[j];
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
  for (const a of bodies) {
    a.x += a.vx * dt;
    a.y += a.vy * dt;
    a.z += a.vz * dt;
  }
}

export function run() {
  for (let i = 0; i < 5; i++) {
    const a = bodies[i];
    const s = i * 1.3;
    a.x = s * 2 + 1;
    a.y = 3 - s;
    a.z = s * 0.5;
    a.vx = 0.1 * s;
    a.vy = 0.2 - 0.05 * s;
    a.vz = 0.01;
  }
  for (let i = 0; i < 6_000; i++) advance(0.001);
  return (bodies[0].x * 1e6) | 0;
}
