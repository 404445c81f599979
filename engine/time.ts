/** How far a game's time has come. */
export interface TimeSnapshot {
  readonly frame: number;
  readonly elapsedMs: number;
  readonly fixedStep: number;
  /** Milliseconds of the next fixed step that have passed already. */
  readonly owedMs: number;
}

/** What a game tells its systems about time. All of it is game time: it never jumps or goes back. */
export class Time {
  /** Milliseconds by which each run of the "fixed" phase moves the game on. */
  readonly fixedStepMs: number;
  #frame = 0;
  #deltaMs = 0;
  #elapsedMs = 0;
  #fixedSteps = 0;
  #fixedStep = 0;
  #alpha = 0;
  #droppedMs = 0;

  constructor(fixedStepMs: number) {
    this.fixedStepMs = fixedStepMs;
  }

  /** Number of the frame being run, from 1; 0 before the first. */
  get frame(): number {
    return this.#frame;
  }

  /** Milliseconds since the last frame, at most the game's `maxDeltaMs`; 0 in the first frame. */
  get deltaMs(): number {
    return this.#deltaMs;
  }

  /** `deltaMs` in seconds. */
  get delta(): number {
    return this.#deltaMs / 1000;
  }

  /** The sum of all `deltaMs` so far, in milliseconds. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** `elapsedMs` in seconds. */
  get elapsed(): number {
    return this.#elapsedMs / 1000;
  }

  /** `fixedStepMs` in seconds: what systems of the "fixed" phase use in place of `delta`. */
  get fixedDelta(): number {
    return this.fixedStepMs / 1000;
  }

  /** How often the "fixed" phase runs in this frame. */
  get fixedSteps(): number {
    return this.#fixedSteps;
  }

  /** Number of the fixed step being run, or last run, from 1; 0 before the first. */
  get fixedStep(): number {
    return this.#fixedStep;
  }

  /** How far the frame is into the next fixed step, 0 … 1: for drawing between two steps. */
  get alpha(): number {
    return this.#alpha;
  }

  /** Milliseconds of fixed steps left out in this frame, because there were too many. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** For the game: what {@link load} takes. */
  save(): Omit<TimeSnapshot, "owedMs"> {
    return { frame: this.#frame, elapsedMs: this.#elapsedMs, fixedStep: this.#fixedStep };
  }

  /** For the game: goes on from an earlier moment. */
  load({ frame, elapsedMs, fixedStep }: TimeSnapshot): void {
    this.#frame = frame;
    this.#elapsedMs = elapsedMs;
    this.#fixedStep = fixedStep;
  }

  /** For the game: begins a frame. */
  beginFrame(deltaMs: number, fixedSteps: number, alpha: number, droppedMs: number): void {
    this.#frame++;
    this.#deltaMs = deltaMs;
    this.#elapsedMs += deltaMs;
    this.#fixedSteps = fixedSteps;
    this.#alpha = alpha;
    this.#droppedMs = droppedMs;
  }

  /** For the game: begins a fixed step. */
  beginFixedStep(): void {
    this.#fixedStep++;
  }
}
