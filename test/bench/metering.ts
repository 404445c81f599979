import { readdirSync } from "node:fs";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import {
  depthExport,
  fuelExport,
  meterModule,
  refillName,
} from "../../scripting/metering/protocol.ts";
import { CallBudget } from "../../scripting/runtime/call-budget.ts";
import { alternate, geometricMean } from "./measure.ts";

export interface KernelResult {
  readonly name: string;
  /** Metered time over raw time, medians. */
  readonly ratio: number;
  readonly rawMs: number;
  readonly meteredMs: number;
  /** Metered size over raw size. */
  readonly sizeRatio: number;
}

export interface MeteringResult {
  readonly geomean: number;
  readonly worst: number;
  readonly sizeRatio: number;
  readonly kernels: readonly KernelResult[];
}

const folder = new URL("./kernels/", import.meta.url);

/** Compiled kernels by name. */
export async function compileKernels(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const kernels = new Map<string, Uint8Array<ArrayBuffer>>();
  const sources = diskSources(new URL("../..", import.meta.url).pathname);
  for (const file of readdirSync(folder)
    .filter((f) => f.endsWith(".ts"))
    .sort()) {
    const result = await compile({ ...sources, entry: `test/bench/kernels/${file}` });
    if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
    kernels.set(file.replace(".ts", ""), result.binary.bytes);
  }
  return kernels;
}

const abort = (): never => {
  throw new Error("abort");
};

type Run = () => number;

export function rawKernel(bytes: BufferSource): Run {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { abort, seed: Math.random },
  });
  return instance.exports["run"] as Run;
}

/** The kernel with everything that metering needs at run time: fuel, slices, the clock. */
export function meteredKernel(metered: Uint8Array<ArrayBuffer>): Run {
  const budget = new CallBudget(() => performance.now());
  const instance = new WebAssembly.Instance(new WebAssembly.Module(metered), {
    env: { abort, seed: Math.random },
    [meterModule]: {
      [refillName]: (remaining: number) => {
        const slice = budget.refill(remaining);
        if (slice < 0) throw new Error("out of budget");
        return slice;
      },
    },
  });
  const exports = instance.exports as Record<string, unknown>;
  const fuel = exports[fuelExport] as WebAssembly.Global<"i32">;
  const depth = exports[depthExport] as WebAssembly.Global<"i32">;
  const start = exports["fusewire:start"] as (() => void) | undefined;
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

/** Every kernel raw and metered, in turn, in this process. */
export async function benchMetering(rounds: number): Promise<MeteringResult> {
  const kernels: KernelResult[] = [];
  for (const [name, bytes] of await compileKernels()) {
    const metered = meter(admit(bytes, { limits: limitProfiles.unlimited }));
    verify(metered.bytes);
    const raw = rawKernel(bytes);
    const guarded = meteredKernel(metered.bytes as Uint8Array<ArrayBuffer>);
    if (raw() !== guarded()) throw new Error(`${name}: metered and raw disagree`);
    const [rawMs, meteredMs] = alternate([raw, guarded], rounds);
    kernels.push({
      name,
      rawMs,
      meteredMs,
      ratio: meteredMs / rawMs,
      sizeRatio: metered.bytes.length / bytes.length,
    });
  }
  return {
    geomean: geometricMean(kernels.map((k) => k.ratio)),
    worst: Math.max(...kernels.map((k) => k.ratio)),
    sizeRatio: geometricMean(kernels.map((k) => k.sizeRatio)),
    kernels,
  };
}
