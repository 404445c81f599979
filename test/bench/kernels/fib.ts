// Recursion: calls and little else.
function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function run(): i32 {
  return fib(27);
}
