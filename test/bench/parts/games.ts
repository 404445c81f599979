import { benchQuickJs, type GameResult } from "../games/bench.ts";
import { gameBinaries } from "../games/binaries.ts";
import { encodeScripts } from "../games/encoded-game.ts";
import { games as all } from "../games/games.ts";
import { gamesInChromium } from "../games/games-chromium.ts";
import type { GameInput } from "../games/games-process.ts";
import { QuickJsHost } from "../games/quickjs-host.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";

/** Games a frame at a time: scripts with a budget for each call, and the same logic native. */
export async function games(rounds: number): Promise<unknown> {
  console.log("\nA frame of small games: native TypeScript, and times as long by other means");
  row("game", "native ms", "script ms", "ratio", "by call", "QuickJS");
  const results: Record<string, GameResult & { readonly quickJsRatio: number }> = {};
  for (const game of all) {
    const scripts = encodeScripts(await gameBinaries(game));
    const input: GameInput = { name: game.name, scripts, rounds };
    const result = (await runInNode("./games/games-process.ts", [], input)) as GameResult;
    const quickJsRatio = await benchQuickJs(game, rounds, QuickJsHost.create);
    results[game.name] = { ...result, quickJsRatio };
    print(game.name, result, quickJsRatio);
  }
  console.log("\nThe same in Chromium");
  const chromium = await gamesInChromium(rounds);
  for (const [name, result] of Object.entries(chromium)) print(name, result);
  return { ...results, chromium };
}

function print(
  name: string,
  { nativeMs, scriptMs, ratio, byCallRatio }: GameResult,
  quickJsRatio?: number,
): void {
  row(
    name,
    nativeMs.toFixed(3),
    scriptMs.toFixed(3),
    ratio.toFixed(2),
    byCallRatio.toFixed(1),
    quickJsRatio?.toFixed(0) ?? "",
  );
}
