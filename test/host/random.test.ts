import { describe, expect, test } from "vitest";
import { RandomStreams } from "../../scripting/host/random.ts";
import { Journal } from "../../scripting/journal.ts";

function draw(seed: number, name: string, count: number): number[] {
  const streams = new RandomStreams(seed, new Journal());
  return Array.from({ length: count }, () => streams.next(name));
}

describe("random numbers", () => {
  test("depend on seed and script name, and on nothing else", () => {
    expect(draw(1, "a", 50)).toEqual(draw(1, "a", 50));
    expect(draw(1, "a", 5)).not.toEqual(draw(2, "a", 5));
    expect(draw(1, "a", 5)).not.toEqual(draw(1, "b", 5));
    const mixed = new RandomStreams(1, new Journal());
    const ofA: number[] = [];
    for (let n = 0; n < 50; n++) {
      mixed.next("b");
      ofA.push(mixed.next("a"));
    }
    expect(ofA).toEqual(draw(1, "a", 50));
  });

  test("stay the same from version to version", () => {
    expect(draw(1, "patrol", 3)).toMatchInlineSnapshot(`
      [
        0.3098536166906146,
        0.0503441801374237,
        0.47260347982224815,
      ]
    `);
  });

  test("are given back when the journal is undone", () => {
    const journal = new Journal();
    const streams = new RandomStreams(7, journal);
    streams.next("a");
    journal.clear();
    const first = [streams.next("a"), streams.next("a"), streams.next("b")];
    journal.undoTo(0);
    expect([streams.next("a"), streams.next("a"), streams.next("b")]).toEqual(first);
  });

  test("are from 0 up to 1 and evenly spread, alone and in pairs", () => {
    const count = 200_000;
    const numbers = draw(3, "spread", count);
    const buckets = new Array<number>(64).fill(0);
    const pairs = new Array<number>(64).fill(0);
    let last = 0;
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (const number of numbers) {
      const eighth = Math.floor(number * 8);
      buckets[Math.floor(number * 64)]!++;
      pairs[last * 8 + eighth]!++;
      last = eighth;
    }
    // 63 degrees of freedom: 120 is past the 99.99th percentile. The draw is fixed, so is the result.
    for (const counts of [buckets, pairs]) {
      const expected = count / 64;
      const chi = counts.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
      expect(chi).toBeLessThan(120);
    }
    const lowBits = numbers.map((number) => (number * 2 ** 53) % 2);
    expect(Math.abs(lowBits.reduce((a, b) => a + b, 0) / count - 0.5)).toBeLessThan(0.01);
  });
});
