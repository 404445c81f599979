import { savedNumber, type TimeSnapshot, type WorldSnapshot } from "../../engine/index.ts";
import type { InputState, SavedInput } from "../host/input.ts";
import type { FrameTime } from "../host/time.ts";
import type { ScriptsState } from "../system/scripts-state.ts";
import {
  type RecordedCall,
  type RecordedFrame,
  type Recording,
  recordingFormat,
  recordingVersion,
  type SavedNumbers,
} from "./recording.ts";

export interface RecordOptions {
  /** A hash is noted every so many frames: 1 finds the very frame that differs, more takes less time. Default 1. */
  readonly hashEvery?: number;
}

/** What a recorder needs of the system. */
export interface Recorded {
  readonly world: WorldSnapshot;
  readonly scripts: ScriptsState;
  readonly time: TimeSnapshot | undefined;
  readonly hash: () => { readonly world: string; readonly scripts: string };
  /** Told when nothing is to be noted any more. */
  readonly stopped: () => void;
}

type OpenFrame = { -readonly [K in keyof RecordedFrame]: RecordedFrame[K] };

/** Notes what comes into a script system from outside; from `ScriptSystem.record`. */
export class Recorder {
  readonly #system: Recorded;
  readonly #hashEvery: number;
  readonly #frames: OpenFrame[] = [];
  #calls: RecordedCall[] = [];
  #input = "";
  #paused = 0;
  #stopped = false;

  /** @throws RangeError unless `hashEvery` is a whole number of at least 1. */
  constructor(system: Recorded, { hashEvery = 1 }: RecordOptions) {
    if (!Number.isInteger(hashEvery) || hashEvery < 1) {
      throw new RangeError(`hashEvery must be a whole number of at least 1, not ${hashEvery}`);
    }
    this.#system = system;
    this.#hashEvery = hashEvery;
  }

  /** Frames so far. */
  get frames(): number {
    return this.#frames.length;
  }

  /**
   * Does what the game does by itself, and what will be done again when the recording is replayed: what it asks of the
   * script system isn't noted. A `Game`'s systems need no such wrapping, nor do listeners, observers and host functions.
   */
  unrecorded<T>(body: () => T): T {
    this.#paused++;
    try {
      return body();
    } finally {
      this.#paused--;
    }
  }

  /** The run until now; nothing is noted any more. @throws Error when it was stopped before. */
  stop(): Recording {
    if (this.#stopped) throw new Error("the recorder was stopped before");
    this.#stopped = true;
    this.#system.stopped();
    const { world, scripts, time } = this.#system;
    return {
      format: recordingFormat,
      version: recordingVersion,
      world,
      scripts,
      ...(time === undefined ? {} : { time }),
      frames: this.#frames,
      calls: this.#calls,
    };
  }

  /** @internal The latest frame. */
  get lastFrame(): RecordedFrame | undefined {
    return this.#frames.at(-1);
  }

  /** @internal */
  note(call: RecordedCall): void {
    if (this.#paused === 0) this.#calls.push(call);
  }

  /** @internal A frame of scripts begins. */
  beginFrame(time: FrameTime, input: InputState, deltaMs?: number): void {
    const { delta, elapsed, frame, fixedDelta = 0 } = time;
    const noted: OpenFrame = { time: [delta, elapsed, frame, fixedDelta].map(savedNumber) };
    if (this.#calls.length > 0) noted.calls = this.#calls;
    this.#calls = [];
    const saved = input.save();
    if (JSON.stringify(saved) !== this.#input) noted.input = saved;
    // Behind the frame nothing counts as pressed any more.
    this.#input = JSON.stringify({ ...saved, pressed: [] } satisfies SavedInput);
    if (deltaMs !== undefined) noted.deltaMs = deltaMs;
    this.#frames.push(noted);
  }

  /** @internal Its scripts have run. */
  endFrame(deferred: number): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    if (deferred > 0) frame.timed = true;
    if (this.#frames.length % this.#hashEvery === 0) frame.hash = this.#system.hash();
  }

  /** @internal A call was stopped by its deadline. */
  noteDeadline(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.timed = true;
  }
}

/** @internal Numbers as JSON holds them. */
export function savedNumbers(numbers: Readonly<Record<string, number | undefined>>): SavedNumbers {
  const given = Object.entries(numbers).flatMap(([name, n]) =>
    n === undefined ? [] : [[name, savedNumber(n)] as const],
  );
  return Object.fromEntries(given);
}
