import { describe, expect, it } from "vitest";
import { CallBudget, OutOfBudget } from "../../scripting/runtime/call-budget.ts";

/** A guest that burns all of its slices, on a clock of its own: how long the call took, in ms. */
function burn(
  budget: CallBudget,
  clock: { ms: number },
  limits: { fuel: number; ms: number },
  fuelPerMs: (elapsedMs: number) => number,
): { ms: number; used: number; stop: number; refills: number } {
  const startMs = clock.ms;
  let slice = budget.begin(limits.fuel, limits.ms);
  let used = 0;
  for (let refills = 1; ; refills++) {
    // A little over the slice, as code between two checks is.
    used += slice + 5;
    clock.ms += (slice + 5) / fuelPerMs(clock.ms - startMs);
    const next = budget.refill(-5);
    if (next < 0) return { ms: clock.ms - startMs, used, stop: next, refills };
    slice = next;
  }
}

function fresh(): [CallBudget, { ms: number }] {
  const clock = { ms: 1_000 };
  return [new CallBudget(() => clock.ms), clock];
}

const noFuelLimit = { fuel: 1e12, ms: 2 };

describe("slices", () => {
  it("meet the deadline to a twentieth of a millisecond, once the code's speed is known", () => {
    for (const speed of [20_000, 400_000, 3_000_000]) {
      const [budget, clock] = fresh();
      for (let call = 0; call < 20; call++) burn(budget, clock, noFuelLimit, () => speed);
      const { ms, stop } = burn(budget, clock, noFuelLimit, () => speed);
      expect(stop).toBe(OutOfBudget.time);
      // What is left to it is for stopping.
      expect(ms).toBeGreaterThanOrEqual(1.85);
      expect(ms).toBeLessThan(1.91);
    }
  });

  it("meet it to a quarter of one when code turns out 25 times slower on the way", () => {
    const [budget, clock] = fresh();
    for (let call = 0; call < 20; call++) burn(budget, clock, noFuelLimit, () => 2_000_000);
    for (const turnsAtMs of [0.3, 0.9, 1.5, 1.9]) {
      const speed = (at: number): number => (at < turnsAtMs ? 2_000_000 : 80_000);
      expect(burn(budget, clock, noFuelLimit, speed).ms).toBeLessThan(2.1);
    }
  });

  it("leave a short call nearly all of its time", () => {
    for (const ms of [0.01, 0.1, 1, 100]) {
      const [budget, clock] = fresh();
      for (let call = 0; call < 20; call++) burn(budget, clock, { fuel: 1e12, ms }, () => 400_000);
      const last = burn(budget, clock, { fuel: 1e12, ms }, () => 400_000);
      expect(last.ms).toBeGreaterThan(Math.max(0.92 * ms, ms - 0.16));
    }
  });

  it("are few while the deadline is far", () => {
    const [budget, clock] = fresh();
    const limits = { fuel: 1e12, ms: 1_000 };
    burn(budget, clock, limits, () => 2_000_000);
    expect(burn(budget, clock, limits, () => 2_000_000).refills).toBeLessThan(1_000 / 0.2);
  });

  it("end a call when its fuel is used up, however they were sized", () => {
    for (const speed of [20_000, 3_000_000]) {
      const [budget, clock] = fresh();
      const { stop, used } = burn(budget, clock, { fuel: 300_000, ms: 1e6 }, () => speed);
      expect(stop).toBe(OutOfBudget.fuel);
      expect(used).toBeGreaterThan(300_000);
      expect(used).toBeLessThan(300_000 + 100);
    }
  });

  it("stop operations that take longer than what is left, before they run", () => {
    const [budget] = fresh();
    budget.begin(1e12, 2);
    expect(budget.refill(-2_000_000)).toBe(OutOfBudget.time);
    budget.begin(1e12, 20);
    expect(budget.refill(-2_000_000)).toBeGreaterThan(0);
  });
});
