import { encodeBytes } from "../encoded.ts";
import { benchLimits, type LimitsResult } from "../limits.ts";
import type { ManyResult } from "../many-process.ts";
import { geometricMean } from "../measure.ts";
import { loadKernels } from "../metering.ts";
import { benchMetrics } from "../metrics.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";
import { benchRestart } from "../restart.ts";
import { withOptimising } from "../tier-flags.ts";
import { variedScripts } from "../varied-scripts.ts";

const scripts = 1_000;
const restarts = 2_000;
const kib = 1024;

export async function sandbox(rounds: number): Promise<unknown> {
  return {
    limits: await limits(rounds),
    metrics: await metrics(rounds),
    restart: await restart(),
    many: await many(),
  };
}

async function limits(rounds: number): Promise<unknown> {
  const kernels = await loadKernels();
  console.log(
    "\nScripts without limits and with all of them, over the raw module, optimising tier",
  );
  row("kernel", "raw ms", "unlimited", "limited");
  const results = await withOptimising(async () => {
    const results: LimitsResult[] = [];
    for (const kernel of kernels) {
      const r = await benchLimits(kernel, Math.ceil(rounds / 3));
      results.push(r);
      row(r.name, r.rawMs.toFixed(2), r.unlimitedRatio.toFixed(3), r.limitedRatio.toFixed(3));
    }
    return results;
  });
  const unlimited = geometricMean(results.map((r) => r.unlimitedRatio));
  const limited = geometricMean(results.map((r) => r.limitedRatio));
  row("geometric mean", "", unlimited.toFixed(3), limited.toFixed(3));
  return { unlimited, limited, kernels: results };
}

async function metrics(rounds: number): Promise<unknown> {
  const r = await benchMetrics(10_000, rounds);
  console.log("\nA frame with metrics, and without");
  row("entities", "with ms", "without ms", "ratio");
  const count = r.entities.toLocaleString("en");
  row(count, r.withMs.toFixed(2), r.withoutMs.toFixed(2), r.ratio.toFixed(3));
  return r;
}

async function restart(): Promise<unknown> {
  const r = await benchRestart(restarts);
  console.log("\nA fresh instance after a fault; and from the fault until the next call is over");
  row("", "p50 ms", "p99 ms");
  row("restart", r.p50Ms.toFixed(3), r.p99Ms.toFixed(3));
  row("fault to next call", r.recoveryP50Ms.toFixed(3), r.recoveryP99Ms.toFixed(3));
  return r;
}

async function many(): Promise<unknown> {
  const modules = (await variedScripts(scripts)).map(encodeBytes);
  const r = (await runInNode("./many-process.ts", ["--expose-gc"], { modules })) as ManyResult;
  console.log("\nDifferent scripts loaded at once");
  row("scripts", "bytes", "load ms", "KiB each", "beyond mem.", "1st frame ms", "frame ms");
  row(
    r.scripts.toLocaleString("en"),
    r.moduleBytes.toLocaleString("en"),
    r.loadMs.toFixed(0),
    (r.bytesEach / kib).toFixed(0),
    (r.bytesEachBeyondMemory / kib).toFixed(0),
    r.firstFrameMs.toFixed(1),
    r.frameMs.toFixed(2),
  );
  return r;
}
