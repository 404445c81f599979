import assert from "node:assert/strict";
import { AdmissionError, admit, meter, verify } from "../../scripting/index.ts";
import { randomNumbers } from "./random-modules.ts";

const interesting = [0, 1, 2, 3, 0x0b, 0x40, 0x60, 0x70, 0x7f, 0x80, 0xfc, 0xfd, 0xff];

/** Changes a few bytes of a module: flips, overwrites, cuts, doubles, moves, lengthens LEBs. */
export function mutate(bytes: Uint8Array, seed: number): Uint8Array {
  const next = randomNumbers(seed);
  let mutated = Array.from(bytes);
  for (let left = next() % 4 === 0 ? 4 : 1; left > 0; left--) {
    const at = next() % (mutated.length + 1);
    const length = next() % 24;
    const value = interesting[next() % interesting.length] as number;
    switch (next() % 10) {
      case 0:
        mutated = mutated.slice(0, at);
        break;
      case 1:
        mutated.splice(at, length);
        break;
      case 2:
        mutated.splice(at, 0, ...mutated.slice(at, at + length));
        break;
      case 3:
        mutated.splice(at, 0, ...mutated.splice(next() % (mutated.length + 1), length));
        break;
      case 4:
        mutated.splice(at, 0, value);
        break;
      case 5:
        // The byte as a LEB that is one byte longer than it has to be.
        mutated.splice(at, 1, (mutated[at] ?? 0) | 0x80, (mutated[at] ?? 0) & 0x40 ? 0x7f : 0);
        break;
      case 6:
        mutated[at % Math.max(1, mutated.length)] = next() & 0xff;
        break;
      case 7:
        mutated[at % Math.max(1, mutated.length)] = value;
        break;
      default: {
        const i = at % Math.max(1, mutated.length);
        mutated[i] = ((mutated[i] ?? 0) ^ (1 << (next() % 8))) & 0xff;
      }
    }
  }
  return Uint8Array.from(mutated);
}

/** Metered code is at most this many times the module, its own few names apart. */
const maxGrowth = 40;

/**
 * Whatever the bytes are, they are refused with an `AdmissionError`, or they are a module that can
 * be metered, verified and compiled.
 * @returns whether they were admitted.
 */
export function checkAdmission(bytes: Uint8Array): boolean {
  try {
    const admitted = admit(bytes);
    const metered = meter(admitted).bytes;
    verify(metered);
    assert.ok(WebAssembly.validate(metered as BufferSource), "the engine refuses what was metered");
    assert.ok(metered.length < bytes.length * maxGrowth + 1_000, "metering blows the module up");
    return true;
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw error;
    assert.ok(error.offset >= 0 && error.offset <= bytes.length, `offset ${error.offset}`);
    return false;
  }
}
