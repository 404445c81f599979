import { Linker, limitProfiles, ScriptRuntime } from "../../scripting/index.ts";
import { type KernelModules, rawKernel } from "./kernel.ts";
import { alternate } from "./measure.ts";

/** What limits cost a kernel, as a script that a host calls. */
export interface LimitsResult {
  readonly name: string;
  /** The module as it was compiled, called without Fusewire, medians. */
  readonly rawMs: number;
  /** A script's call over that: with the profile `unlimited`, and with every limit set. Medians. */
  readonly unlimitedRatio: number;
  readonly limitedRatio: number;
}

/** Every limit, as high as these kernels need. */
const limits = {
  ...limitProfiles.development,
  fuelPerCall: 1e10,
  callTimeMs: 60_000,
  memoryBytes: 256 << 20,
} as const;

/** Times a kernel raw and as a script with and without limits, in turn. */
export async function benchLimits(kernel: KernelModules, rounds: number): Promise<LimitsResult> {
  const { name, raw: bytes } = kernel;
  const linker = new Linker();
  const runtime = new ScriptRuntime({ linker, limits: limitProfiles.unlimited });
  const free = await runtime.load(bytes, { name });
  const held = await runtime.load(bytes, { name, limits });
  const raw = await rawKernel(bytes);
  const call = (script: typeof free): unknown => {
    const result = script.call("run");
    if (!result.ok) throw new Error(`${name}: ${result.fault.message}`);
    return result.value;
  };
  const expected = raw();
  if (call(free) !== expected || call(held) !== expected)
    throw new Error(`${name}: results differ`);
  const [rawMs, freeMs, heldMs] = alternate([raw, () => call(free), () => call(held)], rounds);
  return { name, rawMs, unlimitedRatio: freeMs / rawMs, limitedRatio: heldMs / rawMs };
}
