import type { Clock } from "../../engine/index.ts";
import type { InputState } from "../host/input.ts";
import type { FrameTime } from "../host/time.ts";
import { AdaptiveBudget } from "./adaptive-budget.ts";
import type { SystemParts } from "./assemble.ts";
import { BurstBucket } from "./burst-bucket.ts";
import { checkOption, type ScriptSystemOptions } from "./options.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * Part of a frame's budget that its last calls may take before anything else, where they have piled up: who
 * goes doesn't keep those that stay from their turn.
 */
const lastCallsShare = 0.5;

/** What a frame of scripts consists of, in its order, and what it may take. */
export class FrameLoop {
  /** Whether scripts run. */
  running = false;
  readonly #parts: SystemParts;
  readonly #input: InputState;
  readonly #time: { current: FrameTime };
  readonly #adaptive: AdaptiveBudget | undefined;
  readonly #burst: BurstBucket;
  /** Whether last calls have taken more than their part of the frame before. */
  #lastCallsOverran = false;
  /** Whether a frame has begun, with a fixed step, that {@link run} is to end. */
  #inFrame = false;
  #frameMs: () => number;
  /** Whether the game said how to find out what a frame took. */
  readonly #measuresFrames: boolean;

  /**
   * @param time where the system keeps what scripts are told about the frame.
   * @throws RangeError naming an option that makes no sense.
   */
  constructor(
    parts: SystemParts,
    input: InputState,
    time: { current: FrameTime },
    { adaptive = false, burstMs = 0, frameMs }: ScriptSystemOptions,
  ) {
    this.#parts = parts;
    this.#input = input;
    this.#time = time;
    this.#burst = new BurstBucket(checkOption("burstMs", burstMs, 0));
    if (adaptive !== false) this.#adaptive = new AdaptiveBudget(adaptive === true ? {} : adaptive);
    this.#frameMs = frameMs ?? timeBetweenCalls(parts.core.clock);
    this.#measuresFrames = frameMs !== undefined;
  }

  /** Milliseconds a frame that scripts may take at present. */
  get grantedMs(): number {
    return this.#parts.core.frameBudgetMs * this.#scale;
  }

  /** Milliseconds that the next frame may take beyond that; none while frames take too long. */
  get savedMs(): number {
    return this.#scale < 1 ? 0 : this.#burst.savedMs;
  }

  /** When what begins now has taken as long as scripts may take of a frame, by the clock. */
  get endMs(): number {
    return this.#parts.core.clock.nowMs() + this.grantedMs;
  }

  /** How to find out what a frame took, in milliseconds, unless the game has said so. */
  measureBy(frameMs: () => number): void {
    if (!this.#measuresFrames) this.#frameMs = frameMs;
  }

  /** Calls of a script fit into a frame's budget, and under load give way like other scripts'. */
  fitCalls(slot: ScriptSlot): void {
    const { callTimeMs } = slot;
    const { frameBudgetMs } = this.#parts.core;
    if (callTimeMs !== Infinity) slot.callTimeMs = Math.min(callTimeMs, frameBudgetMs);
    slot.scaleCalls(this.#scale);
  }

  /**
   * Runs a frame, or what is left of it behind its fixed steps.
   * @param ran is told when scripts are done, before anybody hears of events.
   */
  run(time: FrameTime, ran: () => void): void {
    const { core, deliveries, runner, structure } = this.#parts;
    const { clock, messages, report, slots } = core;
    const dueMessages = messages.outbox.length;
    const startMs = this.#begin(time);
    try {
      this.#beginFrame();
      const leftMs = Math.max(0, this.grantedMs - report.timeMs);
      const endMs = startMs + leftMs + this.savedMs;
      const lastCallsMs = this.#lastCallsOverran ? 0 : leftMs * lastCallsShare;
      const lastCallsEndMs = startMs + lastCallsMs;
      // A page's clock takes as long as the calls of a hundred entities: it isn't read again for nothing.
      const isSettled = !this.#settleCarriers(lastCallsEndMs) && structure.isIdle;
      structure.applyFrame(lastCallsEndMs);
      const preparedMs = isSettled ? startMs : clock.nowMs();
      this.#lastCallsOverran = lastCallsMs > 0 && preparedMs > lastCallsEndMs;
      for (const { rows } of slots) rows.idle?.settle(rows);
      this.#noteNeighbours();
      let nowMs = core.neighbours === undefined ? preparedMs : clock.nowMs();
      if (!deliveries.isIdle) nowMs = deliveries.run(dueMessages, nowMs, endMs);
      runner.run(time.delta, nowMs, endMs);
      structure.applyFrame(endMs);
    } finally {
      ran();
      this.running = false;
      this.#inFrame = false;
      for (const slot of slots) {
        slot.compact();
        slot.usage.endFrame();
      }
      this.#input.endFrame();
      report.timeMs += clock.nowMs() - startMs;
      this.#burst.settle(this.grantedMs, report.timeMs);
      core.events.release();
    }
  }

  /** Runs a fixed step of the frame that the next {@link run} ends. */
  runFixed(time: FrameTime): void {
    const { core, fixed, structure } = this.#parts;
    const { clock, report, slots } = core;
    const startMs = this.#begin(time);
    try {
      this.#beginFrame();
      const endMs = fixed.endMs(startMs);
      const lastCallsEndMs = startMs + (endMs - startMs) * lastCallsShare;
      this.#settleCarriers(lastCallsEndMs);
      structure.apply(lastCallsEndMs);
      for (const { rows } of slots) rows.idle?.settle(rows);
      this.#noteNeighbours();
      fixed.run(endMs);
      structure.apply(endMs);
    } finally {
      this.running = false;
      for (const slot of slots) slot.compact();
      const elapsedMs = clock.nowMs() - startMs;
      fixed.took(elapsedMs);
      report.timeMs += elapsedMs;
      core.events.release();
    }
  }

  get #scale(): number {
    return this.#adaptive?.scale ?? 1;
  }

  /** Scripts run from now on. @returns the time by the clock. */
  #begin(time: FrameTime): number {
    const { clock, events } = this.#parts.core;
    this.#time.current = time;
    this.running = true;
    events.hold();
    return clock.nowMs();
  }

  /** Unless a fixed step has done so. */
  #beginFrame(): void {
    if (this.#inFrame) return;
    this.#inFrame = true;
    const { core, fixed, log } = this.#parts;
    const { call, report } = core;
    this.#adapt();
    call.frame++;
    report.timeMs = 0;
    report.calls = 0;
    report.fuel = 0;
    report.messages = 0;
    report.deferred = 0;
    report.faults = 0;
    log.beginFrame();
    fixed.beginFrame(this.grantedMs);
  }

  #adapt(): void {
    const change = this.#adaptive?.observe(this.#frameMs());
    if (change === undefined) return;
    const { slots, events } = this.#parts.core;
    for (const slot of slots) slot.scaleCalls(change.scale);
    const frameBudgetMs = this.grantedMs;
    events.post({ type: "limit-change", cause: "load", ...change, frameBudgetMs });
  }

  /** Those who carry a script have their rows, and those who don't get their last calls. @returns whether any changed. */
  #settleCarriers(lastCallsEndMs: number): boolean {
    let any = false;
    for (const slot of this.#parts.core.slots) {
      if (!slot.carriersChanged && slot.rows.leaving === 0) continue;
      this.#parts.departures.ofUncarried(slot, lastCallsEndMs);
      slot.compact();
      slot.adopt();
      slot.noteCarriers();
      any = true;
    }
    return any;
  }

  /** Where everybody is that scripts may search for: for all of this frame's calls. */
  #noteNeighbours(): void {
    const { call, neighbours, slots } = this.#parts.core;
    if (neighbours === undefined) return;
    for (const { disabled, program, rows } of slots) {
      if (disabled || rows.count === 0) continue;
      for (const searched of program.searched) neighbours.refresh(searched, call.frame);
    }
  }
}

/** Milliseconds since it was last asked, by a clock; 0 the first time. */
function timeBetweenCalls(clock: Clock): () => number {
  let lastMs: number | undefined;
  return () => {
    const nowMs = clock.nowMs();
    const ms = nowMs - (lastMs ?? nowMs);
    lastMs = nowMs;
    return ms;
  };
}
