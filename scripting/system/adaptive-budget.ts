import { checkSettings } from "./policy.ts";

/** How the scripts' budget follows the frames' load. */
export interface AdaptiveOptions {
  /**
   * Milliseconds of work that a frame should take at most, rendering and all else included. Default
   * 14, of the 16.7 that a frame has at 60 Hz.
   */
  readonly targetFrameMs: number;
  /** Least part of the frame budget that scripts keep, 0 to 1. Default 0.25. */
  readonly minScale: number;
  /**
   * Frames that a scale is held before it changes again. Default 20: long enough for the load to show
   * what the last change did.
   */
  readonly holdFrames: number;
}

export const defaultAdaptiveOptions: AdaptiveOptions = Object.freeze({
  targetFrameMs: 14,
  minScale: 0.25,
  holdFrames: 20,
});

/** A change of scale, and why. */
export interface ScaleChange {
  /** Part of the budget from now on, `minScale` to 1, and before. */
  readonly scale: number;
  readonly previousScale: number;
  /** Milliseconds of work a frame, as a moving average, when it was decided. */
  readonly frameMs: number;
}

/** Share of the newest frame in the moving average. */
const newestShare = 0.15;
/**
 * Additive increase, multiplicative decrease: what takes too much gives way quickly and comes back
 * slowly, as TCP does, after Chiu and Jain, "Analysis of the increase and decrease algorithms", 1989.
 */
const decrease = 0.75;
const increase = 0.05;
/** Part of the target below which there is room: between that and the target nothing changes. */
const roomShare = 0.85;

/** Scales a budget down while frames take too long, and up again while there is room. */
export class AdaptiveBudget {
  /** Part of the budget that is granted at present. */
  scale = 1;
  readonly #options: AdaptiveOptions;
  #averageMs = 0;
  #frames = 0;
  #held = 0;

  /** @throws RangeError naming an option that makes no sense, or that there isn't. */
  constructor(overrides: Partial<AdaptiveOptions> = {}) {
    checkSettings("frame budget that adapts", overrides, defaultAdaptiveOptions);
    const options = { ...defaultAdaptiveOptions, ...overrides };
    check("targetFrameMs", options.targetFrameMs, 0.1, Number.MAX_VALUE);
    check("minScale", options.minScale, 0.01, 1);
    check("holdFrames", options.holdFrames, 0, Number.MAX_SAFE_INTEGER);
    this.#options = options;
  }

  /** Takes in how long a frame's work took; returns the change that follows, if one does. */
  observe(frameMs: number): ScaleChange | undefined {
    if (!(frameMs >= 0 && frameMs < Infinity)) return undefined;
    const share = this.#frames++ === 0 ? 1 : newestShare;
    this.#averageMs += (frameMs - this.#averageMs) * share;
    if (++this.#held <= this.#options.holdFrames) return undefined;
    const scale = this.#next();
    if (scale === this.scale) return undefined;
    const previousScale = this.scale;
    this.scale = scale;
    this.#held = 0;
    return { scale, previousScale, frameMs: this.#averageMs };
  }

  #next(): number {
    const { targetFrameMs, minScale } = this.#options;
    if (this.#averageMs > targetFrameMs) return Math.max(minScale, this.scale * decrease);
    if (this.#averageMs < targetFrameMs * roomShare) return Math.min(1, this.scale + increase);
    return this.scale;
  }
}

function check(name: keyof AdaptiveOptions, value: number, least: number, most: number): void {
  if (typeof value === "number" && value >= least && value <= most) return;
  throw new RangeError(`adaptive ${name} must be a number of at least ${least}, not ${value}`);
}
