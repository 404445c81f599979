import { encodeBytes } from "../encoded.ts";
import type { EntitiesResult } from "../entities.ts";
import { entitiesInChromium } from "../entities-chromium.ts";
import type { EntitiesInput } from "../entities-process.ts";
import { movementBinary } from "../movement-binary.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";
import { quickJsNsPerEntity } from "../quickjs-entities.ts";

const counts = [1_000, 10_000, 100_000, 1_000_000];
const pageCounts = [10_000, 100_000];
const processes = 5;

export async function entities(rounds: number): Promise<unknown> {
  const binary = await movementBinary();
  console.log(
    "\nA frame of movement: a script with a budget for each entity, and native TypeScript",
  );
  row("entities", "script ns", "native ns", "ratio");
  const module = encodeBytes(binary.bytes);
  const inNode = async (input: Omit<EntitiesInput, "module">): Promise<EntitiesResult> =>
    (await runInNode("./entities-process.ts", [], { module, ...input })) as EntitiesResult;
  const curve: EntitiesResult[] = [];
  for (const count of counts) {
    // A million of them take a while, and jitter less.
    const enough = count > 100_000 ? Math.ceil(rounds / 4) : rounds;
    curve.push(print(await medianOf(() => inNode({ count, rounds: enough, windows: true }))));
  }
  const [, tenThousand, hundredThousand] = curve;
  const byCall = print(await inNode({ count: 10_000, rounds, windows: false }), "call by call");
  const quickJs = await quickJsNsPerEntity(1_000, rounds);
  const overQuickJs = quickJs / (tenThousand?.scriptNsPerEntity ?? 0);
  row("in QuickJS", quickJs.toFixed(0), "", `${overQuickJs.toFixed(0)} x script`);
  console.log("\nThe same in Chromium");
  const chromium: EntitiesResult[] = [];
  for (const count of pageCounts) {
    chromium.push(print(await medianOf(() => entitiesInChromium(binary, count, rounds))));
  }
  return {
    ratio10k: tenThousand?.ratio,
    ratio100k: hundredThousand?.ratio,
    chromium10k: chromium[0]?.ratio,
    chromium100k: chromium[1]?.ratio,
    timesFasterThanQuickJs: overQuickJs,
    curve,
    chromium,
    byCall,
    quickJsNsPerEntity: quickJs,
  };
}

/** How fast native code is depends on where a process has put its arrays: the process in the middle of five. */
async function medianOf(run: () => Promise<EntitiesResult>): Promise<EntitiesResult> {
  const results: EntitiesResult[] = [];
  for (let n = 0; n < processes; n++) results.push(await run());
  results.sort((a, b) => a.ratio - b.ratio);
  return results[(processes - 1) / 2] as EntitiesResult;
}

function print(
  result: EntitiesResult,
  name = result.entities.toLocaleString("en"),
): EntitiesResult {
  row(
    name,
    result.scriptNsPerEntity.toFixed(1),
    result.nativeNsPerEntity.toFixed(1),
    result.ratio.toFixed(2),
  );
  return result;
}
