import type { GameResult } from "./bench.ts";
import { benchEncoded, type EncodedScript } from "./encoded-game.ts";

declare global {
  interface Window {
    timeGame(name: string, scripts: readonly EncodedScript[], rounds: number): Promise<GameResult>;
  }
}

window.timeGame = benchEncoded;
