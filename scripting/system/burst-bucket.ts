/**
 * Time that frames leave of their budget, for a later one that needs more: a token bucket. What is taken out is never
 * more than what was left before, so over many frames scripts take no more than their budget.
 */
export class BurstBucket {
  readonly #mostMs: number;
  #savedMs = 0;

  /** @param mostMs milliseconds that may be saved up; 0 for none. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** Milliseconds that the next frame may take beyond its budget. */
  get savedMs(): number {
    return this.#savedMs;
  }

  /** A frame that was granted so many milliseconds has taken so many. */
  settle(grantedMs: number, takenMs: number): void {
    const leftMs = this.#savedMs + grantedMs - takenMs;
    this.#savedMs = Math.min(this.#mostMs, Math.max(0, leftMs));
  }
}
