import { decodeBytes } from "./encoded.ts";
import { benchEntities } from "./entities.ts";
import { readInput } from "./read-input.ts";

/** Movement in a process of its own: a second world in one slows native code down by two. */
export interface EntitiesInput {
  readonly module: string;
  readonly count: number;
  readonly rounds: number;
  readonly windows: boolean;
}

const { module, count, rounds, windows } = (await readInput()) as EntitiesInput;
const binary = { name: "movement", file: "scripts/movement.ts", bytes: decodeBytes(module) };
console.log(JSON.stringify(await benchEntities(binary, count, rounds, windows)));
