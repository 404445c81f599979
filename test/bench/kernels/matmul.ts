// Counted loops over f64 arrays.
const n = 96;
const a = new StaticArray<f64>(n * n);
const b = new StaticArray<f64>(n * n);
const c = new StaticArray<f64>(n * n);

for (let i = 0; i < n * n; i++) {
  a[i] = <f64>(i % 17);
  b[i] = <f64>(i % 13);
}

export function run(): i32 {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < n; k++) sum += unchecked(a[i * n + k]) * unchecked(b[k * n + j]);
      unchecked((c[i * n + j] = sum));
    }
  }
  return <i32>c[n * n - 1];
}
