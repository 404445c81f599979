import { frameModule } from "../frame-module.ts";
import type { AllocationResult, FrameResult } from "../frame-process.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";

export async function frame(): Promise<unknown> {
  const module = await frameModule();
  const r = (await runInNode("./frame-process.ts", [], { module })) as FrameResult & {
    allocation: AllocationResult;
  };
  console.log(
    `\nFrames with ${r.entities} scripted entities, ${r.misbehaving} of them misbehaving, budget ${r.budgetMs} ms`,
  );
  row("ms over it", "p50", "p99", "disturbed", "p99 of all", "most", "p99 of none");
  row(
    `${r.frames} frames`,
    r.p50OverBudgetMs.toFixed(3),
    r.p99OverBudgetMs.toFixed(3),
    r.disturbedFrames.toString(),
    r.p99OfAllMs.toFixed(3),
    r.maxOverBudgetMs.toFixed(2),
    r.watchingP99OverBudgetMs.toFixed(3),
  );
  console.log(
    `${r.faultsAFrame.toFixed(1)} calls stopped a frame; nobody waited more than ${r.longestWaitFrames} frames`,
  );
  const { bytesPerFrame, bytesPerEntityAndFrame, frames } = r.allocation;
  console.log(
    `without mischief, allocated a frame: ${bytesPerFrame.toFixed(0)} bytes, ` +
      `and for each further entity: ${bytesPerEntityAndFrame.toFixed(2)} (${frames} frames)`,
  );
  return r;
}
