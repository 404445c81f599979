import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import type { EndlessScript } from "./endless.ts";
import { median, quantile } from "./measure.ts";

/**
 * How late calls were stopped, in milliseconds. A call is disturbed when the process had no processor for a
 * part of it, or lost it to another, because the machine did something else.
 */
export interface OvershootResult {
  readonly name: string;
  /**
   * Of native code that does nothing but look at the clock until the deadline, in turn with the script:
   * how late the machine is by itself.
   */
  readonly nativeP99OvershootMs: number;
  readonly p50OvershootMs: number;
  /** Of the calls that weren't disturbed. */
  readonly p99OvershootMs: number;
  /** Of all calls, and of those the longest. */
  readonly p99OfAllMs: number;
  readonly maxOvershootMs: number;
  readonly disturbedCalls: number;
  /** The same in time that the process had a processor: without what the machine took for others. */
  readonly p99CpuOvershootMs: number;
}

export interface DeadlineResult {
  readonly deadlineMs: number;
  /** Of each script in a batch; figures are medians over batches. */
  readonly calls: number;
  readonly batches: number;
  /** The worst script's. */
  readonly p50OvershootMs: number;
  readonly p99OvershootMs: number;
  readonly p99OfAllMs: number;
  readonly p99CpuOvershootMs: number;
  readonly scripts: readonly OvershootResult[];
}

export const deadlineMs = 2;

/** A call is disturbed when it took this much longer than the process had a processor. */
const disturbedMs = 0.1;

/** What is left of a frame, in milliseconds: a game calls once in each. */
const pauseMs = 14;

/** Of several results of one script, the median of each figure: a bad second makes none of them. */
export function medianOf(results: readonly OvershootResult[]): OvershootResult {
  const figure = (of: (r: OvershootResult) => number): number => median(results.map(of));
  return {
    name: results[0]?.name ?? "",
    nativeP99OvershootMs: figure((r) => r.nativeP99OvershootMs),
    p50OvershootMs: figure((r) => r.p50OvershootMs),
    p99OvershootMs: figure((r) => r.p99OvershootMs),
    p99OfAllMs: figure((r) => r.p99OfAllMs),
    maxOvershootMs: Math.max(...results.map((r) => r.maxOvershootMs)),
    disturbedCalls: figure((r) => r.disturbedCalls),
    p99CpuOvershootMs: figure((r) => r.p99CpuOvershootMs),
  };
}

export function deadlineResult(
  scripts: readonly OvershootResult[],
  calls: number,
  batches: number,
): DeadlineResult {
  type Figure = "p50OvershootMs" | "p99OvershootMs" | "p99OfAllMs" | "p99CpuOvershootMs";
  const worst = (of: Figure): number => Math.max(...scripts.map((s) => s[of]));
  return {
    deadlineMs,
    calls,
    batches,
    p50OvershootMs: worst("p50OvershootMs"),
    p99OvershootMs: worst("p99OvershootMs"),
    p99OfAllMs: worst("p99OfAllMs"),
    p99CpuOvershootMs: worst("p99CpuOvershootMs"),
    scripts,
  };
}

/** Until the deadline; returns how late that was seen. */
function spin(): number {
  const start = performance.now();
  for (;;) {
    const ms = performance.now() - start;
    if (ms >= deadlineMs) return ms - deadlineMs;
  }
}

/** How far past its deadline an endless loop runs before the host has control again, one call a frame. */
export async function overshootOf(
  { name, preparations }: EndlessScript,
  bytes: Uint8Array,
  calls: number,
): Promise<OvershootResult> {
  const limits = {
    fuelPerCall: Infinity,
    callTimeMs: deadlineMs,
    memoryBytes: 64 << 20,
    hostCallsPerCall: Infinity,
  };
  const linker = new Linker();
  linker.func("h", "now", { params: [], results: ["i32"], fuel: 20 }, () => 1);
  const script = await new ScriptRuntime({ linker, limits }).load(bytes, { name });
  const overshoots: number[] = [];
  const undisturbed: number[] = [];
  const ofCpu: number[] = [];
  const native: number[] = [];
  for (let i = 0; i < calls; i++) {
    // A stopped call's instance isn't used again; making the next one is no part of stopping it.
    let ready = false;
    while (!ready) {
      script.restart();
      ready = true;
      // Which a busy machine may stop too.
      for (let n = 0; n < preparations; n++) ready &&= script.call("prepare").ok;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    native.push(spin());
    const switches = process.resourceUsage().involuntaryContextSwitches;
    const cpuStart = process.cpuUsage();
    const start = performance.now();
    const outcome = script.call("run");
    const ms = performance.now() - start;
    const cpu = process.cpuUsage(cpuStart);
    if (outcome.ok || outcome.fault.kind !== "deadline") {
      throw new Error(`${name}: stopped by ${outcome.ok ? "nothing" : outcome.fault.kind}`);
    }
    overshoots.push(ms - deadlineMs);
    const cpuMs = (cpu.user + cpu.system) / 1_000;
    ofCpu.push(cpuMs - deadlineMs);
    const wasSwitched = process.resourceUsage().involuntaryContextSwitches > switches;
    if (ms - cpuMs < disturbedMs && !wasSwitched) undisturbed.push(ms - deadlineMs);
  }
  return {
    name,
    p50OvershootMs: median(overshoots),
    p99OvershootMs: quantile(undisturbed.length > 0 ? undisturbed : overshoots, 0.99),
    p99OfAllMs: quantile(overshoots, 0.99),
    disturbedCalls: calls - undisturbed.length,
    maxOvershootMs: Math.max(...overshoots),
    p99CpuOvershootMs: quantile(ofCpu, 0.99),
    nativeP99OvershootMs: quantile(native, 0.99),
  };
}
