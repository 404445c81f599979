import { Linker, type Script, ScriptRuntime } from "../../scripting/index.ts";
import { decodeBytes } from "./encoded.ts";
import { median } from "./measure.ts";
import { readInput } from "./read-input.ts";

/** Many different scripts in one process. */
export interface ManyResult {
  readonly scripts: number;
  readonly moduleBytes: number;
  readonly loadMs: number;
  /** Of the process, for each script, and what of that isn't the script's own memory. */
  readonly bytesEach: number;
  readonly bytesEachBeyondMemory: number;
  /** A frame that calls each of them once: the first, and the median of later ones. */
  readonly firstFrameMs: number;
  readonly frameMs: number;
}

const frames = 60;

async function settledBytes(): Promise<number> {
  for (let n = 0; n < 4; n++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage.rss();
}

const modules = ((await readInput()) as { modules: string[] }).modules.map(decodeBytes);
const runtime = new ScriptRuntime({ linker: new Linker() });
// So that Fusewire's own code is compiled by then.
for (let i = 0; i < 20; i++) {
  (await runtime.load(modules[0] as Uint8Array, { name: "warm-up" })).dispose();
}
const before = await settledBytes();
const startMs = performance.now();
const scripts: Script[] = await Promise.all(
  modules.map((bytes, i) => runtime.load(bytes, { name: `script ${i}` })),
);
const loadMs = performance.now() - startMs;
const times: number[] = [];
for (let frame = 0; frame < frames; frame++) {
  const frameStartMs = performance.now();
  for (const script of scripts) {
    const result = script.call("update");
    if (!result.ok) throw new Error(result.fault.message);
  }
  times.push(performance.now() - frameStartMs);
}
const taken = (await settledBytes()) - before;
const memory = scripts.reduce((sum, script) => sum + script.memory.length, 0);
const result: ManyResult = {
  scripts: scripts.length,
  moduleBytes: modules[0]?.length ?? 0,
  loadMs,
  bytesEach: taken / scripts.length,
  bytesEachBeyondMemory: (taken - memory) / scripts.length,
  firstFrameMs: times[0] as number,
  frameMs: median(times.slice(10)),
};
console.log(JSON.stringify(result));
