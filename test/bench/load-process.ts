import { decodeBytes } from "./encoded.ts";
import { benchLoad } from "./load.ts";
import { readInput } from "./read-input.ts";

const { name, bytes } = (await readInput()) as { name: string; bytes: string };
console.log(JSON.stringify(benchLoad({ name, bytes: decodeBytes(bytes) })));
