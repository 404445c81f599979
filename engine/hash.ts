/**
 * A 64-bit hash of a sequence of numbers and texts, the same on every engine. For comparing worlds
 * in tests and replays; not against anyone who looks for collisions.
 */
export class Hasher {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  /** Adds 32 bits. */
  word(value: number): void {
    this.#low = mix(this.#low ^ value, 0x85ebca6b);
    this.#high = mix(this.#high ^ this.#low ^ value, 0xc2b2ae35);
  }

  /** Adds a number. -0 differs from 0; every NaN is the same. */
  number(value: number): void {
    this.#float[0] = Number.isNaN(value) ? Number.NaN : value;
    this.word(this.#words[0] as number);
    this.word(this.#words[1] as number);
  }

  /** Adds a text, its length included. */
  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  /** The hash so far, as 16 hexadecimal digits. */
  digest(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function mix(value: number, factor: number): number {
  const product = Math.imul(value ^ (value >>> 15), factor);
  return Math.imul(product ^ (product >>> 13), 0x27d4eb2f) ^ (product >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
