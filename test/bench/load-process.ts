import { readFileSync } from "node:fs";
import { benchLoad } from "./load.ts";
import { readInput } from "./read-input.ts";

const { name, file } = (await readInput()) as { name: string; file: string };
console.log(JSON.stringify(benchLoad({ name, bytes: readFileSync(file) })));
