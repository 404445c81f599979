import { maxSliceFuel } from "../metering/bounds.ts";

/** What {@link CallBudget.refill} answers instead of a slice. */
export const OutOfBudget = { fuel: -1, time: -2, cut: -3 } as const;

/**
 * Code may turn out this much slower for its fuel than what was measured: divisions and cache misses
 * where additions came before. A slice is so short that the deadline is met all the same.
 */
const slowdown = 25;
/** Time by which the deadline may be overshot when that happens, in milliseconds. */
const toleranceMs = 0.2;
/**
 * By its deadline a call is over, and stopping takes time itself: 0.04 ms, and four times that after a pause,
 * when nothing of it is in the caches. This much is kept for it, and no larger share of the call's time.
 */
const stopMs = 0.15;
const mostStopShare = 0.075;
/** Longest time that a slice is meant to last, in milliseconds. */
const longestSliceMs = 0.25;
/** Fuel per millisecond of code in the baseline compiler, before anything was measured. */
const initialFuelPerMs = 400_000;
/** Above what any code burns; operations on much memory at once seem to. */
const mostFuelPerMs = 4_000_000;
const shortestSliceFuel = 1_000;
/** A call's first slice is no longer: nothing is known of it yet, and its memory may be cold. */
const firstSliceFuel = 50_000;
/** A rate is measured over at least this: a page's clock ticks in steps of 0.1 ms. */
const measuredOverMs = 0.25;
/** Debt above this comes from one bulk operation, about to run. */
const bulkDebtFuel = 100_000;
/** Fuel of a bulk operation that a millisecond pays for: 8 bytes a fuel, 4 GB/s. */
const bulkFuelPerMs = 500_000;

/**
 * The fuel and the time of one call from the host. The fuel is handed out in slices; whether a
 * call may go on depends on the fuel charged alone, never on how it was sliced, so fuel stops are
 * the same in every run.
 */
export class CallBudget {
  private readonly nowMs: () => number;
  private fuel = 0;
  private granted = 0;
  private deadlineMs = 0;
  private cutMs = Infinity;
  private fuelPerMs = initialFuelPerMs;
  private measuredFromMs = 0;
  private measuredFromFuel = 0;
  /** When the clock was last read. */
  private lookedMs = 0;
  /** When the call began, on the clock given. */
  startMs = 0;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /**
   * Starts a call, now or at a time that was read just before; returns its first slice.
   * @param cutMs when it is cut short even if it has time left, on the clock given.
   */
  begin(fuel: number, timeMs: number, startMs = this.nowMs(), cutMs = Infinity): number {
    this.fuel = fuel;
    this.startMs = startMs;
    this.lookedMs = startMs;
    this.deadlineMs = this.startMs + timeMs - Math.min(stopMs, timeMs * mostStopShare);
    this.cutMs = cutMs;
    this.measuredFromMs = this.startMs;
    this.measuredFromFuel = 0;
    const leftMs = Math.min(timeMs, Math.max(0, cutMs - startMs));
    this.granted = timeMs <= 0 ? 0 : Math.min(fuel, firstSliceFuel, this.slice(leftMs));
    return this.granted;
  }

  /**
   * Starts another call with the same fuel and time, whose first slice is as long as the last one's, and which is
   * cut short at the same time. It began no earlier than the clock was last read, which counts as its beginning.
   */
  beginNext(timeMs: number, slice: number): void {
    this.startMs = this.lookedMs;
    this.deadlineMs = this.startMs + timeMs - Math.min(stopMs, timeMs * mostStopShare);
    this.measuredFromMs = this.startMs;
    this.measuredFromFuel = 0;
    this.granted = slice;
  }

  /** All fuel that was handed out by now. */
  get grantedFuel(): number {
    return this.granted;
  }

  /** Fuel charged so far, when `remaining` is left of the slice. */
  used(remaining: number): number {
    return this.granted - remaining;
  }

  /** Whether more was charged than the call had. */
  isOverdrawn(remaining: number): boolean {
    return this.used(remaining) > this.fuel;
  }

  /** The next slice (≥ 0), or an {@link OutOfBudget}. */
  refill(remaining: number): number {
    const used = this.granted - remaining;
    if (used > this.fuel) return OutOfBudget.fuel;
    const now = this.nowMs();
    this.lookedMs = now;
    const bulkMs = remaining < -bulkDebtFuel ? -remaining / bulkFuelPerMs : 0;
    const left = Math.min(this.deadlineMs, this.cutMs) - now;
    if (left <= 0 || bulkMs > left) {
      const late = now >= this.deadlineMs || bulkMs > this.deadlineMs - now;
      return late ? OutOfBudget.time : OutOfBudget.cut;
    }
    this.measure(now, used);
    const next = Math.min(this.slice(left), this.fuel - used);
    this.granted = used + next;
    return next;
  }

  /** Charges from the host's side. The new remainder of the slice; undefined if the budget can't pay. */
  charge(remaining: number, fuel: number): number | undefined {
    const used = this.granted - remaining + fuel;
    if (used > this.fuel) return undefined;
    // The debt stays where an i32 holds it; the guest's next check settles the rest.
    if (remaining - fuel < -maxSliceFuel) {
      this.granted = used;
      return 0;
    }
    return remaining - fuel;
  }

  elapsedMs(): number {
    return this.nowMs() - this.startMs;
  }

  private slice(leftMs: number): number {
    const safeMs = (leftMs + toleranceMs) / slowdown;
    const ms = Math.min(longestSliceMs, safeMs);
    return Math.max(shortestSliceFuel, Math.floor(ms * this.fuelPerMs));
  }

  private measure(now: number, used: number): void {
    const ms = now - this.measuredFromMs;
    if (ms < measuredOverMs) return;
    const rate = (used - this.measuredFromFuel) / ms;
    // Slower at once, faster by and by: a slice too long costs time, one too short a refill.
    const faster = Math.min(mostFuelPerMs, (this.fuelPerMs * 3 + rate) / 4);
    this.fuelPerMs = rate < this.fuelPerMs ? rate : faster;
    this.measuredFromMs = now;
    this.measuredFromFuel = used;
  }
}
