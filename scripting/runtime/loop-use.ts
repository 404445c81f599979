import type { SourceLocation } from "../fault.ts";
import { grantedExport, loopFuelExport, turnsExport } from "../metering/loop-profile.ts";
import type { MeteredModule } from "../metering/meter.ts";
import type { Locator } from "./locate.ts";

/** What one loop did in a call. */
export interface LoopUse {
  /** The function that it is in. */
  readonly functionName: string;
  /** Where it begins; undefined without a source map. */
  readonly location: SourceLocation | undefined;
  /** How often its body was begun. */
  readonly turns: number;
  /** Fuel burnt from its first turn to the beginning of its last, by all that it called, too. */
  readonly fuel: number;
  /** That as a part of the call's fuel, 0 to 1. */
  readonly share: number;
}

type Counter = WebAssembly.Global<"i64">;

/** The counters of one instance's loops. */
export class LoopCounters {
  readonly #granted: Counter;
  readonly #turns: readonly Counter[];
  readonly #fuel: readonly Counter[];

  constructor(
    private readonly metered: MeteredModule,
    exports: WebAssembly.Exports,
  ) {
    this.#granted = exports[grantedExport] as Counter;
    this.#turns = metered.loops.map((_, i) => exports[turnsExport(i)] as Counter);
    this.#fuel = metered.loops.map((_, i) => exports[loopFuelExport(i)] as Counter);
  }

  /** A call begins. */
  reset(): void {
    for (const counter of [...this.#turns, ...this.#fuel]) counter.value = 0n;
  }

  /** All fuel that the call was granted by now. */
  grant(fuel: number): void {
    this.#granted.value = BigInt(fuel);
  }

  /** Loops that ran, what burnt most first; of those that burnt nearly the same, the inner one. */
  uses(locator: Locator, fuelUsed: number): LoopUse[] {
    return this.metered.loops
      .map(({ functionIndex, offset }, i) => {
        const fuel = Number(this.#fuel[i]?.value ?? 0n);
        return {
          functionName: locator.functionName(functionIndex),
          location: locator.locate(offset),
          turns: Number(this.#turns[i]?.value ?? 0n),
          fuel,
          share: fuelUsed > 0 ? fuel / fuelUsed : 0,
        };
      })
      .filter(({ turns }) => turns > 0)
      .sort((a, b) => {
        const same = Math.abs(a.share - b.share) < nearlySame;
        return same ? b.turns - a.turns : b.fuel - a.fuel;
      });
  }
}

/** Shares that differ by less are a loop and the one inside of it that does its work. */
const nearlySame = 0.05;

/** `patrol.ts:42 ran 1,204,113 times, 97 % of the fuel`. */
export function describeLoopUse({ functionName, location, turns, share }: LoopUse): string {
  const where = location === undefined ? functionName : `${location.file}:${location.line}`;
  const times = turns === 1 ? "once" : `${turns.toLocaleString("en")} times`;
  return `the loop at ${where} ran ${times}, ${Math.round(share * 100)} % of the fuel`;
}
