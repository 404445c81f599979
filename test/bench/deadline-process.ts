import { type OvershootResult, overshootOf } from "./deadline.ts";
import { decodeBytes } from "./encoded.ts";
import type { EndlessScript } from "./endless.ts";
import { readInput } from "./read-input.ts";

const warmUpCalls = 40;
const { scripts, calls } = (await readInput()) as { scripts: EndlessScript[]; calls: number };
// So that Fusewire's own code is compiled by then.
const [first] = scripts;
if (first !== undefined) await overshootOf(first, decodeBytes(first.wasm), warmUpCalls);
const results: OvershootResult[] = [];
for (const script of scripts) {
  results.push(await overshootOf(script, decodeBytes(script.wasm), calls));
}
console.log(JSON.stringify(results));
