import { readFileSync } from "node:fs";
import { benchLoad } from "./load.ts";
import { readInput } from "./read-input.ts";

const { name, file, warmUp } = (await readInput()) as Record<"name" | "file" | "warmUp", string>;
console.log(JSON.stringify(benchLoad({ name, bytes: readFileSync(file) }, readFileSync(warmUp))));
