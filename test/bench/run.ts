import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { programs } from "../programs/index.ts";
import { timeInChromium } from "./chromium.ts";
import { deadlineResult, type OvershootResult } from "./deadline.ts";
import { endlessScripts } from "./endless.ts";
import { benchEntities } from "./entities.ts";
import type { LoadResult } from "./load.ts";
import { geometricMean } from "./measure.ts";
import { loadKernels, sizeRatio, type TierResult, timeKernels } from "./metering.ts";
import { runInNode } from "./process.ts";
import { benchProgram } from "./programs.ts";
import { shippedModules } from "./shipped.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    rounds: { type: "string", default: "41" },
    only: { type: "string" },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds wants a whole number of at least 1, not ${values.rounds}`);
  process.exit(2);
}
const parts = ["load", "deadline", "entities", "programs", "metering", "chromium"] as const;
const wanted = values.only?.split(",") ?? parts;
const unknown = wanted.find((part) => !parts.includes(part as (typeof parts)[number]));
if (unknown !== undefined) {
  console.error(`--only wants some of ${parts.join(",")}, not ${unknown}`);
  process.exit(2);
}
const has = (part: (typeof parts)[number]): boolean => wanted.includes(part);

const row = (...cells: (string | number)[]): void =>
  console.log(
    cells.map((c, i) => (i === 0 ? String(c).padEnd(24) : String(c).padStart(12))).join(""),
  );
const report: Record<string, unknown> = { node: process.versions.node, rounds };

// One compiler at a time: how soon code gets to the optimising one is the engine's affair, and would
// blur what metering costs.
const optimising = "--no-liftoff";
const baseline = "--liftoff-only";

function printTier(title: string, tier: TierResult): void {
  console.log(`\nMetered over raw, fuel and deadline included: ${title}`);
  row("kernel", "raw ms", "metered ms", "ratio");
  for (const k of tier.kernels) {
    row(k.name, k.rawMs.toFixed(2), k.meteredMs.toFixed(2), k.ratio.toFixed(3));
  }
  row("geometric mean", "", "", tier.geomean.toFixed(3));
  row("worst", "", "", tier.worst.toFixed(3));
}

console.log(
  `Node ${process.versions.node}, V8 ${process.versions.v8}; medians of ${rounds} rounds`,
);

if (has("load")) {
  // Before anything else starts the packages that the modules come from.
  const modules = await shippedModules();
  console.log("\nAdmission, metering and verification of modules that packages ship");
  row("module", "bytes", "ms", "MB/s", "/ validate", "size", "peak memory");
  const curve: LoadResult[] = [];
  const folder = mkdtempSync(join(tmpdir(), "fusewire-bench-"));
  // By files, so that a process has nothing in memory but the module.
  const fileOf = (name: string): string => join(folder, `${name}.wasm`);
  for (const { name, bytes } of modules) writeFileSync(fileOf(name), bytes);
  const smallest = modules.reduce((a, b) => (b.bytes.length < a.bytes.length ? b : a));
  for (const { name } of modules) {
    const input = { name, file: fileOf(name), warmUp: fileOf(smallest.name) };
    const r = (await runInNode("./load-process.ts", ["--expose-gc"], input)) as LoadResult;
    curve.push(r);
    row(
      r.name,
      r.bytes.toLocaleString("en"),
      r.ms.toFixed(2),
      r.mbPerSecond.toFixed(1),
      r.overValidate.toFixed(1),
      r.sizeRatio.toFixed(2),
      r.peakMemoryRatio?.toFixed(1) ?? "",
    );
  }
  rmSync(folder, { recursive: true });
  const total = (of: (r: LoadResult) => number): number => curve.reduce((n, r) => n + of(r), 0);
  const mbPerSecond = total((r) => r.bytes) / 1e3 / total((r) => r.ms);
  row("all together", "", "", mbPerSecond.toFixed(1));
  report["load"] = { mbPerSecond, msFor12KB: curve[0]?.ms, curve };
}

if (has("deadline")) {
  const calls = 400;
  const input = { scripts: await endlessScripts(), calls };
  const results = (await runInNode("./deadline-process.ts", [], input)) as OvershootResult[];
  const deadline = deadlineResult(results, calls);
  console.log(`\nCalls past a deadline of ${deadline.deadlineMs} ms, and native code past its own`);
  row("endless loop of", "p50 ms", "p99 ms", "disturbed", "p99 all", "p99 CPU", "native p99");
  for (const s of deadline.scripts) {
    row(
      s.name,
      s.p50OvershootMs.toFixed(3),
      s.p99OvershootMs.toFixed(3),
      `${s.disturbedCalls} of ${calls}`,
      s.p99OfAllMs.toFixed(3),
      s.p99CpuOvershootMs.toFixed(3),
      s.nativeP99OvershootMs.toFixed(3),
    );
  }
  report["deadline"] = deadline;
}

if (has("entities")) {
  console.log(
    "\nA frame of movement: a script with a budget for each entity, and native TypeScript",
  );
  row("entities", "script ns", "native ns", "ratio");
  const curve = [];
  for (const count of [1_000, 10_000, 100_000]) {
    const result = await benchEntities(count, rounds);
    curve.push(result);
    row(
      count.toLocaleString("en"),
      result.scriptNsPerEntity.toFixed(1),
      result.nativeNsPerEntity.toFixed(1),
      result.ratio.toFixed(2),
    );
  }
  report["entities"] = { ratio10k: curve[1]?.ratio, ratio100k: curve[2]?.ratio, curve };
}

if (has("programs")) {
  console.log(
    "\nPrograms out of packages, metered over raw, optimising tier; load: admit to verify",
  );
  row("program", "bytes", "load ms", "size", "raw ms", "metered ms", "ratio", "Mfuel");
  setFlagsFromString(optimising);
  const results = [];
  for (const program of programs) {
    const r = await benchProgram(program, rounds);
    results.push(r);
    row(
      r.name,
      r.bytes.toLocaleString("en"),
      r.loadMs.toFixed(2),
      r.sizeRatio.toFixed(2),
      r.rawMs.toFixed(2),
      r.meteredMs.toFixed(2),
      r.ratio.toFixed(3),
      (r.fuel / 1e6).toFixed(1),
      `  ${r.language}: ${r.compiler}`,
    );
  }
  setFlagsFromString("--liftoff");
  const geomean = geometricMean(results.map((r) => r.ratio));
  row("geometric mean", "", "", "", "", "", geomean.toFixed(3));
  report["programs"] = {
    geomean,
    worst: Math.max(...results.map((r) => r.ratio)),
    programs: results,
  };
}

if (has("metering") || has("chromium")) {
  const kernels = await loadKernels();
  if (has("metering")) {
    const fast = await timeKernels(kernels, rounds, [optimising]);
    printTier("Node, optimising tier", fast);
    const slow = await timeKernels(kernels, Math.ceil(rounds / 3), [baseline]);
    printTier("Node, baseline tier", slow);
    const size = sizeRatio(kernels);
    row("size", "", "", size.toFixed(3));
    report["metering"] = {
      ...fast,
      sizeRatio: size,
      baselineGeomean: slow.geomean,
      baseline: slow,
    };
  }
  if (has("chromium")) {
    const fast = await timeInChromium(kernels, rounds, [optimising]);
    printTier(`Chromium ${fast.version}, optimising tier`, fast);
    const slow = await timeInChromium(kernels, Math.ceil(rounds / 3), [baseline]);
    printTier("Chromium, baseline tier", slow);
    report["chromium"] = { ...fast, baselineGeomean: slow.geomean, baseline: slow };
  }
}

if (values.json !== undefined) {
  writeFileSync(values.json, JSON.stringify(report, null, 2));
  console.log(`\nwritten to ${values.json}`);
}
