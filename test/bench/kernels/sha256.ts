// Integer arithmetic over small arrays: SHA-256 of a block of memory.
const k = new StaticArray<u32>(64);
const w = new StaticArray<u32>(64);
const h = new StaticArray<u32>(8);
const message = new StaticArray<u8>(32_768);
for (let i = 0; i < 64; i++) {
  // Fractions of cube roots in the standard; any constants cost the same.
  k[i] = <u32>(Math.abs(Math.sin(<f64>i + 1.0)) * 4294967296.0);
}
for (let i = 0; i < message.length; i++) message[i] = <u8>(i * 7 + (i >> 5));

function rotr(x: u32, n: u32): u32 {
  return (x >> n) | (x << (32 - n));
}

function block(at: i32): void {
  for (let i = 0; i < 16; i++) {
    unchecked((w[i] = bswap(load<u32>(changetype<usize>(message) + at + (i << 2)))));
  }
  for (let i = 16; i < 64; i++) {
    const a = unchecked(w[i - 15]);
    const b = unchecked(w[i - 2]);
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >> 3);
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >> 10);
    unchecked((w[i] = w[i - 16] + s0 + w[i - 7] + s1));
  }
  let a = unchecked(h[0]), b = unchecked(h[1]), c = unchecked(h[2]), d = unchecked(h[3]);
  let e = unchecked(h[4]), f = unchecked(h[5]), g = unchecked(h[6]), z = unchecked(h[7]);
  for (let i = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = z + s1 + ((e & f) ^ (~e & g)) + unchecked(k[i]) + unchecked(w[i]);
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    z = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  unchecked((h[0] += a)); unchecked((h[1] += b)); unchecked((h[2] += c)); unchecked((h[3] += d));
  unchecked((h[4] += e)); unchecked((h[5] += f)); unchecked((h[6] += g)); unchecked((h[7] += z));
}

export function run(): i32 {
  for (let i = 0; i < 8; i++) unchecked((h[i] = 0x6a09e667 + i));
  for (let at = 0; at < message.length; at += 64) block(at);
  return h[0] ^ h[7];
}
