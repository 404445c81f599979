import { pageBytes } from "../admission/admit.ts";
import { type InstanceState, usedBytes } from "./snapshot.ts";

/**
 * What an instance was like between two of its calls, to go back to: its memory, and its globals that can change.
 * Filled again and again without allocating, unless memory has grown.
 */
export class Checkpoint {
  /** Bytes that the memory had. */
  length = 0;
  #memory = new Uint8Array(0);
  readonly #globals: (number | bigint)[] = [];

  save(memory: Uint8Array, globals: readonly WebAssembly.Global[]): void {
    if (this.#memory.length < memory.length) this.#memory = new Uint8Array(memory.length);
    this.length = memory.length;
    this.#memory.set(memory);
    for (let i = 0; i < globals.length; i++) {
      this.#globals[i] = (globals[i] as WebAssembly.Global).value as number | bigint;
    }
  }

  /** What was saved. */
  state(): InstanceState {
    const memory = this.#memory.slice(0, this.length);
    const globals = [...this.#globals];
    return { pages: this.length / pageBytes, memory: memory.slice(0, usedBytes(memory)), globals };
  }

  /** Sets an instance's memory, which is as long as the one that was saved, and globals. */
  putBack(memory: Uint8Array, globals: readonly WebAssembly.Global[]): void {
    memory.set(
      this.#memory.length === this.length ? this.#memory : this.#memory.subarray(0, this.length),
    );
    for (let i = 0; i < globals.length; i++) {
      (globals[i] as WebAssembly.Global).value = this.#globals[i];
    }
  }
}
