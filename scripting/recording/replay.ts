import {
  type Entity,
  type GameSnapshot,
  shownName,
  type TimeSnapshot,
  type WorldSnapshot,
} from "../../engine/index.ts";
import type { FrameTime } from "../host/time.ts";
import type { ScriptsState } from "../system/scripts-state.ts";
import type { ScriptSystem } from "../system/system.ts";
import { type ReadCall, type RecordedFrame, type Recording, readFrames } from "./recording.ts";

export interface ReplayOptions {
  /**
   * Runs a frame: what the game did before and behind its scripts, and `run` for them. Default: with a game, a step of
   * it, by which its systems run; without one, `world.commit()` and `run`.
   */
  readonly frame?: (time: FrameTime, run: () => void) => void;
  /**
   * Loads or reloads a script where that was done in the run: a recording holds no code, and grants nothing.
   * Default: the replay ends there, with that as the difference.
   */
  readonly load?: (script: string, how: "load" | "reload") => Promise<void>;
}

/** Where a replay parted from its recording. */
export interface ReplayDifference {
  /** The frame, from 1. */
  readonly frame: number;
  /** What differs, in a sentence. */
  readonly message: string;
  /**
   * The first frame in which the clock had a say, in the recorded run or in the replay, if that was no later: no
   * replay has to follow it then.
   */
  readonly timedFrame: number | undefined;
}

export interface ReplayResult {
  /** Frames that were run. */
  readonly frames: number;
  /** Undefined when all hashes were the same. */
  readonly difference: ReplayDifference | undefined;
}

/**
 * Drives a script system, its world, and the game that it is in through the frames of a recording, up to the first one
 * that differs.
 *
 * The system has to have the options of the one that was recorded, and the scripts loaded that it had when recording
 * began. A `frameBudgetMs` and a `callTimeMs` of `Infinity`, or at least generous ones, keep the clock out of it.
 * @param recording may come from anywhere. What it asks of the system is done: trust it as far as whoever plays.
 * @throws SnapshotError for a recording that makes no sense or doesn't fit the world and the scripts; what listeners and
 * the game's systems throw.
 */
export async function replay(
  recording: Recording,
  scripts: ScriptSystem,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const { game, world } = scripts;
  const { top, frames } = readFrames(recording, game !== undefined);
  if (game === undefined) world.load(top["world"] as WorldSnapshot);
  else {
    const saved = { format: "fusewire-game", version: 1 } as const;
    const time = top["time"] as TimeSnapshot;
    game.load({ ...saved, time, world: top["world"] as WorldSnapshot } satisfies GameSnapshot);
  }
  scripts.restoreState(top["scripts"] as ScriptsState);
  const recorder = scripts.record();
  let timedFrame: number | undefined;
  let n = 0;
  const differs = (message: string): ReplayResult => ({
    frames: n,
    difference: { frame: n, message, timedFrame },
  });
  try {
    for (const frame of frames) {
      n++;
      for (const call of frame.calls) {
        const problem = await made(scripts, call, options);
        if (problem !== undefined) return differs(problem);
      }
      if (frame.input !== undefined) scripts.input.restore(frame.input);
      const known = recorder.frames;
      const run = () => scripts.run(frame.time);
      if (options.frame !== undefined) options.frame(frame.time, run);
      else if (game !== undefined) game.step(frame.deltaMs ?? 0);
      else {
        world.commit();
        run();
      }
      if (recorder.frames !== known + 1) {
        return differs(`its scripts were run ${recorder.frames - known} times, not once`);
      }
      const { hash, timed } = recorder.lastFrame as RecordedFrame;
      if (frame.timed || timed === true) timedFrame ??= n;
      const wanted = frame.hash;
      if (wanted === undefined || hash === undefined) continue;
      const parts = (["world", "scripts"] as const).filter((part) => hash[part] !== wanted[part]);
      if (parts.length > 0) {
        const list = parts.map(
          (part) => `the hash of the ${part} is ${hash[part]}, it was ${wanted[part]}`,
        );
        return differs(list.join("; "));
      }
    }
    return { frames: n, difference: undefined };
  } finally {
    recorder.stop();
  }
}

/** Does what was asked of the system. @returns what came of it instead, if anything did. */
async function made(
  scripts: ScriptSystem,
  call: ReadCall,
  { load }: ReplayOptions,
): Promise<string | undefined> {
  const { entity, name, numbers, script } = call;
  try {
    switch (call.do) {
      case "attach":
        scripts.attach(entity as Entity, script);
        break;
      case "detach":
        scripts.detach(entity as Entity, script);
        break;
      case "despawn":
        scripts.despawn(entity as Entity);
        break;
      case "send": {
        const message = scripts.messages.get(name);
        if (message === undefined) return `there is no message ${shownName(name)} here`;
        scripts.send(entity as Entity, message, numbers);
        break;
      }
      case "set-field":
        scripts.fields.set(entity as Entity, script, name, numbers["value"] as number);
        break;
      case "set-limits":
        scripts.setLimits(script, numbers);
        break;
      case "fixed-step": {
        const { delta = 0, elapsed = 0, frame = 0, fixedDelta = 0 } = numbers;
        scripts.runFixed({ delta, elapsed, frame, fixedDelta });
        break;
      }
      case "enable":
      case "disable":
      case "unload":
        scripts[call.do](script);
        break;
      default:
        if (load === undefined)
          return `${script} was ${call.do}ed before it; see ReplayOptions.load`;
        await load(script, call.do as "load" | "reload");
    }
  } catch (error) {
    return `${call.do} before it failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}
