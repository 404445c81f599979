import { readInput } from "../read-input.ts";
import { benchEncoded, type EncodedScript } from "./encoded-game.ts";

/** A game in a process of its own, as one is. */
export interface GameInput {
  readonly name: string;
  readonly scripts: readonly EncodedScript[];
  readonly rounds: number;
}

const { name, scripts, rounds } = (await readInput()) as GameInput;
console.log(JSON.stringify(await benchEncoded(name, scripts, rounds)));
