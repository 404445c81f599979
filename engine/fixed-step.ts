/** Rounding error, in milliseconds, that may make a step due a little early. */
const toleranceMs = 1e-6;

/**
 * Cuts frames of any length into steps of one length. What a frame leaves over counts for the next.
 * A frame runs at most `maxSteps`; steps beyond are dropped, not owed: a game that is too slow for
 * its steps slows down instead of falling ever further behind.
 */
export class FixedStep {
  readonly stepMs: number;
  readonly maxSteps: number;
  #owedMs = 0;
  #droppedMs = 0;

  constructor(stepMs: number, maxSteps: number) {
    this.stepMs = stepMs;
    this.maxSteps = maxSteps;
  }

  /** Milliseconds that have passed of the next step. */
  get owedMs(): number {
    return this.#owedMs;
  }

  set owedMs(ms: number) {
    this.#owedMs = ms;
  }

  /** How far into the next step the last frame ended, 0 … 1. */
  get alpha(): number {
    return Math.min(1, Math.max(0, this.#owedMs / this.stepMs));
  }

  /** Milliseconds that the last frame dropped: whole steps. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Adds a frame. Returns how many steps to run. */
  advance(deltaMs: number): number {
    this.#owedMs += deltaMs;
    const due = Math.floor((this.#owedMs + toleranceMs) / this.stepMs);
    const steps = Math.min(due, this.maxSteps);
    this.#owedMs -= due * this.stepMs;
    this.#droppedMs = (due - steps) * this.stepMs;
    return steps;
  }
}
