import type { Clock, Message, QueryDefinition, World } from "../../engine/index.ts";
import type { InputState } from "../host/input.ts";
import type { Positions } from "../host/neighbours.ts";
import type { ResourceLimits } from "../limits.ts";
import type { HostFunctionSpec } from "../runtime/host-function.ts";
import type { AllocationOptions } from "../runtime/instance-allocator.ts";
import type { Linker } from "../runtime/linker.ts";
import type { ScriptRuntimeOptions } from "../runtime/runtime.ts";
import type { AdaptiveOptions } from "./adaptive-budget.ts";
import type { ScriptEvent } from "./events.ts";
import type { FaultPolicy } from "./policy.ts";
import type { ScriptPolicy } from "./script-policy.ts";
import type { ScriptSlot } from "./slot.ts";

export interface ScriptSystemOptions {
  readonly world: World;
  /** What one call may use; the `frame` profile where nothing else is said. */
  readonly limits?: Partial<ResourceLimits>;
  /**
   * Milliseconds a frame that all scripts together may take; default 4, `Infinity` for no end. An `onUpdate` that
   * is running is undone then, and called again in the next frame, with all of a call's time; where that can't be
   * done (call by call, see {@link HostFunctionSpec.repeatable}, and in other hooks) it is not cut short, and the
   * frame may take one call's limit longer. What follows a fault is part of it; a script whose restarts take longer
   * than all of it, three times in a row, is disabled.
   */
  readonly frameBudgetMs?: number;
  /**
   * Milliseconds that frames may save up of what scripts leave of their budget, for a later one that needs more: that
   * one may take up to so many beyond `frameBudgetMs`, which stays what they take in the long run. For games whose
   * frames have room, and that rather have a longer frame now and then than work put off. While `adaptive` gives
   * less than all of the budget nothing saved is spent. Default 0: each frame keeps to its budget.
   */
  readonly burstMs?: number;
  /**
   * The longest that `Time.delta` can be, in milliseconds, in the `onUpdate` of an entity that had no turn in the
   * frames before; a frame's own delta is never cut, for that is the game's `maxDeltaMs`. Default 250.
   */
  readonly maxDeltaMs?: number;
  /**
   * How scripts come by their instances; see {@link AllocationOptions}. A reload has two versions for a
   * moment. Default: on demand.
   */
  readonly allocation?: AllocationOptions;
  /** See {@link ScriptRuntimeOptions.guestText}. Default: false. */
  readonly guestText?: boolean;
  /**
   * Whether a script's entities are called many at a time, with their columns in a window of its memory. `false`
   * has each call made by itself, and each access: for comparing. `"rows"` shows scripts that have to do with other
   * entities or with messages no more than those that are called, and never all of the world's: for worlds with far
   * more entities than any script looks at, where memory is scarce. Default: true.
   */
  readonly windows?: boolean | "rows";
  /**
   * Whether scripts' memory and variables can be part of `saveState`. A restart after a fault
   * then sets them to what they were behind a script's top-level code, and a script that keeps state where that
   * can't be had is refused when it is loaded; see `LoadOptions.snapshots`. Default: false.
   */
  readonly snapshots?: boolean;
  /**
   * Of how many stopped calls, the latest, files are kept that reproduce them: see `exportFault`. As many are made in a
   * frame at most. Scripts are then loaded twice, and with `snapshots` where that can be; a call that is made by itself
   * takes some microseconds longer, a stopped one some hundred. Default: 0, none.
   */
  readonly faultCaptures?: number;
  /** What follows a fault, of scripts that don't bring their own. */
  readonly policy?: Partial<FaultPolicy>;
  /**
   * Lets the frame budget, and the time of single calls with it, give way while frames take too long:
   * `true`, or what differs from `defaultAdaptiveOptions`. Fuel stays as it is, so that it still stops
   * calls the same in every run. Default: false.
   */
  readonly adaptive?: boolean | Partial<AdaptiveOptions>;
  /**
   * Milliseconds of work that the last frame took, for `adaptive`. Default: what the game measures
   * that uses the system; without a game, the time since the last frame's scripts.
   */
  readonly frameMs?: () => number;
  /** What scripts may do that don't bring their own policy. Default: `scriptPolicies.open`. */
  readonly scriptPolicy?: Partial<ScriptPolicy>;
  /** What scripts see of keyboard and pointer; one of its own, with nothing pressed, by default. */
  readonly input?: InputState;
  /** What all random numbers of scripts depend on. Default 1. */
  readonly seed?: number;
  /**
   * Whether each script's frames show by its name among the browser's own performance measures, for its
   * profiler. Takes some microseconds a script and frame. Default: false.
   */
  readonly profilerMarks?: boolean;
  /** Told of every event. */
  readonly onEvent?: (event: ScriptEvent) => void;
  /** What budgets and deadlines are measured by; the machine's clock by default. */
  readonly clock?: Clock;
  /** Entities that one call may spawn. Default 32; past it the call is stopped. */
  readonly spawnsPerCall?: number;
  /**
   * Where entities are, for scripts that ask who is near: `{ component: Position, x: "x", y: "y" }`. Default:
   * nowhere, and scripts that ask can't be loaded.
   */
  readonly positions?: Positions;
  /** Kinds of message that scripts and the game send; of different names. Default: none. */
  readonly messages?: readonly Message[];
  /**
   * Queries that scripts go through and search by name, `Query.Targets.nearest(self, 50)`; of different names. A script
   * may by its policy if it may read all components that they are of; tags of scripts tell it who carries those.
   * Default: none.
   */
  readonly queries?: readonly QueryDefinition[];
  /** Messages that one call may send. Default 64; past it the call is stopped. */
  readonly messagesPerCall?: number;
  /**
   * Messages that may wait to be delivered. Default 65,536. A script may have as many waiting as it leaves room
   * for: one that sends when it can't is stopped, and the game's own `send` throws when there is no room at all.
   */
  readonly maxMessages?: number;
  /** Log lines a frame of each script. Default 16; further ones are dropped and counted. */
  readonly logLinesPerFrame?: number;
  /** Defines host functions of the game's own, beside those of the sdk. */
  readonly link?: (linker: Linker) => void;
}

/** @throws RangeError naming the option, unless it is a number of at least `least`. */
export function checkOption(name: keyof ScriptSystemOptions, value: number, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new RangeError(`${name} must be a number of at least ${least}, not ${value}`);
}

/**
 * @returns the milliseconds of a frame, once they make sense.
 * @throws RangeError for less than a call of some script may take, and for what is no time at all.
 */
export function checkFrameBudget(frameBudgetMs: number, slots: readonly ScriptSlot[]): number {
  checkOption("frameBudgetMs", frameBudgetMs, 0);
  for (const { name, callTimeMs } of slots) {
    if (callTimeMs === Infinity || callTimeMs <= frameBudgetMs) continue;
    throw new RangeError(
      `frameBudgetMs can't be ${frameBudgetMs}: a call of "${name}" may take ${callTimeMs} ms; ` +
        "lower that first, with setLimits",
    );
  }
  return frameBudgetMs;
}

/**
 * Refuses limits by which one call may take more of a frame than all scripts together. No limit at all is
 * somebody's choice.
 * @throws RangeError
 */
export function checkCallTime(frameBudgetMs: number, limits: Partial<ResourceLimits>): void {
  const { callTimeMs = 0 } = limits;
  if (callTimeMs === Infinity || !(callTimeMs > frameBudgetMs)) return;
  throw new RangeError(
    `limit callTimeMs is ${callTimeMs}, more than the ${frameBudgetMs} ms that all scripts together ` +
      "may take of a frame (frameBudgetMs)",
  );
}
