const tape = new Uint8Array(4096);
let seed = 99;
for (let i = 0; i < 4096; i++) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  tape[i] = (seed >>> 16) & 7;
}

export function run() {
  let state = 0;
  let out = 0;
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 4096; i++) {
      const input = tape[i];
      switch (state) {
        case 0:
          state = input > 3 ? 1 : 2;
          break;
        case 1:
          out = (out + input) | 0;
          state = input === 7 ? 3 : 0;
          break;
        case 2:
          out ^= input;
          state = input & 1 ? 1 : 4;
          break;
        case 3:
          out = (out - 3) | 0;
          state = 0;
          break;
        default:
          out = (out << 1) | (out >>> 31);
          state = input < 2 ? 3 : 2;
      }
    }
  }
  return out;
}
