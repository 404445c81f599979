import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadResult } from "../load.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";
import { shippedModules } from "../shipped.ts";

export async function load(): Promise<unknown> {
  const modules = await shippedModules();
  console.log("\nAdmission, metering and verification of modules that packages ship");
  row("module", "bytes", "ms", "least ms", "MB/s", "/ validate", "size", "peak memory");
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
      r.leastMs.toFixed(2),
      r.mbPerSecond.toFixed(1),
      r.overValidate.toFixed(1),
      r.sizeRatio.toFixed(2),
      r.peakMemoryRatio?.toFixed(1) ?? "",
    );
  }
  rmSync(folder, { recursive: true });
  const total = (of: (r: LoadResult) => number): number => curve.reduce((n, r) => n + of(r), 0);
  const kilobytes = total((r) => r.bytes) / 1e3;
  const mbPerSecond = kilobytes / total((r) => r.ms);
  const mostMbPerSecond = kilobytes / total((r) => r.leastMs);
  row("all together", "", "", "", mbPerSecond.toFixed(1));
  row("in the fastest rounds", "", "", "", mostMbPerSecond.toFixed(1));
  return { mbPerSecond, mostMbPerSecond, msFor12KB: curve[0]?.ms, curve };
}
