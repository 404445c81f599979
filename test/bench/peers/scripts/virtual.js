const operations = [
  (a, b) => (a + b) | 0,
  (a, b) => a ^ b,
  (a, b) => ((a << 1) - b) | 0,
  (a, b) => ((a >>> 1) + (b & 3)) | 0,
];

export function run() {
  let value = 1;
  for (let i = 0; i < 150_000; i++) value = operations[(value ^ i) & 3](value, i);
  return value;
}
