const k = Uint32Array.from({ length: 64 }, (_, i) => Math.abs(Math.sin(i + 1)) * 4294967296);
const w = new Uint32Array(64);
const h = new Uint32Array(8);
const message = Uint8Array.from({ length: 32_768 }, (_, i) => i * 7 + (i >> 5));

function rotr(x, n) {
  return (x >>> n) | (x << (32 - n));
}

function block(at) {
  for (let i = 0; i < 16; i++) {
    const from = at + (i << 2);
    w[i] =
      (message[from] << 24) |
      (message[from + 1] << 16) |
      (message[from + 2] << 8) |
      message[from + 3];
  }
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15];
    const b = w[i - 2];
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >>> 3);
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, z] = h;
  for (let i = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (z + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    z = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
  h[5] += f;
  h[6] += g;
  h[7] += z;
}

export function run() {
  for (let i = 0; i < 8; i++) h[i] = 0x6a09e667 + i;
  for (let at = 0; at < message.length; at += 64) block(at);
  return h[0] ^ h[7];
}
