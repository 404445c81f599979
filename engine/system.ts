import type { Game } from "./game.ts";

/** The parts of a frame, in the order they run in. "fixed" runs as often as fixed steps are due. */
export const phases = Object.freeze(["input", "fixed", "scripts", "update", "render"] as const);

/** A part of a frame. */
export type Phase = (typeof phases)[number];

/** A piece of a game's behaviour, run once in its phase. */
export interface System {
  /** Unique in a game. */
  readonly name: string;
  readonly phase: Phase;
  run(game: Game): void;
}

/** How long a system took in the last frame, by the game's clock. Updated in place. */
export interface SystemTiming {
  readonly name: string;
  readonly phase: Phase;
  /** Milliseconds, all its runs in the frame together. */
  readonly timeMs: number;
  /** How often it ran in the frame: once, except in the "fixed" phase. */
  readonly runs: number;
}

/** How long the last frame took, by the game's clock. Updated in place: no frame allocates. */
export interface FrameStats {
  /** Milliseconds, from the first system to the last. */
  readonly frameMs: number;
  /** In the order in which they run. Another array when systems are added or removed. */
  readonly systems: readonly SystemTiming[];
}

/** A system threw. The rest of the frame ran all the same. `cause` is what it threw. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly system: string;
  readonly phase: Phase;

  constructor(system: string, phase: Phase, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`system "${system}" (${phase}): ${reason}`, { cause });
    this.system = system;
    this.phase = phase;
  }
}
