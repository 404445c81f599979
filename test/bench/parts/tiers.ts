import { timeInChromium } from "../chromium.ts";
import { loadKernels, sizeRatio, type TierResult, timeKernels } from "../metering.ts";
import { row } from "../print.ts";
import { baseline, optimising } from "../tier-flags.ts";

function print(title: string, tier: TierResult): void {
  console.log(`\nMetered over raw, fuel and deadline included: ${title}`);
  row("kernel", "raw ms", "metered ms", "ratio");
  for (const k of tier.kernels) {
    row(k.name, k.rawMs.toFixed(2), k.meteredMs.toFixed(2), k.ratio.toFixed(3));
  }
  row("geometric mean", "", "", tier.geomean.toFixed(3));
  row("worst", "", "", tier.worst.toFixed(3));
}

export async function metering(rounds: number): Promise<unknown> {
  const kernels = await loadKernels();
  const fast = await timeKernels(kernels, rounds, [optimising]);
  print("Node, optimising tier", fast);
  const slow = await timeKernels(kernels, Math.ceil(rounds / 3), [baseline]);
  print("Node, baseline tier", slow);
  const size = sizeRatio(kernels);
  row("size", "", "", size.toFixed(3));
  return { ...fast, sizeRatio: size, baselineGeomean: slow.geomean, baseline: slow };
}

export async function chromium(rounds: number): Promise<unknown> {
  const kernels = await loadKernels();
  const fast = await timeInChromium(kernels, rounds, [optimising]);
  print(`Chromium ${fast.version}, optimising tier`, fast);
  const slow = await timeInChromium(kernels, Math.ceil(rounds / 3), [baseline]);
  print("Chromium, baseline tier", slow);
  return { ...fast, baselineGeomean: slow.geomean, baseline: slow };
}
