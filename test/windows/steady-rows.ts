import { admit, meter, verify } from "../../scripting/index.ts";
import type { DriverPlan } from "../../scripting/metering/driver.ts";
import {
  beginExport,
  driveExport,
  drivenExport,
  fuelExport,
  memoryExport,
  remainingExport,
  rowExport,
  stopExport,
} from "../../scripting/metering/protocol.ts";
import { wasm } from "../metering/harness.ts";

/** A module whose function "f" is driven, and calls "h" "refuse" or "ask" of its host. */
export interface DrivenKind {
  readonly name: string;
  readonly source: string;
  readonly plan: DriverPlan;
}

/** Where rows stand in memory: handles, one behind the other, and behind all of them values. */
export const handlesAt = 0;

/** All that can be seen of a drive, or of a call. */
export interface Seen {
  /** The row that it came back in front of; undefined for a trap. */
  readonly next: number | undefined;
  readonly used: number;
  readonly fuel: number;
  readonly row: number;
  readonly stop: number;
  /** Of host calls: what they were given, and what could be seen then. */
  readonly asked: readonly (readonly number[])[];
  readonly memory: string;
}

const asI32 = (value: number): number => value | 0;

/** A driven module, ready for instances. */
export class DrivenModule {
  readonly bytes: Uint8Array;
  readonly #module: WebAssembly.Module;
  readonly #kind: DrivenKind;

  constructor(kind: DrivenKind) {
    this.#kind = kind;
    const { bytes } = meter(admit(wasm(kind.source)), { driver: kind.plan });
    verify(bytes);
    this.bytes = bytes;
    this.#module = new WebAssembly.Module(bytes as BufferSource);
  }

  /** @param handles what stands in memory from {@link handlesAt} on. */
  instance(handles: readonly number[]): DrivenInstance {
    return new DrivenInstance(this.#module, this.#kind, handles);
  }
}

export class DrivenInstance {
  readonly #exports: WebAssembly.Exports;
  readonly #kind: DrivenKind;
  readonly #asked: number[][] = [];

  constructor(module: WebAssembly.Module, kind: DrivenKind, handles: readonly number[]) {
    this.#kind = kind;
    const host = (...given: number[]): number => {
      this.#asked.push([...given, this.#read(rowExport), this.#read(drivenExport), this.#fuel]);
      return 1;
    };
    const imports = {
      h: {
        refuse: host,
        ask: host,
        stop: (...given: number[]) => {
          host(...given);
          throw new Error("stopped");
        },
      },
      "fusewire:meter": { refill: (left: number) => host(left) * 1_000 },
    };
    this.#exports = new WebAssembly.Instance(module, imports).exports;
    const memory = this.#exports[memoryExport] as WebAssembly.Memory;
    new Int32Array(memory.buffer).set(handles, handlesAt / 4);
  }

  /** One drive, from the row on. */
  drive(from: number, to: number, slice: number, look: number): Seen {
    const run = this.#function(driveExport(0));
    return this.#seen(() => run(handlesAt, from, to, slice, 100, look));
  }

  /** What a drive is to do, call by call, as the host would make them. */
  callEach(from: number, to: number, slice: number, look: number, mask?: number): Seen {
    const begin = this.#function(beginExport);
    const call = this.#function("f");
    const memory = new Int32Array((this.#exports[memoryExport] as WebAssembly.Memory).buffer);
    const { takesSelf, pointers } = this.#kind.plan.functions[0] as DriverPlan["functions"][number];
    let row = asI32(from);
    let used = 0;
    let left = 0;
    const seen = this.#seen(() => {
      while (row >>> 0 < to >>> 0) {
        const self = takesSelf ? (memory[handlesAt / 4 + row] as number) : 0;
        const at = ({ byCall }: { byCall: boolean }): number =>
          byCall || mask === undefined ? row : self & mask;
        begin(slice, 100);
        const given = pointers.map((pointer) => handlesAt + (at(pointer) << pointer.shift));
        call(...(takesSelf ? [self] : []), ...given);
        left = this.#fuel;
        used = asI32(used + slice - left);
        row = asI32(row + 1);
        if (left < 0 || used >>> 0 >= look >>> 0) break;
      }
      return row;
    });
    return { ...seen, used, fuel: seen.next === undefined ? seen.fuel : left, row };
  }

  #seen(run: () => number): Seen {
    this.#asked.length = 0;
    let next: number | undefined;
    try {
      next = run();
    } catch (error) {
      const isTrap = error instanceof WebAssembly.RuntimeError;
      if (!isTrap && (error as Error).message !== "stopped") throw error;
    }
    const memory = this.#exports[memoryExport] as WebAssembly.Memory;
    const stop = this.#exports[stopExport] as WebAssembly.Global<"i32">;
    return {
      next,
      used: this.#read(drivenExport),
      fuel: this.#fuel,
      row: this.#read(rowExport),
      stop: stop.value,
      asked: this.#asked.map((each) => [...each]),
      memory: String(new Int32Array(memory.buffer, 0, 64)),
    };
  }

  get #fuel(): number {
    const { value } = this.#exports[fuelExport] as WebAssembly.Global<"i32">;
    const read = this.#read(remainingExport);
    if (value !== read) throw new Error("the fuel isn't what its reader says");
    return value;
  }

  #read(name: string): number {
    return this.#function(name)();
  }

  #function(name: string): (...args: number[]) => number {
    return this.#exports[name] as (...args: number[]) => number;
  }
}
