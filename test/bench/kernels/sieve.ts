// Memory: a sieve of Eratosthenes over bytes.
const size = 400_000;
const flags = new StaticArray<u8>(size);

export function run(): i32 {
  memory.fill(changetype<usize>(flags), 1, size);
  let primes = 0;
  for (let i = 2; i < size; i++) {
    if (!unchecked(flags[i])) continue;
    primes++;
    for (let j = i + i; j < size; j += i) unchecked((flags[j] = 0));
  }
  return primes;
}
