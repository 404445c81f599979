import type { Game } from "fusewire/engine";
import { type Recorder, replay, type ScriptSystem } from "fusewire/scripting";

export function save(game: Game, scripts: ScriptSystem): string {
  return JSON.stringify({ game: game.save(), scripts: scripts.saveState() });
}

export function load(game: Game, scripts: ScriptSystem, text: string): void {
  const saved = JSON.parse(text); // from anywhere: what doesn't fit is refused, and changes nothing
  game.load(saved.game);
  scripts.restoreState(saved.scripts);
}

// const recorder = scripts.record(); … and when a player says that something is wrong:
export function report(recorder: Recorder, scripts: ScriptSystem): string {
  return JSON.stringify({ run: recorder.stop(), faults: scripts.faultFiles });
}

// In the same game, headless: runs it again, frame by frame, input by input.
export async function investigate(text: string, scripts: ScriptSystem): Promise<string> {
  const { difference } = await replay(JSON.parse(text).run, scripts);
  return difference === undefined ? "the same" : `frame ${difference.frame}: ${difference.message}`;
}
