import type { Game } from "../../engine/index.ts";
import type { ScriptSystem } from "../../scripting/index.ts";
import type { FrameHistory } from "../frames.ts";

/** Records each frame: the time since the one before, its own work, and the scripts' part of it. */
export function addFrameTimer(game: Game, scripts: ScriptSystem, frames: FrameHistory): void {
  let lastMs = Number.NaN;
  // A hidden page has no frames; the gap is nobody's slow frame.
  document.addEventListener("visibilitychange", () => {
    lastMs = Number.NaN;
  });
  game.addSystem("input", "frame timer", () => {
    const nowMs = performance.now();
    // By now `frameMs` is the frame before's, and so is the scripts' report.
    if (lastMs > 0) frames.record(nowMs - lastMs, game.stats.frameMs, scripts.lastFrame.timeMs);
    lastMs = nowMs;
  });
}
