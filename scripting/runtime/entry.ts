import type { Fault } from "../fault.ts";
import type { GuestExport } from "./guest-export.ts";
import type { GuestInstance } from "./guest-instance.ts";
import type { Script } from "./script.ts";

/** A prepared call of one export, for up to three numbers. Allocates nothing when it finishes. */
export class Entry {
  readonly name: string;
  readonly arity: number;
  readonly #script: Script;
  #run: ((...args: number[]) => unknown) | undefined;
  #generation = -1;

  constructor(script: Script, target: GuestExport) {
    this.#script = script;
    this.name = target.name;
    this.arity = target.arity;
  }

  /** Null when the call finished; its fault when it was stopped. */
  run(a = 0, b = 0, c = 0): Fault | null {
    return this.#script.runEntry(this, a, b, c);
  }

  /** Fuel of the script's last call, whether it finished or not: see `Fault.fuelUsed`. */
  get fuelUsed(): number {
    return this.#script.lastFuel;
  }

  /** @internal */
  bind(instance: GuestInstance, generation: number): (...args: number[]) => unknown {
    if (this.#generation !== generation || this.#run === undefined) {
      this.#run = instance.function(this.name) as (...args: number[]) => unknown;
      this.#generation = generation;
    }
    return this.#run;
  }
}
