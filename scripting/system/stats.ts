import type { Fault, FaultKind } from "../fault.ts";

/**
 * `running`: called every frame for at least one entity, or carried by none. `degraded`: for some in every second or
 * fourth frame, and in every frame for none. `backing-off`: every entity that isn't disabled is skipped for a while.
 * `disabled`: not called at all.
 */
export type ScriptState = "running" | "degraded" | "backing-off" | "disabled";

/** What one script has cost, and how it is doing. */
export interface ScriptStats {
  readonly name: string;
  readonly state: ScriptState;
  /** Entities that carry the script. */
  readonly entities: number;
  /** Those of them that are struck out. */
  readonly disabledEntities: number;
  /** Those that are called in every second or fourth frame only, for their strikes. */
  readonly degradedEntities: number;
  /** Frames from one call to the next of the entity that is called least often; 1 while none is degraded. */
  readonly periodFrames: number;
  /** Calls since it was loaded. */
  readonly calls: number;
  /** Fuel since it was loaded. */
  readonly fuel: number;
  /** Milliseconds a frame, as a moving average. */
  readonly timeMs: number;
  /** Milliseconds since it was loaded, its calls of the host included. */
  readonly totalTimeMs: number;
  /** What 95 of 100 of the last {@link recentFrames} frames didn't exceed, in milliseconds. */
  readonly p95Ms: number;
  /** Messages that it got since it was loaded: calls of `onMessage`. */
  readonly messages: number;
  /** Messages that it is still to get. */
  readonly messagesWaiting: number;
  /** Calls of host functions since its present version was loaded. */
  readonly hostCalls: number;
  /** Its memory at present, in bytes. */
  readonly memoryBytes: number;
  /** Faults since it was loaded, and of each kind that there were. */
  readonly faults: number;
  readonly faultsByKind: Readonly<Partial<Record<FaultKind, number>>>;
  /** Strikes that count at present, all entities together. */
  readonly strikes: number;
  /** The latest fault since it was loaded or reloaded. */
  readonly lastFault: Fault | undefined;
  /** Frames in which at least one entity had to wait for the next frame, or missed a fixed step. */
  readonly deferredFrames: number;
  /** Fresh instances after faults since it was loaded. */
  readonly restarts: number;
  /** Times it was reloaded. */
  readonly reloads: number;
  /** Log lines dropped because a frame had too many. */
  readonly droppedLogLines: number;
}

/** What all loaded scripts together have cost since each was loaded, and take at present. */
export interface ScriptTotals {
  readonly scripts: number;
  readonly entities: number;
  readonly calls: number;
  readonly fuel: number;
  readonly messages: number;
  readonly hostCalls: number;
  readonly faults: number;
  readonly restarts: number;
  /** Milliseconds a frame, as moving averages. */
  readonly timeMs: number;
  readonly totalTimeMs: number;
  readonly memoryBytes: number;
}

/** Adds up the scripts of a snapshot. */
export function totalOf(stats: readonly ScriptStats[]): ScriptTotals {
  const sum = (of: (s: ScriptStats) => number): number => stats.reduce((n, s) => n + of(s), 0);
  return {
    scripts: stats.length,
    entities: sum((s) => s.entities),
    calls: sum((s) => s.calls),
    fuel: sum((s) => s.fuel),
    messages: sum((s) => s.messages),
    hostCalls: sum((s) => s.hostCalls),
    faults: sum((s) => s.faults),
    restarts: sum((s) => s.restarts),
    timeMs: sum((s) => s.timeMs),
    totalTimeMs: sum((s) => s.totalTimeMs),
    memoryBytes: sum((s) => s.memoryBytes),
  };
}

/** What all scripts together have done in the last frame. Updated in place. */
export interface FrameReport {
  /** Milliseconds that scripts took, fixed steps and commands included. */
  readonly timeMs: number;
  readonly calls: number;
  readonly fuel: number;
  /** Messages delivered: calls of `onMessage`. */
  readonly messages: number;
  /** Calls that were due and have to wait for the next frame, or miss a fixed step, because the budget was spent. */
  readonly deferred: number;
  readonly faults: number;
}

export type MutableFrameReport = { -readonly [K in keyof FrameReport]: number };

/** Share of the newest frame in the moving average: about the last ten frames count. */
const newestShare = 0.1;

/** Frames that {@link ScriptStats.p95Ms} is of. */
export const recentFrames = 128;

/** Counts what one script costs. */
export class UsageCounter {
  calls = 0;
  fuel = 0;
  messages = 0;
  faults = 0;
  deferredFrames = 0;
  restarts = 0;
  reloads = 0;
  totalTimeMs = 0;
  lastFault: Fault | undefined;
  readonly faultsByKind: Partial<Record<FaultKind, number>> = {};
  #deferred = false;
  #averageMs = 0;
  #frameMs = 0;
  #frames = 0;
  /** Milliseconds of the last frames, the n-th at n modulo their number. */
  readonly #recentMs = new Float32Array(recentFrames);

  /** Milliseconds a frame, as a moving average. */
  get timeMs(): number {
    return this.#averageMs;
  }

  /** Adds to the time of the frame that is running. */
  addTimeMs(timeMs: number): void {
    this.totalTimeMs += timeMs;
    this.#frameMs += timeMs;
  }

  /** Somebody has to wait for the next frame. */
  defer(): void {
    this.#deferred = true;
  }

  /** The frame is over: its time goes into the average. */
  endFrame(): void {
    const share = this.#frames > 0 ? newestShare : 1;
    this.#averageMs += (this.#frameMs - this.#averageMs) * share;
    this.#recentMs[this.#frames++ % recentFrames] = this.#frameMs;
    this.#frameMs = 0;
    if (this.#deferred) this.deferredFrames++;
    this.#deferred = false;
  }

  /** See {@link ScriptStats.p95Ms}. */
  get p95Ms(): number {
    const recent = this.#recentMs.slice(0, Math.min(this.#frames, recentFrames)).sort();
    return recent[Math.ceil(recent.length * 0.95) - 1] ?? 0;
  }

  addFault(fault: Fault): void {
    this.faults++;
    this.lastFault = fault;
    this.faultsByKind[fault.kind] = (this.faultsByKind[fault.kind] ?? 0) + 1;
  }
}
