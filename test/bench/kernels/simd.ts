// Vectors of four floats: what a physics step does to positions and velocities.
const count = 8_192;
const x = new StaticArray<f32>(count);
const v = new StaticArray<f32>(count);

export function run(): i32 {
  for (let i = 0; i < count; i++) {
    unchecked((x[i] = <f32>(i & 255)));
    unchecked((v[i] = <f32>((i * 7) & 63) - 31));
  }
  const dt = f32x4.splat(0.016);
  const drag = f32x4.splat(0.99);
  const low = f32x4.splat(0);
  const high = f32x4.splat(256);
  const px = changetype<usize>(x);
  const pv = changetype<usize>(v);
  for (let step = 0; step < 60; step++) {
    for (let at: usize = 0; at < <usize>count * 4; at += 16) {
      const velocity = f32x4.mul(v128.load(pv + at), drag);
      const moved = f32x4.add(v128.load(px + at), f32x4.mul(velocity, dt));
      v128.store(px + at, f32x4.min(f32x4.max(moved, low), high));
      v128.store(pv + at, velocity);
    }
  }
  let sum: f32 = 0;
  for (let i = 0; i < count; i++) sum += unchecked(x[i]);
  return <i32>sum;
}
