import { launchChromium } from "../../browser/chromium.ts";
import { bundle } from "../bundle.ts";
import type { GameResult } from "./bench.ts";
import { gameBinaries } from "./binaries.ts";
import { encodeScripts } from "./encoded-game.ts";
import { games } from "./games.ts";

/** All games in a page, without QuickJS. */
export async function gamesInChromium(rounds: number): Promise<Record<string, GameResult>> {
  const script = await bundle("./games/games-page.ts", "iife");
  const browser = await launchChromium([]);
  try {
    const results: Record<string, GameResult> = {};
    for (const game of games) {
      const page = await browser.newPage();
      await page.addScriptTag({ content: script });
      const scripts = encodeScripts(await gameBinaries(game));
      results[game.name] = await page.evaluate(
        ([name, modules, r]) => window.timeGame(name, modules, r),
        [game.name, scripts, rounds] as const,
      );
      await page.close();
    }
    return results;
  } finally {
    await browser.close();
  }
}
