import { readFileSync, writeFileSync } from "node:fs";
import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import { median } from "./measure.ts";
import type { ShippedModule } from "./shipped.ts";

/** How fast a module gets through admission, metering and verification, warm. */
export interface LoadResult {
  readonly name: string;
  readonly bytes: number;
  /** Median. */
  readonly ms: number;
  /** Of the fastest round: what the machine does while nobody else slows it down. */
  readonly leastMs: number;
  readonly mbPerSecond: number;
  /** The same over the time of `WebAssembly.validate`, which is a part of it. */
  readonly overValidate: number;
  /** Metered bytes over the module's. */
  readonly sizeRatio: number;
  /** Most memory that loading took, over the module's bytes; undefined where the system doesn't tell. */
  readonly peakMemoryRatio: number | undefined;
}

const limits = limitProfiles.unlimited;
const warmUpRounds = 300;
/** So many that a second in which the machine is slow doesn't make the median. */
const leastRounds = 31;

function loaded(bytes: Uint8Array): Uint8Array {
  const metered = meter(admit(bytes, { limits })).bytes;
  verify(metered);
  return metered;
}

function timed(body: () => unknown): number {
  const start = performance.now();
  body();
  return performance.now() - start;
}

/** @param warmUp a small module, to have Fusewire's own code compiled before its memory is looked at. */
export function benchLoad({ name, bytes }: ShippedModule, warmUp?: Uint8Array): LoadResult {
  for (let i = 0; warmUp !== undefined && i < warmUpRounds; i++) loaded(warmUp);
  // Before the others, for they find room that the first load took.
  const memory = peakMemoryRatio(bytes);
  const rounds = Math.max(leastRounds, Math.min(200, Math.round(20e6 / bytes.length)));
  for (let i = 0; i < rounds; i++) loaded(bytes);
  const times: number[] = [];
  const validations: number[] = [];
  for (let i = 0; i < rounds; i++) {
    times.push(timed(() => loaded(bytes)));
    validations.push(timed(() => WebAssembly.validate(bytes as BufferSource)));
  }
  const ms = median(times);
  return {
    name,
    bytes: bytes.length,
    ms,
    leastMs: Math.min(...times),
    mbPerSecond: bytes.length / 1e3 / ms,
    overValidate: ms / median(validations),
    sizeRatio: loaded(bytes).length / bytes.length,
    peakMemoryRatio: memory,
  };
}

/**
 * Most memory that the process took on while it loaded the module as the first one of its size. Heap that is set
 * aside in larger pieces is in it, so of small modules it says little. Linux only.
 */
function peakMemoryRatio(bytes: Uint8Array): number | undefined {
  if (process.platform !== "linux") return undefined;
  globalThis.gc?.();
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // Forgets the peak so far.
  const before = process.memoryUsage.rss();
  loaded(bytes);
  const [, peakKiB] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return (Number(peakKiB) * 1024 - before) / bytes.length;
}
