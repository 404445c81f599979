// Calls through tables: function references picked by data.
const operations: ((a: i32, b: i32) => i32)[] = [
  (a: i32, b: i32): i32 => a + b,
  (a: i32, b: i32): i32 => a ^ b,
  (a: i32, b: i32): i32 => (a << 1) - b,
  (a: i32, b: i32): i32 => (a >>> 1) + (b & 3),
];

export function run(): i32 {
  let value = 1;
  for (let i = 0; i < 150_000; i++) value = operations[(value ^ i) & 3](value, i);
  return value;
}
