import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { decodeBytes } from "./encoded.ts";
import { readInput } from "./read-input.ts";

/** What is in memory after a tenth of the cycles, and another, up to all of them. Bytes. */
export interface CyclesResult {
  readonly cycles: number;
  readonly ms: number;
  readonly heapBytes: readonly number[];
  readonly externalBytes: readonly number[];
  readonly residentBytes: readonly number[];
}

const input = (await readInput()) as { module: string; cycles: number; kind: "load" | "fault" };
const bytes = decodeBytes(input.module);
const runtime = new ScriptRuntime({ linker: new Linker() });
const heapBytes: number[] = [];
const externalBytes: number[] = [];
const residentBytes: number[] = [];

async function sample(): Promise<void> {
  for (let n = 0; n < 4; n++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  heapBytes.push(heapUsed);
  externalBytes.push(external);
  residentBytes.push(rss);
}

const faulting = await runtime.load(bytes, { name: "cycles" });
const startMs = performance.now();
for (let cycle = 1; cycle <= input.cycles; cycle++) {
  if (input.kind === "load") {
    const script = await runtime.load(bytes, { name: "cycles" });
    if (!script.call("update", 1).ok) throw new Error("it doesn't run");
    script.dispose();
  } else {
    if (faulting.call("update", 1_000).ok) throw new Error("it doesn't fault");
    if (!faulting.call("update", 1).ok) throw new Error("it doesn't run");
  }
  if (cycle % Math.ceil(input.cycles / 10) === 0) await sample();
  // A game's frames go on; without them nothing that waits for a task is ever collected.
  else if (cycle % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}
const ms = performance.now() - startMs;
const result: CyclesResult = { cycles: input.cycles, ms, heapBytes, externalBytes, residentBytes };
console.log(JSON.stringify(result));
