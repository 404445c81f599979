import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { median, quantile } from "./measure.ts";

/** How late calls were stopped, in milliseconds. */
export interface OvershootResult {
  readonly name: string;
  readonly p50OvershootMs: number;
  readonly p99OvershootMs: number;
  readonly maxOvershootMs: number;
}

export interface DeadlineResult {
  readonly deadlineMs: number;
  readonly calls: number;
  /** The worst script's. */
  readonly p50OvershootMs: number;
  readonly p99OvershootMs: number;
  readonly scripts: readonly OvershootResult[];
  /** Native code that does nothing but look at the clock until the deadline: the machine's own lateness. */
  readonly native: OvershootResult;
}

/** Loops that never end, of what takes least and most time for its fuel. */
const endless: Readonly<Record<string, string>> = {
  counter: "let n: i32 = 0; export function run(): void { while (true) n++; }",
  divisions: `let n: i64 = 1; export function run(): void {
    let d: i64 = 7;
    while (true) { n = (n + 0x7fffffffffff) / d; d = (n & 15) + 3; }
  }`,
  "cache misses": `const size = 1 << 23; const a = new StaticArray<i32>(size);
  export function run(): void {
    let at = 1;
    while (true) { unchecked((a[at] = a[at] + 1)); at = (at * 1664525 + 1013904223) & (size - 1); }
  }`,
  fills: `const block = new StaticArray<u8>(1 << 20);
  export function run(): void { while (true) memory.fill(changetype<usize>(block), 1, 1 << 20); }`,
  copies: `const block = new StaticArray<u8>(1 << 21);
  export function run(): void {
    const p = changetype<usize>(block);
    while (true) memory.copy(p, p + (1 << 20), 1 << 20);
  }`,
  "small calls": `function f(n: i32): i32 { return n < 2 ? n : f(n - 1) + f(n - 2); }
  export function run(): void { let n = 0; while (true) n += f(n & 7); }`,
  "host calls": `@external("h", "now") declare function now(): i32;
  export function run(): void { let n = 0; while (true) n += now(); }`,
};

const deadlineMs = 2;

/** How far past their deadline endless loops run before the host has control again. */
export async function benchDeadline(calls: number): Promise<DeadlineResult> {
  const scripts: OvershootResult[] = [];
  for (const [name, source] of Object.entries(endless)) {
    scripts.push(await overshootOf(name, source, calls));
  }
  const worst = (of: "p50OvershootMs" | "p99OvershootMs"): number =>
    Math.max(...scripts.map((s) => s[of]));
  return {
    deadlineMs,
    calls,
    p50OvershootMs: worst("p50OvershootMs"),
    p99OvershootMs: worst("p99OvershootMs"),
    scripts,
    native: summarise("native", Array.from({ length: calls }, spin)),
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

async function overshootOf(name: string, source: string, calls: number): Promise<OvershootResult> {
  const { sdk } = diskSources(".");
  const entry = "scripts/endless.ts";
  const result = await compile({ entry, readFile: (p) => (p === entry ? source : null), sdk });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  const limits = {
    fuelPerCall: Infinity,
    callTimeMs: deadlineMs,
    memoryBytes: 64 << 20,
    hostCallsPerCall: Infinity,
  };
  const linker = new Linker();
  linker.func("h", "now", { params: [], results: ["i32"], fuel: 20 }, () => 1);
  const script = await new ScriptRuntime({ linker, limits }).load(result.binary.bytes, { name });
  const overshoots: number[] = [];
  for (let i = 0; i < calls; i++) {
    // A stopped call's instance isn't used again; making the next one is no part of stopping it.
    script.restart();
    const start = performance.now();
    const outcome = script.call("run");
    const ms = performance.now() - start;
    if (outcome.ok || outcome.fault.kind !== "deadline") {
      throw new Error(`${name}: stopped by ${outcome.ok ? "nothing" : outcome.fault.kind}`);
    }
    overshoots.push(ms - deadlineMs);
  }
  return summarise(name, overshoots);
}

function summarise(name: string, overshoots: readonly number[]): OvershootResult {
  return {
    name,
    p50OvershootMs: median(overshoots),
    p99OvershootMs: quantile(overshoots, 0.99),
    maxOvershootMs: Math.max(...overshoots),
  };
}
