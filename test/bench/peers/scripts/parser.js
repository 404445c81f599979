const text = new Uint8Array(4096);
let length = 0;
let at = 0;
let seed = 5;

function put(c) {
  text[length++] = c;
}

function next() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed >>> 16;
}

function write(depth) {
  const choice = next() & 3;
  if (depth === 0 || choice === 0) put(48 + (next() % 10));
  else if (choice === 1) {
    put(40);
    write(depth - 1);
    put(43);
    write(depth - 1);
    put(41);
  } else if (choice === 2) {
    write(depth - 1);
    put(42);
    write(depth - 1);
  } else {
    put(45);
    write(depth - 1);
  }
}
while (length < 3600) {
  if (length > 0) put(43);
  write(5);
}

function sum() {
  let value = product();
  while (at < length && text[at] === 43) {
    at++;
    value = (value + product()) | 0;
  }
  return value;
}

function product() {
  let value = factor();
  while (at < length && text[at] === 42) {
    at++;
    value = Math.imul(value, factor()) % 10007;
  }
  return value;
}

function factor() {
  const c = text[at++];
  if (c === 40) {
    const value = sum();
    at++;
    return value;
  }
  if (c === 45) return -factor() | 0;
  return c - 48;
}

export function run() {
  let total = 0;
  for (let i = 0; i < 40; i++) {
    at = 0;
    total = (total + sum()) | 0;
  }
  return total;
}
