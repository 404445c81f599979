import { readdirSync } from "node:fs";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import { encodeBytes } from "./encoded.ts";
import type { KernelModules, KernelTimes } from "./kernel.ts";
import { geometricMean } from "./measure.ts";
import { runInNode } from "./process.ts";

/** Kernels timed by one compiler of one engine. */
export interface TierResult {
  readonly geomean: number;
  readonly worst: number;
  readonly kernels: readonly KernelTimes[];
}

const folder = new URL("./kernels/", import.meta.url);

/** Compiles, meters and verifies every kernel. */
export async function loadKernels(): Promise<KernelModules[]> {
  const sources = diskSources(new URL("../..", import.meta.url).pathname);
  const files = readdirSync(folder).filter((f) => f.endsWith(".ts"));
  const kernels: KernelModules[] = [];
  for (const file of files.sort()) {
    const result = await compile({ ...sources, entry: `test/bench/kernels/${file}` });
    if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
    const raw = result.binary.bytes;
    const { bytes } = meter(admit(raw, { limits: limitProfiles.unlimited }));
    verify(bytes);
    kernels.push({
      name: file.replace(".ts", ""),
      raw,
      metered: bytes as Uint8Array<ArrayBuffer>,
    });
  }
  return kernels;
}

/** What kernels have in bytes once metered, over what they had. */
export function sizeRatio(kernels: readonly KernelModules[]): number {
  const bytes = (of: "raw" | "metered"): number => kernels.reduce((n, k) => n + k[of].length, 0);
  return bytes("metered") / bytes("raw");
}

/** Times every kernel in a process whose engine has these flags. */
export async function timeKernels(
  kernels: readonly KernelModules[],
  rounds: number,
  flags: readonly string[],
): Promise<TierResult> {
  const encoded = kernels.map(({ name, raw, metered }) => ({
    name,
    raw: encodeBytes(raw),
    metered: encodeBytes(metered),
  }));
  const times = await runInNode("./tier-process.ts", flags, { kernels: encoded, rounds });
  return summarise(times as KernelTimes[]);
}

export function summarise(kernels: readonly KernelTimes[]): TierResult {
  const ratios = kernels.map((k) => k.ratio);
  return { geomean: geometricMean(ratios), worst: Math.max(...ratios), kernels };
}
