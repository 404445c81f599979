import { decodeBytes } from "../encoded.ts";
import { readInput } from "../read-input.ts";
import { benchGame } from "./bench.ts";
import { games } from "./games.ts";
import type { EncodedScript } from "./games-page.ts";

/** A game in a process of its own, as one is. */
export interface GameInput {
  readonly name: string;
  readonly scripts: readonly EncodedScript[];
  readonly rounds: number;
}

const { name, scripts, rounds } = (await readInput()) as GameInput;
const game = games.find((known) => known.name === name);
if (game === undefined) throw new Error(`there is no game ${name}`);
const binaries = scripts.map((script) => ({
  name: script.name,
  file: `scripts/${script.name}.ts`,
  bytes: decodeBytes(script.bytes),
}));
console.log(JSON.stringify(await benchGame(game, binaries, rounds)));
