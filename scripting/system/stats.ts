import type { Fault } from "../fault.ts";

/**
 * `running`: called every frame for at least one entity, or carried by none. `backing-off`: every
 * entity that isn't disabled is skipped for a while. `disabled`: not called at all.
 */
export type ScriptState = "running" | "backing-off" | "disabled";

/** What one script has cost, and how it is doing. */
export interface ScriptStats {
  readonly name: string;
  readonly state: ScriptState;
  /** Entities that carry the script. */
  readonly entities: number;
  /** Those of them that are struck out. */
  readonly disabledEntities: number;
  /** Calls since it was loaded. */
  readonly calls: number;
  /** Fuel since it was loaded. */
  readonly fuel: number;
  /** Milliseconds a frame, as a moving average. */
  readonly timeMs: number;
  /** Faults since it was loaded. */
  readonly faults: number;
  /** Strikes that count at present, all entities together. */
  readonly strikes: number;
  /** The latest fault since it was loaded or reloaded. */
  readonly lastFault: Fault | undefined;
  /** Frames in which at least one entity had to wait for the next frame. */
  readonly deferredFrames: number;
  /** Fresh instances after faults since it was loaded. */
  readonly restarts: number;
  /** Times it was reloaded. */
  readonly reloads: number;
  /** Log lines dropped because a frame had too many. */
  readonly droppedLogLines: number;
}

/** What all scripts together have done in the last frame. Updated in place. */
export interface FrameReport {
  /** Milliseconds that the script phase took, commands included. */
  readonly timeMs: number;
  readonly calls: number;
  readonly fuel: number;
  /** Calls that were due and have to wait for the next frame, because the budget was spent. */
  readonly deferred: number;
  readonly faults: number;
}

export type MutableFrameReport = { -readonly [K in keyof FrameReport]: number };

/** Share of the newest frame in the moving average: about the last ten frames count. */
const newestShare = 0.1;

/** Counts what one script costs. */
export class UsageCounter {
  calls = 0;
  fuel = 0;
  faults = 0;
  deferredFrames = 0;
  restarts = 0;
  reloads = 0;
  lastFault: Fault | undefined;
  #averageMs = 0;
  #frameMs = 0;
  #hasFrames = false;

  /** Milliseconds a frame, as a moving average. */
  get timeMs(): number {
    return this.#averageMs;
  }

  /** Adds to the time of the frame that is running. */
  addTimeMs(timeMs: number): void {
    this.#frameMs += timeMs;
  }

  /** The frame is over: its time goes into the average. */
  endFrame(): void {
    const share = this.#hasFrames ? newestShare : 1;
    this.#averageMs += (this.#frameMs - this.#averageMs) * share;
    this.#frameMs = 0;
    this.#hasFrames = true;
  }
}
