import { medianOf, type OvershootResult, overshootOf } from "./deadline.ts";
import { decodeBytes } from "./encoded.ts";
import type { EndlessScript } from "./endless.ts";
import { readInput } from "./read-input.ts";

const warmUpCalls = 150;
const { scripts, calls, batches } = (await readInput()) as {
  scripts: EndlessScript[];
  calls: number;
  batches: number;
};
// So that Fusewire's own code is compiled by then.
const [first] = scripts;
if (first !== undefined) await overshootOf(first, decodeBytes(first.wasm), warmUpCalls);
const results: OvershootResult[] = [];
for (let batch = 0; batch < batches; batch++) {
  for (const script of scripts) {
    results.push(await overshootOf(script, decodeBytes(script.wasm), calls));
  }
}
console.log(
  JSON.stringify(scripts.map(({ name }) => medianOf(results.filter((r) => r.name === name)))),
);
