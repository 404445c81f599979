// Mutual recursion: a parser of arithmetic that evaluates as it goes.
const text = new StaticArray<u8>(4096);
let length = 0;
let at = 0;
let seed: u32 = 5;

function put(c: i32): void {
  text[length++] = <u8>c;
}

function next(): u32 {
  seed = seed * 1664525 + 1013904223;
  return seed >> 16;
}

function write(depth: i32): void {
  const choice = next() & 3;
  if (depth == 0 || choice == 0) put(48 + (next() % 10));
  else if (choice == 1) { put(40); write(depth - 1); put(43); write(depth - 1); put(41); }
  else if (choice == 2) { write(depth - 1); put(42); write(depth - 1); }
  else { put(45); write(depth - 1); }
}
while (length < 3600) { if (length > 0) put(43); write(5); }

function sum(): i32 {
  let value = product();
  while (at < length && unchecked(text[at]) == 43) { at++; value += product(); }
  return value;
}

function product(): i32 {
  let value = factor();
  while (at < length && unchecked(text[at]) == 42) { at++; value = (value * factor()) % 10007; }
  return value;
}

function factor(): i32 {
  const c = unchecked(text[at++]);
  if (c == 40) { const value = sum(); at++; return value; }
  if (c == 45) return -factor();
  return c - 48;
}

export function run(): i32 {
  let total = 0;
  for (let i = 0; i < 40; i++) { at = 0; total += sum(); }
  return total;
}
