import { decodeBytes } from "../encoded.ts";
import { benchGame, type GameResult } from "./bench.ts";
import { games } from "./games.ts";

/** A script as it gets into a page. */
export interface EncodedScript {
  readonly name: string;
  readonly bytes: string;
}

declare global {
  interface Window {
    timeGame(name: string, scripts: readonly EncodedScript[], rounds: number): Promise<GameResult>;
  }
}

window.timeGame = (name, scripts, rounds) => {
  const game = games.find((known) => known.name === name);
  if (game === undefined) throw new Error(`there is no game ${name}`);
  const binaries = scripts.map((script) => ({
    name: script.name,
    file: `scripts/${script.name}.ts`,
    bytes: decodeBytes(script.bytes),
  }));
  return benchGame(game, binaries, rounds);
};
