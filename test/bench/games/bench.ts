import type { ScriptBinary } from "../../../scripting/index.ts";
import { alternate } from "../measure.ts";
import { mustAgree } from "./compare.ts";
import { Dice } from "./dice.ts";
import type { Frame, Game } from "./game.ts";
import { NativeWorld } from "./native-world.ts";
import type { QuickJsHost } from "./quickjs-host.ts";
import { createScripted } from "./scripted-game.ts";

export interface GameResult {
  /** Script time over native time, whole frames, medians. */
  readonly ratio: number;
  /** The same for the script call by call. */
  readonly byCallRatio: number;
  /** The same for the logic in QuickJS; undefined where that wasn't asked for. */
  readonly quickJsRatio: number | undefined;
  readonly nativeMs: number;
  readonly scriptMs: number;
  readonly byCallMs: number;
  readonly quickJsMs: number | undefined;
}

export type CreateHost = (game: Game, world: NativeWorld) => Promise<QuickJsHost>;

/** Frames in QuickJS take a thousand times as long, and needn't be as many. */
const quickJsShare = 8;
/** Part of the entities that may differ in QuickJS, which rounds to f32 in other places. */
const roundedOtherwise = 0.01;

/**
 * A game as a script, with windows and call by call, and its logic in QuickJS, against the native one.
 * @param createHost undefined where QuickJS isn't asked for.
 * @throws Error unless all of them come to the same.
 */
export async function benchGame(
  game: Game,
  binaries: readonly ScriptBinary[],
  rounds: number,
  createHost?: CreateHost,
): Promise<GameResult> {
  const scripted = await createScripted(game, binaries, true);
  const byCall = await createScripted(game, binaries, false);
  const world = new NativeWorld(game);
  const dice = new Dice(game.scripts[0] as string);
  // The only one of its kind so far, as in a game: its code is compiled for its own arrays.
  const native = game.native(world, dice);
  const frames = [native, scripted.frame, byCall.frame] as const;
  for (const frame of frames) repeat(frame, game.frames);
  mustAgree(game, "windows", world, scripted, game.tolerance, 0);
  mustAgree(game, "call by call", world, byCall, game.tolerance, 0);
  dice.goOn();
  const [nativeMs, scriptMs, byCallMs] = alternate(frames, rounds);
  scripted.check();
  byCall.check();
  let quickJs: readonly [nativeMs: number, quickJsMs: number] | undefined;
  if (createHost !== undefined) {
    const frame = await quickJsFrame(game, createHost);
    quickJs = alternate([native, frame], Math.ceil(rounds / quickJsShare));
  }
  return {
    ratio: scriptMs / nativeMs,
    byCallRatio: byCallMs / nativeMs,
    quickJsRatio: quickJs && quickJs[1] / quickJs[0],
    nativeMs,
    scriptMs,
    byCallMs,
    quickJsMs: quickJs?.[1],
  };
}

/** QuickJS's frames, on a world in which native ones went before. @throws Error unless they come to the same. */
async function quickJsFrame(game: Game, createHost: CreateHost): Promise<Frame> {
  const native = new NativeWorld(game);
  repeat(game.native(native, new Dice(game.scripts[0] as string)), game.frames);
  const world = new NativeWorld(game);
  const dice = new Dice(game.scripts[0] as string);
  repeat(game.native(world, dice), game.frames - game.quickJsFrames);
  const frame = game.quickJs(world, dice, await createHost(game, world));
  repeat(frame, game.quickJsFrames);
  mustAgree(game, "QuickJS", native, world, Math.max(game.tolerance, 0.01), roundedOtherwise);
  dice.goOn();
  return frame;
}

function repeat(frame: Frame, times: number): void {
  for (let n = 0; n < times; n++) frame();
}
