/** Where a game gets the time from. */
export interface Clock {
  /** Milliseconds since some fixed moment; may have a fraction. */
  nowMs(): number;
}

/** The machine's own clock: `performance.now()`. */
export const systemClock: Clock = Object.freeze({ nowMs: () => performance.now() });

/** A clock that stands still until it is told to go on. For tests, replays and headless runs. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** @throws RangeError for a negative or non-finite duration: a clock doesn't go back. */
  advanceMs(durationMs: number): void {
    if (!(durationMs >= 0 && durationMs < Infinity)) {
      throw new RangeError(`a clock can't advance by ${durationMs} ms`);
    }
    this.#nowMs += durationMs;
  }
}
