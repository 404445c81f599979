import type { Clock } from "../../engine/index.ts";

/**
 * Fuel after which rows come back for a look at the clock. Fuel is about a nanosecond, so this is how far a share
 * may be overrun unnoticed, on top of the call that was under way.
 */
export const fuelPerWindowLook = 100_000;
/** Further fuel for rows that are likely to be through by then: to come back and go on takes as long as some dozens. */
const fuelToTheEnd = 25_000;

/** When rows that run in a window look at the clock, and what it said. */
export class ClockLooks {
  readonly #clock: Clock;
  /** Fuel since the last look. */
  #unlooked = 0;
  /** The time at the last look, in milliseconds. */
  lookedMs = 0;
  /** When time is over, in milliseconds. */
  untilMs = 0;
  /** Whether it is, or rows are to be taken for it. */
  isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param unwatched fuel that was used since `lookedMs`. */
  begin(lookedMs: number, untilMs: number, unwatched: number): void {
    this.lookedMs = lookedMs;
    this.untilMs = untilMs;
    this.#unlooked = unwatched;
    this.isOver = false;
  }

  /** Fuel was used. @returns whether it is time for a look. */
  isDue(usedFuel: number): boolean {
    this.#unlooked += usedFuel;
    return this.#unlooked >= fuelPerWindowLook;
  }

  /** Looks at the clock. @returns the time, in milliseconds. */
  look(): number {
    this.lookedMs = this.#clock.nowMs();
    this.isOver ||= this.lookedMs >= this.untilMs;
    this.#unlooked = 0;
    return this.lookedMs;
  }

  /** Whether so many milliseconds from now on are too many. */
  exceeds(ms: number): boolean {
    return this.#clock.nowMs() + ms > this.untilMs;
  }

  /**
   * How many rows are likely to have used the fuel for a look. The driver itself counts first slices only, and would go
   * from one long call to the next.
   */
  rowsPerLook(rowFuel: number): number {
    return Math.max(1, Math.floor(fuelPerWindowLook / Math.max(1, rowFuel)));
  }

  /** Fuel for so many rows until the next look. */
  fuelFor(rows: number, rowFuel: number): number {
    const left = fuelPerWindowLook - this.#unlooked;
    const isNearEnd = rows * rowFuel <= left + fuelToTheEnd;
    return Math.max(1, isNearEnd ? left + fuelToTheEnd : left);
  }

  /** Fuel that was used since the last look; {@link fuelPerWindowLook} when there may be no time for more. */
  get unwatched(): number {
    return this.isOver ? fuelPerWindowLook : this.#unlooked;
  }
}
