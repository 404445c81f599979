import { RandomNumbers } from "../../../scripting/host/random.ts";
import { hookNumbers } from "../../../scripting/system/call-info.ts";
import { handleOf } from "./game.ts";

/**
 * Random numbers for what isn't a script: at first those that a script gets, so that both come to the same, and
 * from {@link goOn} on what a game would take for itself, mulberry32 with one state for all.
 */
export class Dice {
  readonly #script: string;
  readonly #call = { serial: 0, hook: hookNumbers.onUpdate, frame: 0, nth: 0, lag: 0 };
  readonly #numbers = new RandomNumbers(1, this.#call);
  #entity = 0;
  #isOwn = false;
  #state = 1;

  /** @param script the one whose numbers it has. */
  constructor(script: string) {
    this.#script = script;
  }

  /** From now on numbers are its own. */
  goOn(): void {
    this.#isOwn = true;
  }

  /** Another frame begins. */
  nextFrame(): void {
    this.#call.frame++;
  }

  /** What comes next is drawn for an entity that the game began with. */
  roll(entity: number): void {
    if (this.#isOwn) return;
    this.#entity = handleOf(entity);
    this.#call.serial++;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    if (!this.#isOwn) return this.#numbers.next(this.#script, this.#entity);
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** A number between two, as scripts' `Random.range`. */
export function range(dice: Dice, from: number, to: number): number {
  return Math.fround(from + Math.fround((to - from) * Math.fround(dice.next())));
}

/** A whole number between two, both included, as scripts' `Random.int`. */
export function int(dice: Dice, from: number, to: number): number {
  return from + Math.floor((to - from + 1) * dice.next());
}
