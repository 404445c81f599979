import { savedNumber } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { Linker } from "../runtime/linker.ts";
import { hostModule } from "./define.ts";
import { keyCodeCount, keyCodes } from "./keys.ts";

/** Keyboard and pointer at one moment. */
export interface SavedInput {
  /** By name where JSON has no such number. */
  readonly pointerX: number | string;
  readonly pointerY: number | string;
  readonly pointerDown: boolean;
  /** Codes of the keys that are held down, and of those that went down since the last frame. */
  readonly down: readonly string[];
  readonly pressed: readonly string[];
}

/**
 * Keyboard and pointer as scripts see them. Knows nothing of the DOM: a game feeds it from its
 * events, or a test or a replay from a list.
 */
export class InputState {
  /** The pointer's place, in the game's own units. */
  pointerX = 0;
  pointerY = 0;
  /** Whether the pointer's main button, or a finger, is down. */
  pointerDown = false;
  readonly #down = new Uint8Array(keyCodeCount);
  readonly #pressed = new Uint8Array(keyCodeCount);

  /** A key went down, by its `KeyboardEvent.code`. Repeats don't count; unknown keys are ignored. */
  keyDown(code: string): void {
    const key = keyCodes.get(code);
    if (key === undefined) return;
    if (this.#down[key] === 0) this.#pressed[key] = 1;
    this.#down[key] = 1;
  }

  /** A key went up, by its `KeyboardEvent.code`. */
  keyUp(code: string): void {
    const key = keyCodes.get(code);
    if (key !== undefined) this.#down[key] = 0;
  }

  /** Lets go of everything: for when the window loses the focus and no key-up will come. */
  releaseAll(): void {
    this.#down.fill(0);
    this.pointerDown = false;
  }

  /** Whether a key is held down. `key` is a number of `keyCodes`. */
  isDown(key: number): boolean {
    return this.#down[key] === 1;
  }

  /** Whether a key went down since the last `endFrame`, even if it is up again by now. */
  wasPressed(key: number): boolean {
    return this.#pressed[key] === 1;
  }

  /** What it is like, as JSON holds it. */
  save(): SavedInput {
    const codes = (held: Uint8Array) =>
      [...keyCodes].filter(([, key]) => held[key] === 1).map(([code]) => code);
    return {
      pointerX: savedNumber(this.pointerX),
      pointerY: savedNumber(this.pointerY),
      pointerDown: this.pointerDown,
      down: codes(this.#down),
      pressed: codes(this.#pressed),
    };
  }

  /** Makes it what it was. Unknown keys are ignored. */
  restore({ pointerX, pointerY, pointerDown, down, pressed }: SavedInput): void {
    this.releaseAll();
    this.endFrame();
    this.pointerX = Number(pointerX);
    this.pointerY = Number(pointerY);
    this.pointerDown = pointerDown;
    for (const code of pressed) this.keyDown(code);
    this.#down.fill(0);
    for (const code of down) this.#down[keyCodes.get(code) ?? 0] = 1;
  }

  /** Forgets which keys went down; the script system calls it when the frame's scripts are done. */
  endFrame(): void {
    this.#pressed.fill(0);
  }
}

/** Host functions of module "input". */
export function linkInput(linker: Linker, input: InputState): void {
  const define = hostModule(linker, "input");
  define("down", ["i32"], ["i32"], (_ctx, key) => (input.isDown(checked("down", key)) ? 1 : 0));
  define("pressed", ["i32"], ["i32"], (_ctx, key) =>
    input.wasPressed(checked("pressed", key)) ? 1 : 0,
  );
  define("pointerX", [], ["f32"], () => input.pointerX);
  define("pointerY", [], ["f32"], () => input.pointerY);
  define("pointerDown", [], ["i32"], () => (input.pointerDown ? 1 : 0));
}

function checked(what: string, key: number): number {
  if (key >= 0 && key < keyCodeCount) return key;
  throw new HostError(`Input.${what}: ${key} is not a key; keys are 0 to ${keyCodeCount - 1}`);
}
