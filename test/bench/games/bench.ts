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
  readonly nativeMs: number;
  readonly scriptMs: number;
  readonly byCallMs: number;
}

export type CreateHost = (game: Game, world: NativeWorld) => Promise<QuickJsHost>;

/** Frames in QuickJS take a thousand times as long, and needn't be as many. */
const quickJsShare = 8;
/** Part of the entities that may differ in QuickJS, which rounds to f32 in other places. */
const roundedOtherwise = 0.01;

/**
 * A game as a script, with windows and then call by call, against the native one. To be the first that is timed in a
 * process or page: engines compile code for the one world that there is.
 * @throws Error unless all of them come to the same.
 */
export async function benchGame(
  game: Game,
  binaries: readonly ScriptBinary[],
  rounds: number,
): Promise<GameResult> {
  const scripted = await createScripted(game, binaries, true);
  const { native, world, dice } = begunNative(game);
  repeat(scripted.frame, game.frames);
  mustAgree(game, "windows", world, scripted, game.tolerance, 0);
  dice.goOn();
  const [nativeMs, scriptMs] = alternate([native, scripted.frame], rounds);
  scripted.check();
  // From here on there are two worlds.
  const byCall = await createScripted(game, binaries, false);
  repeat(byCall.frame, game.frames);
  mustAgree(game, "call by call", begunNative(game).world, byCall, game.tolerance, 0);
  const byCallMs = alternate([byCall.frame], Math.ceil(rounds / 4))[0];
  byCall.check();
  const [ratio, byCallRatio] = [scriptMs / nativeMs, byCallMs / nativeMs];
  return { ratio, byCallRatio, nativeMs, scriptMs, byCallMs };
}

/** A native game after its first frames. */
function begunNative(game: Game): { native: Frame; world: NativeWorld; dice: Dice } {
  const world = new NativeWorld(game);
  const dice = new Dice(game.scripts[0] as string);
  const native = game.native(world, dice);
  repeat(native, game.frames);
  return { native, world, dice };
}

/** The time that a game's logic takes in QuickJS over native time, whole frames, medians. */
export async function benchQuickJs(
  game: Game,
  rounds: number,
  createHost: CreateHost,
): Promise<number> {
  const { native, dice } = begunNative(game);
  const frame = await quickJsFrame(game, createHost);
  dice.goOn();
  const [nativeMs, quickJsMs] = alternate([native, frame], Math.ceil(rounds / quickJsShare));
  return quickJsMs / nativeMs;
}

/** QuickJS's frames, on a world in which native ones went before. @throws Error unless they come to the same. */
async function quickJsFrame(game: Game, createHost: CreateHost): Promise<Frame> {
  const { world: native } = begunNative(game);
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
