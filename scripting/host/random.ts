import type { Journal } from "../journal.ts";
import type { Linker } from "../linker.ts";
import { hostModule } from "./define.ts";

const golden = 0x9e3779b9;
const two32 = 2 ** 32;

/**
 * One script's random numbers: the n-th is a hash of n and of the key made from seed and name. So
 * the whole state is one count, which the journal puts back when a call is stopped.
 */
class RandomStream {
  readonly #count = new Float64Array(1);
  readonly #countId: number;
  readonly #keyLow: number;
  readonly #keyHigh: number;
  readonly #journal: Journal;

  constructor(name: string, journal: Journal) {
    this.#keyLow = hashText(name, 0x811c9dc5);
    this.#keyHigh = hashText(name, golden);
    this.#journal = journal;
    this.#countId = journal.track(this.#count);
  }

  /** The next number, from 0 up to but not including 1, with 53 bits. */
  next(): number {
    const count = this.#count[0] as number;
    this.#journal.record(this.#countId, 0, count);
    this.#count[0] = count + 1;
    const first = mix((Math.imul(count % two32, golden) + this.#keyLow) | 0);
    const high = mix(first ^ this.#keyHigh ^ Math.floor(count / two32));
    const low = mix((high + golden) | 0);
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  }
}

/** The random numbers of all scripts: each has a sequence of its own, made from seed and name. */
export class RandomStreams {
  readonly #seed: number;
  readonly #journal: Journal;
  readonly #streams = new Map<string, RandomStream>();
  #lastName = "";
  #last: RandomStream | undefined;

  constructor(seed: number, journal: Journal) {
    this.#seed = seed;
    this.#journal = journal;
  }

  /** The next number of a script, from 0 up to but not including 1. */
  next(scriptName: string): number {
    if (this.#last === undefined || this.#lastName !== scriptName) this.#select(scriptName);
    return (this.#last as RandomStream).next();
  }

  #select(name: string): void {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(`${this.#seed}/${name}`, this.#journal);
      this.#streams.set(name, stream);
    }
    this.#lastName = name;
    this.#last = stream;
  }
}

/** Host functions of module "random". */
export function linkRandom(linker: Linker, streams: RandomStreams): void {
  const define = hostModule(linker, "random");
  define("next", [], ["f64"], (ctx) => streams.next(ctx.script.name));
}

/** FNV-1a over UTF-16 units, then mixed so that near names end up far apart. */
function hashText(text: string, basis: number): number {
  let hash = basis | 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mix(hash);
}

/** The 32-bit finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
