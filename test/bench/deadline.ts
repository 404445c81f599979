import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { median, quantile } from "./measure.ts";

/** How late calls were stopped, in milliseconds. */
export interface OvershootResult {
  readonly name: string;
  /**
   * Of native code that does nothing but look at the clock until the deadline, in turn with the script:
   * how late the machine is by itself.
   */
  readonly nativeP99OvershootMs: number;
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
}

/** Loops that never end, of what takes least and most time for its fuel. */
const endless: Readonly<Record<string, string>> = {
  counter: "let n: i32 = 0; export function run(): void { while (true) n++; }",
  divisions: `let n: i64 = 1; export function run(): void {
    let d: i64 = 7;
    while (true) { n = (n + 0x7fffffffffff) / d; d = (n & 15) + 3; }
  }`,
  "cache misses": `const size = 1 << 20;
  PREPARE
  export function run(): void {
    const base: usize = 1 << 16;
    let at: usize = 1;
    while (true) {
      store<i32>(base + at * 4, load<i32>(base + at * 4) + 1);
      at = (at * 1664525 + 1013904223) & (size - 1);
    }
  }`,
  fills: `PREPARE
  export function run(): void { while (true) memory.fill(1 << 16, 1, 1 << 20); }`,
  copies: `PREPARE
  export function run(): void { while (true) memory.copy(1 << 16, (1 << 16) + (1 << 20), 1 << 20); }`,
  "small calls": `function f(n: i32): i32 { return n < 2 ? n : f(n - 1) + f(n - 2); }
  export function run(): void { let n = 0; while (true) n += f(n & 7); }`,
  "host calls": `@external("h", "now") declare function now(): i32;
  export function run(): void { let n = 0; while (true) n += now(); }`,
};

/** Grows the memory by 1 MiB and touches it, so that no loop pays for its first touch. */
const prepare = `export function prepare(): void {
  const page = memory.grow(16);
  memory.fill(page << 16, 1, 1 << 20);
}`;
const preparations = 5;

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
  const text = source.replace("PREPARE", prepare);
  const result = await compile({ entry, readFile: (p) => (p === entry ? text : null), sdk });
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
  const native: number[] = [];
  for (let i = 0; i < calls; i++) {
    native.push(spin());
    // A stopped call's instance isn't used again; making the next one is no part of stopping it.
    let ready = false;
    while (!ready) {
      script.restart();
      ready = true;
      // Which a busy machine may stop too.
      for (let n = 0; text !== source && n < preparations; n++) ready &&= script.call("prepare").ok;
    }
    const start = performance.now();
    const outcome = script.call("run");
    const ms = performance.now() - start;
    if (outcome.ok || outcome.fault.kind !== "deadline") {
      throw new Error(`${name}: stopped by ${outcome.ok ? "nothing" : outcome.fault.kind}`);
    }
    overshoots.push(ms - deadlineMs);
  }
  return {
    name,
    p50OvershootMs: median(overshoots),
    p99OvershootMs: quantile(overshoots, 0.99),
    maxOvershootMs: Math.max(...overshoots),
    nativeP99OvershootMs: quantile(native, 0.99),
  };
}
