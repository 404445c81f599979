import {
  depthExport,
  fuelExport,
  meterModule,
  refillName,
  startExport,
} from "../../scripting/metering/protocol.ts";
import { CallBudget } from "../../scripting/runtime/call-budget.ts";
import { alternate } from "./measure.ts";

/** A kernel's module as it was compiled, and metered. */
export interface KernelModules {
  readonly name: string;
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly metered: Uint8Array<ArrayBuffer>;
}

export interface KernelTimes {
  readonly name: string;
  /** Metered time over raw time, medians. */
  readonly ratio: number;
  readonly rawMs: number;
  readonly meteredMs: number;
}

type Run = () => number;

/** What asc's modules import. */
export const kernelImports = {
  env: {
    abort: (): never => {
      throw new Error("abort");
    },
    seed: (): number => 0.5,
  },
};

export async function rawKernel(bytes: Uint8Array<ArrayBuffer>): Promise<Run> {
  const { instance } = await WebAssembly.instantiate(bytes, kernelImports);
  return instance.exports["run"] as Run;
}

/** The kernel with everything that metering needs at run time: fuel, slices, the clock. */
export async function meteredKernel(metered: Uint8Array<ArrayBuffer>): Promise<Run> {
  const budget = new CallBudget(() => performance.now());
  const refill = (remaining: number): number => {
    const slice = budget.refill(remaining);
    if (slice < 0) throw new Error("out of budget");
    return slice;
  };
  const imports = { ...kernelImports, [meterModule]: { [refillName]: refill } };
  const { instance } = await WebAssembly.instantiate(metered, imports);
  const { exports } = instance;
  const fuel = exports[fuelExport] as WebAssembly.Global<"i32">;
  const depth = exports[depthExport] as WebAssembly.Global<"i32">;
  const start = exports[startExport] as (() => void) | undefined;
  const enter = (): void => {
    fuel.value = budget.begin(1e12, 1e6);
    depth.value = 1000;
  };
  enter();
  start?.();
  const run = exports["run"] as Run;
  return () => {
    enter();
    return run();
  };
}

/**
 * Times a kernel raw and metered, in turn. Runs in Node and in a page.
 * @throws Error when they don't return the same.
 */
export async function timeKernel(kernel: KernelModules, rounds: number): Promise<KernelTimes> {
  const { name } = kernel;
  const raw = await rawKernel(kernel.raw);
  const metered = await meteredKernel(kernel.metered);
  if (raw() !== metered()) throw new Error(`${name}: metered and raw disagree`);
  const [rawMs, meteredMs] = alternate([raw, metered], rounds);
  return { name, rawMs, meteredMs, ratio: meteredMs / rawMs };
}
