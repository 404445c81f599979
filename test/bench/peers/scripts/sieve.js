const size = 400_000;
const flags = new Uint8Array(size);

export function run() {
  flags.fill(1);
  let primes = 0;
  for (let i = 2; i < size; i++) {
    if (!flags[i]) continue;
    primes++;
    for (let j = i + i; j < size; j += i) flags[j] = 0;
  }
  return primes;
}
