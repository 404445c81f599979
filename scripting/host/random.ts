import type { Linker } from "../runtime/linker.ts";
import { type CallInfo, hookNumbers } from "../system/call-info.ts";
import { hostModule } from "./define.ts";

const golden = 0x9e3779b9;

/**
 * Scripts' random numbers: the n-th of a call is a hash of n, the game's seed, the script's name,
 * the entity, the hook and the frame. There is nothing to undo when a call is stopped, no call's
 * numbers depend on what other calls drew, and an entity whose call was stopped over an unlucky
 * number draws others the next time, instead of handing that one on to the next entity.
 */
export class RandomNumbers {
  #seed: number;
  readonly #call: CallInfo;
  readonly #keys = new Map<string, number>();
  #name = "";
  #key = 0;
  #serial = -1;
  #hook = -1;
  #low = 0;
  #high = 0;

  constructor(seed: number, call: CallInfo) {
    this.#seed = seed;
    this.#call = call;
  }

  /** What all numbers depend on. */
  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    this.#keys.clear();
    this.#name = "";
    this.#serial = -1;
  }

  /** The next number of the call that runs, from 0 up to but not including 1, with 53 bits. */
  next(script: string, entity: number): number {
    const { serial, hook } = this.#call;
    if (serial !== this.#serial || hook !== this.#hook || script !== this.#name) {
      this.#begin(script, entity);
    }
    this.#low = (this.#low + golden) | 0;
    const first = mix(this.#low);
    const second = mix(first ^ this.#high);
    return ((second >>> 5) * 2 ** 26 + (mix((second + golden) | 0) >>> 6)) / 2 ** 53;
  }

  /** Forgets a script that was unloaded; its numbers are the same when it comes back. */
  forget(script: string): void {
    this.#keys.delete(script);
  }

  #begin(script: string, entity: number): void {
    const { serial, hook, frame, nth } = this.#call;
    if (script !== this.#name) {
      this.#name = script;
      this.#key = this.#keyOf(script);
    }
    this.#serial = serial;
    this.#hook = hook;
    // What fills a module's memory gives the same memory after every restart.
    const moment = hook <= hookNumbers.onLoad ? 0 : frame;
    this.#low = mix(mix(this.#key ^ entity) + Math.imul(moment, golden) + hook);
    if (nth !== 0) this.#low = mix(this.#low + Math.imul(nth, golden));
    this.#high = mix(this.#low ^ Math.imul(this.#key, golden) ^ moment);
  }

  #keyOf(script: string): number {
    const key = this.#keys.get(script) ?? hashText(`${this.#seed}/${script}`);
    this.#keys.set(script, key);
    return key;
  }
}

/** Host functions of module "random". */
export function linkRandom(linker: Linker, numbers: RandomNumbers): void {
  const define = hostModule(linker, "random");
  define("next", [], ["f64"], (ctx) => numbers.next(ctx.script.name, ctx.entity));
}

/** FNV-1a over UTF-16 units, then mixed so that near texts end up far apart. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
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
