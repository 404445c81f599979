/** Median of the numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

/** The value that `share` (0 to 1) of the numbers don't exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
}

/** Keeps results alive, so that no engine drops the work. */
let sink: unknown;

/** A page's clock ticks in tenths of a millisecond; a sample takes many of them. */
const sampleMs = 6;

/**
 * Runs the candidates in turn, so that a machine that slows down slows all of them, and returns the
 * median time of one run of each, in milliseconds. The first rounds warm up and aren't counted.
 */
export function alternate<const T extends readonly (() => unknown)[]>(
  candidates: T,
  rounds: number,
): { -readonly [K in keyof T]: number } {
  const times = candidates.map((): number[] => []);
  const runs = candidates.map(() => 1);
  const warmUps = Math.max(3, Math.ceil(rounds / 3));
  for (let round = -warmUps; round < rounds; round++) {
    for (let c = 0; c < candidates.length; c++) {
      // Every other round backwards: whoever runs second finds other caches.
      const i = round % 2 === 0 ? c : candidates.length - 1 - c;
      const count = runs[i] as number;
      const start = performance.now();
      for (let n = 0; n < count; n++) sink = (candidates[i] as () => unknown)();
      const ms = performance.now() - start;
      if (round >= 0) (times[i] as number[]).push(ms / count);
      else if (ms < sampleMs) runs[i] = Math.ceil((count * sampleMs) / Math.max(0.1, ms));
    }
  }
  if (sink === times) throw new Error("unreachable");
  return times.map(median) as { -readonly [K in keyof T]: number };
}
