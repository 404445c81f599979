import type { Game } from "../../engine/index.ts";
import type { ScriptSystem } from "../../scripting/index.ts";
import type { FrameHistory } from "../frames.ts";
import { Meter } from "./meter.ts";
import { ScriptTable } from "./script-table.ts";

/** Often enough to read along, seldom enough to cost nothing: text is dear to draw without a GPU. */
const figuresMs = 500;
const tableMs = 1_000;

/** Keeps the panel's figures up to date. */
export function addInspector(game: Game, scripts: ScriptSystem, frames: FrameHistory): void {
  const meter = new Meter(frames, scripts.frameBudgetMs);
  const table = new ScriptTable();
  let figuresDueMs = 0;
  let tableDueMs = 0;
  let frameThen = 0;
  game.addSystem("render", "inspector", () => {
    const nowMs = performance.now();
    if (nowMs >= figuresDueMs) {
      figuresDueMs = nowMs + figuresMs;
      meter.update(game.world.aliveCount);
    }
    if (nowMs < tableDueMs) return;
    tableDueMs = nowMs + tableMs;
    table.update(scripts.stats(), game.time.frame - frameThen);
    frameThen = game.time.frame;
  });
}
