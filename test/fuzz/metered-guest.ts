import {
  beginExport,
  meterModule,
  priceExport,
  refillName,
  remainingExport,
  stopExport,
} from "../../scripting/metering/protocol.ts";

/** Thrown by `refill` when the budget is used up. */
class OutOfFuel extends Error {}

/** How a call came to its end. */
export type Ending =
  | { readonly kind: "finished"; readonly values: readonly unknown[] }
  | { readonly kind: "out-of-fuel" }
  | { readonly kind: "stack-overflow" }
  /** The engine's own stack ran out, which the call depth is there to prevent. */
  | { readonly kind: "engine-stack-overflow" }
  | { readonly kind: "trap"; readonly message: string };

/** A call's end, and what it was charged: exact for a finished one. */
export type MeteredEnding = Ending & { readonly fuel: number };

/** Fuel of the slice that follows after `used`. */
export type Slicing = (used: number) => number;

/**
 * Runs a metered module by the meter's protocol alone, without the runtime: the budget is kept here,
 * so that slices can be as small and as odd as a test wants them.
 */
export class MeteredGuest {
  readonly exports: WebAssembly.Exports;
  private budget = 0;
  private granted = 0;
  private slicing: Slicing = () => 0;
  private readonly begin: (fuel: number, depth: number) => void;
  private readonly remaining: () => number;
  private readonly stop: WebAssembly.Global;

  /** `prices` of the imported functions, in the module's order. */
  constructor(
    compiled: WebAssembly.Module,
    imports: WebAssembly.Imports,
    prices: readonly number[] = [],
  ) {
    const refill = (remaining: number): number => this.refill(remaining);
    const all = { ...imports, [meterModule]: { [refillName]: refill } };
    this.exports = new WebAssembly.Instance(compiled, all).exports;
    this.begin = this.exports[beginExport] as typeof this.begin;
    this.remaining = this.exports[remainingExport] as typeof this.remaining;
    this.stop = this.exports[stopExport] as WebAssembly.Global;
    for (const [i, price] of prices.entries()) {
      (this.exports[priceExport(i)] as WebAssembly.Global).value = price;
    }
  }

  /** Calls an export with so much fuel, handed out in slices. */
  call(
    name: string,
    args: readonly unknown[],
    budget: number,
    slicing: Slicing = () => 1 << 20,
    depth = 1_000,
  ): MeteredEnding {
    this.budget = budget;
    this.slicing = slicing;
    this.granted = Math.min(budget, slicing(0));
    this.begin(this.granted, depth);
    const run = this.exports[name] as (...args: readonly unknown[]) => unknown;
    try {
      const result = run(...args);
      const fuel = this.granted - this.remaining();
      if (fuel > budget) return { kind: "out-of-fuel", fuel };
      const values = result === undefined ? [] : Array.isArray(result) ? result : [result];
      return { kind: "finished", values, fuel };
    } catch (thrown) {
      return { ...endingOf(thrown, this.stop.value as number), fuel: this.granted };
    }
  }

  private refill(remaining: number): number {
    if (remaining >= 0) throw new Error(`refill with ${remaining} left`);
    const used = this.granted - remaining;
    if (used > this.budget) throw new OutOfFuel();
    const slice = Math.min(this.slicing(used), this.budget - used);
    this.granted = used + slice;
    return slice;
  }
}

/** What a thrown error means; `stopReason` is what the guest left in its stop global. */
export function endingOf(thrown: unknown, stopReason = 0): Ending {
  if (thrown instanceof OutOfFuel) return { kind: "out-of-fuel" };
  if (thrown instanceof RangeError) return { kind: "engine-stack-overflow" };
  if (stopReason === 1) return { kind: "stack-overflow" };
  if (thrown instanceof WebAssembly.RuntimeError) return { kind: "trap", message: thrown.message };
  throw thrown;
}
