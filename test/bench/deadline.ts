import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { median, quantile } from "./measure.ts";

export interface DeadlineResult {
  readonly deadlineMs: number;
  readonly p50OvershootMs: number;
  readonly p99OvershootMs: number;
  readonly maxOvershootMs: number;
  readonly calls: number;
}

const endless = `
let n: i32 = 0;
export function run(): void { while (true) n++; }
`;

/** How far past its deadline an endless loop runs before it is stopped. */
export async function benchDeadline(calls: number): Promise<DeadlineResult> {
  const { sdk } = diskSources(".");
  const entry = "scripts/endless.ts";
  const result = await compile({ entry, readFile: (p) => (p === entry ? endless : null), sdk });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  const deadlineMs = 2;
  const limits = { fuelPerCall: Infinity, callTimeMs: deadlineMs };
  const runtime = new ScriptRuntime({ linker: new Linker(), limits });
  const script = await runtime.load(result.binary.bytes, { name: "endless" });
  const overshoots: number[] = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    const outcome = script.call("run");
    const ms = performance.now() - start;
    if (outcome.ok || outcome.fault.kind !== "deadline") throw new Error("it wasn't stopped");
    overshoots.push(ms - deadlineMs);
  }
  return {
    deadlineMs,
    p50OvershootMs: median(overshoots),
    p99OvershootMs: quantile(overshoots, 0.99),
    maxOvershootMs: Math.max(...overshoots),
    calls,
  };
}
