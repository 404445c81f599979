import type { AdmittedModule } from "../admission/admit.ts";
import { limitPages, pageBytes } from "../admission/admit.ts";
import { AllocationError } from "../errors.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * How a runtime comes by instances. `on-demand`: a fresh one for each script, and after each fault.
 * `pooling`: a script keeps its instance over faults, and it is reset from an image of its memory,
 * globals and tables, so that nothing has to be collected; its top-level code isn't run again then. What
 * can't be set back needs a fresh one all the same: a memory or table that has grown, and modules that drop
 * segments, change imported globals, or keep vectors in globals.
 */
export interface AllocationOptions {
  readonly strategy: "on-demand" | "pooling";
  /** Instances at a time. Default `Infinity`; of a pool it has to be said. */
  readonly totalInstances?: number;
  /**
   * Linear memory that all instances together may come to, in bytes: each counts with the most that it may
   * grow to. Default `Infinity`; of a pool it has to be said.
   */
  readonly totalMemoryBytes?: number;
}

/** What a runtime has given out, and has to give. Memory in bytes. */
export interface AllocationFigures {
  readonly strategy: "on-demand" | "pooling";
  readonly instances: number;
  readonly totalInstances: number;
  /** Memory that the instances there are may grow to. */
  readonly reservedBytes: number;
  readonly totalMemoryBytes: number;
  /** Scripts of the runtime's own limits for which there is room at present. */
  readonly instancesLeft: number;
}

/** Counts instances and the memory that they may grow to. */
export class InstanceAllocator {
  readonly strategy: "on-demand" | "pooling";
  readonly #totalInstances: number;
  readonly #totalMemoryBytes: number;
  readonly #memoryBytesEach: number;
  #instances = 0;
  #reservedBytes = 0;

  /**
   * @param memoryBytesEach what a script of the runtime's own limits may have.
   * @throws TypeError for a strategy or an option that there isn't; RangeError for totals that make no sense, and for a
   * pool that has no room for a single script.
   */
  constructor(options: AllocationOptions, memoryBytesEach: number) {
    checkNames(options);
    const { strategy, totalInstances, totalMemoryBytes } = options;
    if (strategy !== "on-demand" && strategy !== "pooling") {
      throw new TypeError(`allocation is "on-demand" or "pooling", not ${String(strategy)}`);
    }
    this.strategy = strategy;
    this.#totalInstances = checkTotal(strategy, "totalInstances", totalInstances);
    this.#totalMemoryBytes = checkTotal(strategy, "totalMemoryBytes", totalMemoryBytes);
    this.#memoryBytesEach = memoryBytesEach;
    if (strategy === "pooling" && this.#totalMemoryBytes < memoryBytesEach) {
      throw new RangeError(
        `allocation: totalMemoryBytes is ${this.#totalMemoryBytes}, less than the ${memoryBytesEach} ` +
          "that the runtime's limits give one script (memoryBytes)",
      );
    }
  }

  get figures(): AllocationFigures {
    const byCount = this.#totalInstances - this.#instances;
    const left = this.#totalMemoryBytes - this.#reservedBytes;
    const byMemory = this.#memoryBytesEach === 0 ? Infinity : left / this.#memoryBytesEach;
    return {
      strategy: this.strategy,
      instances: this.#instances,
      totalInstances: this.#totalInstances,
      reservedBytes: this.#reservedBytes,
      totalMemoryBytes: this.#totalMemoryBytes,
      instancesLeft: Math.max(0, Math.floor(Math.min(byCount, byMemory))),
    };
  }

  /**
   * Takes the room of one instance of a module.
   * @returns what gives it back; more than once does no more.
   * @throws AllocationError when there is none left.
   */
  take(script: string, { limits, module }: AdmittedModule): () => void {
    const memory = module.memories[0];
    const pages = memory === undefined ? 0 : Math.min(limitPages(limits), memory.max ?? Infinity);
    const bytes = pages * pageBytes;
    if (this.#instances + 1 > this.#totalInstances) {
      throw new AllocationError(
        `${script}: all ${this.#totalInstances} instances are taken (totalInstances)`,
      );
    }
    if (this.#reservedBytes + bytes > this.#totalMemoryBytes) {
      const left = this.#totalMemoryBytes - this.#reservedBytes;
      throw new AllocationError(
        `${script}: it may grow to ${bytes} bytes of memory, ${left} are left (totalMemoryBytes)`,
      );
    }
    this.#instances++;
    this.#reservedBytes += bytes;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#instances--;
      this.#reservedBytes -= bytes;
    };
  }
}

const optionNames = [
  "strategy",
  "totalInstances",
  "totalMemoryBytes",
] as const satisfies readonly (keyof AllocationOptions)[];

/** A misspelt total would be none at all. */
function checkNames(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`allocation is an object with a strategy, not ${String(options)}`);
  }
  for (const name of Object.keys(options)) {
    if ((optionNames as readonly string[]).includes(name)) continue;
    const near = nearestName(name, optionNames);
    const hint =
      near === undefined ? `known: ${optionNames.join(", ")}` : `did you mean "${near}"?`;
    throw new TypeError(`allocation: unknown option "${name}"; ${hint}`);
  }
}

function checkTotal(
  strategy: string,
  name: "totalInstances" | "totalMemoryBytes",
  value: number | undefined,
): number {
  if (value === undefined && strategy === "on-demand") return Infinity;
  const least = name === "totalInstances" ? 1 : 0;
  if (typeof value === "number" && value >= least) {
    if (value === Infinity || Number.isInteger(value)) return value;
    throw new RangeError(`allocation: ${name} must be a whole number, not ${value}`);
  }
  throw new RangeError(
    `allocation: ${name} must be a number of at least ${least}, not ${String(value)}`,
  );
}
