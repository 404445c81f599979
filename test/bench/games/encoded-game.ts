import type { ScriptBinary } from "../../../scripting/index.ts";
import { decodeBytes, encodeBytes } from "../encoded.ts";
import { benchGame, type GameResult } from "./bench.ts";
import { games } from "./games.ts";

/** A script as it gets into a page, or a process. */
export interface EncodedScript {
  readonly name: string;
  readonly bytes: string;
}

export function encodeScripts(binaries: readonly ScriptBinary[]): EncodedScript[] {
  return binaries.map(({ name, bytes }) => ({ name, bytes: encodeBytes(bytes) }));
}

/** {@link benchGame} of a game by its name. @throws Error when there is none. */
export function benchEncoded(
  name: string,
  scripts: readonly EncodedScript[],
  rounds: number,
): Promise<GameResult> {
  const game = games.find((known) => known.name === name);
  if (game === undefined) throw new Error(`there is no game ${name}`);
  const binaries = scripts.map((script) => ({
    name: script.name,
    file: `scripts/${script.name}.ts`,
    bytes: decodeBytes(script.bytes),
  }));
  return benchGame(game, binaries, rounds);
}
