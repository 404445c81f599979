import { pageBytes } from "../admission/admit.ts";
import type { MeteredModule } from "../metering/meter.ts";
import {
  beginExport,
  driveExport,
  drivenExport,
  fuelExport,
  memoryExport,
  priceExport,
  remainingExport,
  rowExport,
  startExport,
  stateExport,
  stopExport,
  tableExport,
} from "../metering/protocol.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { GuestHeap } from "./guest-heap.ts";
import { LoopCounters } from "./loop-use.ts";
import { runtimeFunctionFuel } from "./runtime-imports.ts";
import { type InstanceState, usedBytes } from "./snapshot.ts";

type Drive = (
  window: number,
  from: number,
  to: number,
  slice: number,
  depth: number,
  look: number,
) => number;
type GuestFunction = (...args: (number | bigint)[]) => unknown;

/** All that an instance has come to. */
export interface InstanceImage {
  readonly state: InstanceState;
  /** Whether functions of the instance may be in it, which mean nothing to another one. */
  readonly holdsFunctions: boolean;
  readonly tables: readonly (readonly unknown[])[];
}

/** One instance of a metered module, and the meter's globals in it. */
export class GuestInstance {
  /** Sets the slice and the call depth left, and clears the stop reason. */
  readonly begin: (fuel: number, depth: number) => void;
  /** What is left of the slice, as last stored. */
  readonly fuel: () => number;
  /** What calls rows, see `metering/driver.ts`, for each of the driven functions. */
  readonly drives: readonly Drive[];
  /** The row that a driver calls, or called last. */
  readonly row: () => number;
  /** Fuel that the last drive's finished rows have used of their first slices. */
  readonly driven: () => number;
  readonly #exports: WebAssembly.Exports;
  readonly #fuel: WebAssembly.Global<"i32">;
  readonly #stop: WebAssembly.Global<"i32">;
  readonly #memory: WebAssembly.Memory | undefined;
  /** The guest's globals that can change; empty unless they are exported. */
  readonly #state: readonly WebAssembly.Global[];
  /** Its tables, likewise. */
  readonly #tables: readonly WebAssembly.Table[];
  /** Undefined unless loops are counted. */
  readonly loops: LoopCounters | undefined;
  /** Bytes of its memory that are its own; undefined for all. */
  readonly #ownBytes: number | undefined;
  #view: Uint8Array = new Uint8Array(0);
  #heap: GuestHeap | undefined;

  /**
   * @param ownPages of its memory, which doesn't grow then; what is behind them is the host's. Default: all.
   * @throws RuntimeError when data or element segments don't fit.
   */
  constructor(
    metered: MeteredModule,
    compiled: WebAssembly.Module,
    imports: WebAssembly.Imports,
    ownPages?: number,
  ) {
    this.#ownBytes = ownPages && ownPages * pageBytes;
    const { exports } = new WebAssembly.Instance(compiled, imports);
    this.#exports = exports;
    this.#fuel = exports[fuelExport] as WebAssembly.Global<"i32">;
    this.begin = exports[beginExport] as GuestInstance["begin"];
    this.fuel = exports[remainingExport] as GuestInstance["fuel"];
    this.drives = drivesOf(exports);
    this.row = exports[rowExport] as () => number;
    this.driven = exports[drivenExport] as () => number;
    this.#stop = exports[stopExport] as WebAssembly.Global<"i32">;
    this.#memory = exports[memoryExport] as WebAssembly.Memory | undefined;
    this.#state = metered.stateGlobals.map(
      (global) => exports[stateExport(global)] as WebAssembly.Global,
    );
    this.#tables = metered.stateTables.map(
      (table) => exports[tableExport(table)] as WebAssembly.Table,
    );
    this.loops = metered.loops.length > 0 ? new LoopCounters(metered, exports) : undefined;
  }

  get hasStart(): boolean {
    return Object.hasOwn(this.#exports, startExport);
  }

  start(): void {
    (this.#exports[startExport] as GuestFunction)();
  }

  /** All of its state; only of a module that was metered with `exportState`. */
  image(): InstanceImage {
    const tables = this.#tables.map((table) =>
      Array.from({ length: table.length }, (_, i) => table.get(i)),
    );
    const state = this.capture();
    const holds = state.globals.some(
      (value) => typeof value === "object" || typeof value === "function",
    );
    return { state, tables, holdsFunctions: tables.length > 0 || holds };
  }

  /** Saves memory and globals; only of a module that was metered with `exportState`. */
  save(checkpoint: Checkpoint): void {
    checkpoint.save(this.bytes(), this.#state);
  }

  /** Sets memory and globals to what was saved. @returns false when memory is larger by now. */
  putBack(checkpoint: Checkpoint): boolean {
    if (!this.#growTo(checkpoint.length)) return false;
    checkpoint.putBack(this.bytes(), this.#state);
    return true;
  }

  /** Memory and globals as they are; only of a module that was metered with `exportState`. */
  capture(): InstanceState {
    const bytes = this.bytes();
    return {
      pages: bytes.length / pageBytes,
      memory: bytes.slice(0, usedBytes(bytes)),
      globals: this.#state.map((global) => global.value),
    };
  }

  /**
   * Sets it to an image of its own.
   * @returns false for an instance whose memory or tables are larger already.
   */
  resetToImage({ state, tables }: InstanceImage): boolean {
    if (this.#tables.some((table, t) => table.length > (tables[t]?.length ?? 0))) return false;
    if (!this.reset(state)) return false;
    this.#tables.forEach((table, t) => {
      const entries = tables[t] ?? [];
      if (table.length < entries.length) table.grow(entries.length - table.length);
      entries.forEach((entry, i) => {
        table.set(i, entry);
      });
    });
    return true;
  }

  /**
   * Sets memory and globals to what was captured, of this or another instance, and checked.
   * @returns false for an instance whose memory is larger already.
   */
  reset({ pages, memory, globals }: InstanceState): boolean {
    if (!this.#growTo(pages * pageBytes)) return false;
    const bytes = this.bytes();
    bytes.set(memory);
    bytes.fill(0, memory.length);
    globals.forEach((value, i) => {
      (this.#state[i] as WebAssembly.Global).value = value;
    });
    return true;
  }

  /** Makes memory so many bytes long. @returns false when it is longer already. */
  #growTo(length: number): boolean {
    const missing = length - this.bytes().length;
    if (missing > 0) this.#memory?.grow(missing / pageBytes);
    return missing >= 0;
  }

  /** After a driver was left by a trap: no row is anybody's own any more. */
  rest(): void {
    this.drives[0]?.(0, 0, 0, 0, 0, 0);
  }

  /** An exported function; its name was checked against the module. */
  function(name: string): GuestFunction {
    return this.#exports[name] as GuestFunction;
  }

  setFuel(slice: number): void {
    this.#fuel.value = slice;
  }

  stopReason(): number {
    return this.#stop.value;
  }

  /** Price of the n-th imported function; the runtime's own have a fixed one. */
  setPrice(importIndex: number, fuel: number = runtimeFunctionFuel): void {
    (this.#exports[priceExport(importIndex)] as WebAssembly.Global<"i32">).value = fuel;
  }

  /** The memory's bytes that are its own, a new view after growth. */
  bytes(): Uint8Array {
    // Growth leaves a view of what it was empty; to ask the memory for its buffer takes longer than to look.
    if (this.#view.length === 0 && this.#memory !== undefined) {
      this.#view = new Uint8Array(this.#memory.buffer, 0, this.#ownBytes);
    }
    return this.#view;
  }

  /** Its strings and arrays, of which so many bytes may pass in one piece. */
  heap(payloadBytes: number): GuestHeap {
    this.#heap ??= new GuestHeap(
      this.#memory ?? new WebAssembly.Memory({ initial: 0 }),
      this.#exports,
      this.#ownBytes ?? Infinity,
    );
    this.#heap.setPayload(payloadBytes);
    return this.#heap;
  }
}

function drivesOf(exports: WebAssembly.Exports): Drive[] {
  const drives: Drive[] = [];
  for (let n = 0; Object.hasOwn(exports, driveExport(n)); n++) {
    drives.push(exports[driveExport(n)] as Drive);
  }
  return drives;
}
