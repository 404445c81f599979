import type { Hook } from "./events.ts";

/** A number for each hook; 0 is a module's top-level code. Random numbers depend on them. */
export const hookNumbers: Readonly<Record<Hook, number>> = {
  onLoad: 1,
  onStart: 2,
  onUpdate: 3,
  onDestroy: 4,
  onReload: 5,
  onMessage: 6,
  onFixedUpdate: 7,
};

/** What host functions want to know about the call they are called from, beside its context. */
export interface CallInfo {
  /** Tells one call from the next. */
  serial: number;
  /** The {@link hookNumbers} of the hook that runs; 0 when none does. */
  hook: number;
  /** Script phases run so far, the one that is running included. */
  frame: number;
  /**
   * Tells the calls of one hook apart that an entity gets in one frame: its script's messages for `onMessage`, the
   * frame's steps for `onFixedUpdate`. 0 in any other hook.
   */
  nth: number;
  /** Seconds by which `Time.delta` is more than the frame's in the call that runs: see `Lags`. */
  lag: number;
}
