import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkExact } from "../fuzz/exactness.ts";
import { generate } from "../fuzz/generate.ts";

/** Any bytes are a program; more of them make a larger one. */
function programs(bytes: number): fc.Arbitrary<ReturnType<typeof generate>> {
  return fc.uint8Array({ minLength: bytes / 4, maxLength: bytes, size: "max" }).map(generate);
}

describe("what is charged is what is executed", () => {
  const sizes: [bytes: number, runs: number][] = [
    [60, 200],
    [300, 400],
    [1200, 100],
  ];
  it.each(sizes)(
    "in programs made of %i bytes, whatever the budget and the slices",
    (bytes, runs) => {
      const seen = {
        finished: 0,
        trap: 0,
        "gave-up": 0,
        "out-of-fuel": 0,
        "stack-overflow": 0,
        "engine-stack-overflow": 0,
      };
      const exact = fc.property(programs(bytes), (program) => {
        const end = checkExact(program);
        seen[end] = (seen[end] ?? 0) + 1;
      });
      fc.assert(exact, { seed: 1, numRuns: runs });
      expect(seen["finished"]).toBeGreaterThan(runs / 2);
    },
  );
});
