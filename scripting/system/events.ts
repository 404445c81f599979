import type { Fault } from "../fault.ts";
import type { LogLine } from "../host/log.ts";
import type { CallLimits } from "../limits.ts";
import type { ScaleChange } from "./adaptive-budget.ts";
import type { FieldChanges } from "./field-columns.ts";

/** The functions that a script may export; all optional. */
export type Hook =
  | "onLoad"
  | "onStart"
  | "onFixedUpdate"
  | "onMessage"
  | "onUpdate"
  | "onDestroy"
  | "onReload";

/** A call was stopped, and what it had done to the world undone. */
export interface FaultEvent {
  readonly type: "fault";
  readonly script: string;
  readonly hook: Hook;
  /** The entity that the call was for; 0 when it was for none. */
  readonly entity: number;
  readonly fault: Fault;
  /** Faults that count against the script on this entity now. */
  readonly strikes: number;
  /** What follows: nothing, a pause, a pause and fewer calls behind it, or no more calls for this entity. */
  readonly outcome: "none" | "back-off" | "degraded" | "disabled";
  /** Frames that the entity is skipped; 0 unless the outcome is `back-off` or `degraded`. */
  readonly backOffFrames: number;
  /** Frames from one call of the entity to the next behind that; 1 unless the outcome is `degraded`. */
  readonly periodFrames: number;
}

/** A script was loaded. */
export interface LoadEvent {
  readonly type: "load";
  readonly script: string;
}

/** A script's new version has taken the old one's place. */
export interface ReloadEvent {
  readonly type: "reload";
  readonly script: string;
  /** Milliseconds from the request until the swap. */
  readonly elapsedMs: number;
  /** What has become of the script's own fields. */
  readonly fields: FieldChanges;
}

/** A script is not called any more: for one entity, or at all. */
export interface DisableEvent {
  readonly type: "disable";
  readonly script: string;
  /** The entity; 0 when the whole script is disabled. */
  readonly entity: number;
  /** What led to it; absent when the game asked for it. */
  readonly fault?: Fault;
}

/** A script that was disabled, at all or for some entities, is called again. */
export interface EnableEvent {
  readonly type: "enable";
  readonly script: string;
}

/** A script got a fresh instance, after a fault. */
export interface RestartEvent {
  readonly type: "restart";
  readonly script: string;
  /** Milliseconds it took, its top-level code and `onLoad` included. */
  readonly elapsedMs: number;
}

/** The game has changed one script's limits. */
export interface ScriptLimitChange {
  readonly type: "limit-change";
  readonly cause: "game";
  readonly script: string;
  /** What holds from now on, of what has changed. */
  readonly limits: Partial<CallLimits>;
}

/** The frames' load has changed what all scripts may take: `scale` times the budget, and times each call's time. */
export interface LoadLimitChange extends ScaleChange {
  readonly type: "limit-change";
  readonly cause: "load";
  /** Milliseconds of a frame that scripts may take from now on. */
  readonly frameBudgetMs: number;
}

export type LimitChangeEvent = ScriptLimitChange | LoadLimitChange;

/** A script logged a line. */
export interface LogEvent extends LogLine {
  readonly type: "log";
}

export type ScriptEvent =
  | FaultEvent
  | LoadEvent
  | ReloadEvent
  | DisableEvent
  | EnableEvent
  | RestartEvent
  | LimitChangeEvent
  | LogEvent;

export type ScriptEventType = ScriptEvent["type"];

export type ScriptEventOf<T extends ScriptEventType> = Extract<ScriptEvent, { type: T }>;

type Listener = (event: ScriptEvent) => void;

/** One `on`, so that the same function can listen twice. */
interface Subscription {
  readonly listener: Listener;
  ended: boolean;
}

const noSubscriptions: readonly Subscription[] = [];

/**
 * Hands events to listeners, in order. While it is held, or a guest call runs, it only collects
 * them: a listener may do anything with the system, which is no good in the middle of something.
 */
export class EventHub {
  /** Replaced, never changed, so that one who comes or goes doesn't disturb a delivery. */
  readonly #listeners = new Map<ScriptEventType | "any", readonly Subscription[]>();
  readonly #waiting: ScriptEvent[] = [];
  readonly #inCall: () => boolean;
  #holds = 0;
  #delivering = false;

  /** @param inCall whether a guest call runs at present. */
  constructor(inCall: () => boolean = () => false) {
    this.#inCall = inCall;
  }

  /** Whether listeners are being told something. */
  get delivering(): boolean {
    return this.#delivering;
  }

  /** @returns what removes the listener again. */
  on<T extends ScriptEventType>(type: T, listener: (event: ScriptEventOf<T>) => void): () => void {
    return this.#add(type, listener as Listener);
  }

  /** Every event. @returns what removes the listener again. */
  onAny(listener: Listener): () => void {
    return this.#add("any", listener);
  }

  /** Collects events until it is released as often as it was held. */
  hold(): void {
    this.#holds++;
  }

  /**
   * Ends one `hold`; the last one delivers what was collected.
   * @throws the first error that a listener threw, when all have been told everything.
   */
  release(): void {
    this.#holds--;
    this.#deliver();
  }

  /**
   * Does something that mustn't fail over a listener, or over an observer of the game's: what they throw is
   * thrown as an uncaught error, when the caller is done.
   */
  apart(body: () => void): void {
    this.#holds++;
    try {
      body();
    } catch (error) {
      throwLater(error);
    }
    try {
      this.release();
    } catch (error) {
      throwLater(error);
    }
  }

  post(event: ScriptEvent): void {
    this.#waiting.push(event);
    this.#deliver();
  }

  #deliver(): void {
    if (this.#holds > 0 || this.#delivering || this.#waiting.length === 0 || this.#inCall()) return;
    let first: { readonly error: unknown } | undefined;
    this.#delivering = true;
    // What a listener causes is delivered in this same loop, behind the others.
    for (let at = 0; at < this.#waiting.length; at++) {
      const event = this.#waiting[at] as ScriptEvent;
      for (const key of [event.type, "any"] as const) {
        const subscriptions = this.#listeners.get(key) ?? noSubscriptions;
        for (const subscription of subscriptions) {
          if (subscription.ended) continue;
          try {
            subscription.listener(event);
          } catch (error) {
            first ??= { error };
          }
        }
      }
    }
    this.#waiting.length = 0;
    this.#delivering = false;
    if (first !== undefined) throw first.error;
  }

  #add(key: ScriptEventType | "any", listener: Listener): () => void {
    const subscription: Subscription = { listener, ended: false };
    this.#listeners.set(key, [...(this.#listeners.get(key) ?? noSubscriptions), subscription]);
    return () => {
      subscription.ended = true;
      const left = this.#listeners.get(key)?.filter((other) => other !== subscription);
      this.#listeners.set(key, left ?? noSubscriptions);
    };
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
