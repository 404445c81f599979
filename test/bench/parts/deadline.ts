import { deadlineResult, type OvershootResult } from "../deadline.ts";
import { endlessScripts } from "../endless.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";

const calls = 400;
const batches = 3;

export async function deadline(): Promise<unknown> {
  const input = { scripts: await endlessScripts(), calls, batches };
  const results = (await runInNode("./deadline-process.ts", [], input)) as OvershootResult[];
  const result = deadlineResult(results, calls, batches);
  console.log(`\nCalls past a deadline of ${result.deadlineMs} ms, and native code past its own`);
  row("endless loop of", "p50 ms", "p99 ms", "disturbed", "p99 all", "p99 CPU", "native p99");
  for (const s of result.scripts) {
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
  return result;
}
