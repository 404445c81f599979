import { describe, expect, test } from "vitest";
import { RandomNumbers } from "../../scripting/host/random.ts";
import { type CallInfo, hookNumbers } from "../../scripting/system/call-info.ts";

const { onLoad, onUpdate, onDestroy } = hookNumbers;

interface Draw {
  readonly seed?: number;
  readonly script?: string;
  readonly entity?: number;
  readonly hook?: number;
  readonly frame?: number;
  readonly count?: number;
}

function draw({
  seed = 1,
  script = "a",
  entity = 7,
  hook = onUpdate,
  frame = 1,
  count = 4,
}: Draw = {}) {
  const numbers = new RandomNumbers(seed, { serial: 1, hook, frame, nth: 0, lag: 0 });
  return Array.from({ length: count }, () => numbers.next(script, entity));
}

function spreadOf(numbers: readonly number[]): number {
  const buckets = new Array<number>(64).fill(0);
  for (const number of numbers) {
    const bucket = Math.floor(number * 64);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const expected = numbers.length / 64;
  return buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
}

describe("random numbers", () => {
  test("depend on seed, script, entity, hook and frame", () => {
    const variants: Draw[] = [
      {},
      { seed: 2 },
      { script: "b" },
      { entity: 8 },
      { hook: onDestroy },
      { frame: 2 },
    ];
    const drawn = variants.map((variant) => draw(variant));
    expect(drawn).toEqual(variants.map((variant) => draw(variant)));
    expect(new Set(drawn.flat()).size).toBe(variants.length * 4);
  });

  test("stay the same from version to version", () => {
    expect(draw({ script: "patrol", count: 3 })).toMatchInlineSnapshot(`
      [
        0.004620808083767192,
        0.1397614137764358,
        0.027154935569300598,
      ]
    `);
  });

  test("don't depend on what others draw before or in between, and start over with every call", () => {
    const call: CallInfo = { serial: 1, hook: onUpdate, frame: 1, nth: 0, lag: 0 };
    const numbers = new RandomNumbers(1, call);
    const drawn: number[] = [];
    for (let n = 0; n < 4; n++) drawn.push(numbers.next("a", 7));
    expect(drawn).toEqual(draw());
    call.serial++;
    numbers.next("b", 9);
    call.serial++;
    expect([numbers.next("a", 7), numbers.next("a", 7)]).toEqual(drawn.slice(0, 2));
    call.serial++;
    expect(numbers.next("a", 7)).toBe(drawn[0]);
  });

  test("of what fills a module's memory don't depend on when it is restarted", () => {
    for (const hook of [0, onLoad])
      expect(draw({ hook, frame: 9 })).toEqual(draw({ hook, frame: 30 }));
  });

  test("are from 0 up to 1 and evenly spread: within a call, over entities, over frames, in pairs", () => {
    const count = 50_000;
    const over = (pick: (n: number) => Draw) =>
      Array.from({ length: count }, (_, n) => draw({ ...pick(n), count: 1 })[0] as number);
    const samples = {
      call: draw({ count }),
      entities: over((n) => ({ entity: n | (1 << 20) })),
      generations: over((n) => ({ entity: 5 | (n << 20) })).slice(0, 2048),
      frames: over((n) => ({ frame: n })),
      seeds: over((n) => ({ seed: n })),
    };
    for (const numbers of Object.values(samples)) {
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      const pairs = numbers.slice(1).map((number, n) => {
        return (Math.floor(number * 8) + Math.floor((numbers[n] as number) * 8) * 8) / 64;
      });
      const lowBits = numbers.map((number) => ((number * 2 ** 53) % 64) / 64);
      // 63 degrees of freedom: 120 is past the 99.99th percentile. The draw is fixed, so is the result.
      for (const sample of [numbers, pairs, lowBits]) expect(spreadOf(sample)).toBeLessThan(120);
    }
  });
});
