import { expect, test } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { formatDiagnostics } from "../../scripting/compile/diagnostics.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { bundle } from "../bench/bundle.ts";
import { encodeBytes } from "../bench/encoded.ts";
import { launchChromium } from "./chromium.ts";
import {
  type ColonyScript,
  components,
  messages,
  prefabs,
  runColonies,
  runColony,
  sources,
} from "./colony.ts";

const frames = 10_000;
/** More for a thorough run: `DETERMINISM_CASES=10000`. */
const cases = Number(process.env["DETERMINISM_CASES"] ?? 200);
/** Worlds that are run here and there in turn. */
const casesAtATime = 50;

async function module(name: ColonyScript): Promise<Uint8Array<ArrayBuffer>> {
  const files = new Map<string, string>([
    [`scripts/${name}.ts`, sources[name]],
    ["scripts/components.ts", generateBindings(components, prefabs, { messages })],
  ]);
  const { sdk } = diskSources(".");
  const entry = `scripts/${name}.ts`;
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(formatDiagnostics(result.diagnostics));
  return result.binary.bytes;
}

test(`${frames} frames come to the same world in Node and in Chromium, calls that are stopped included`, async () => {
  const modules = { creature: await module("creature"), nest: await module("nest") };
  const here = await runColony(modules, 1, frames);
  expect(here.faults).toBeGreaterThan(1_000);
  expect(here.messages).toBeGreaterThan(1_000);
  expect(here.alive).toBeGreaterThan(20);
  expect(new Set(here.hashes).size).toBe(10);
  expect((await runColony(modules, 2, frames / 10)).hashes[9]).not.toBe(here.hashes[0]);

  const script = await bundle("../browser/colony-page.ts", "iife");
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const there = await page.evaluate(
      ([creature, nest, n]) => window.runColony(creature, nest, 1, n),
      [encodeBytes(modules.creature), encodeBytes(modules.nest), frames] as const,
    );
    expect(there).toEqual(here);
  } finally {
    await browser.close();
  }
}, 180_000);

test(`${cases} random colonies come to the same in Node and in Chromium`, async () => {
  const modules = { creature: await module("creature"), nest: await module("nest") };
  const script = await bundle("../browser/colony-page.ts", "iife");
  const browser = await launchChromium();
  let faults = 0;
  const ends = new Set<string | undefined>();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    for (let seed = 1; seed <= cases; seed += casesAtATime) {
      const count = Math.min(casesAtATime, cases - seed + 1);
      const there = await page.evaluate(
        ([creature, nest, first, n]) => window.runColonies(creature, nest, first, n),
        [encodeBytes(modules.creature), encodeBytes(modules.nest), seed, count] as const,
      );
      const here = await runColonies(modules, seed, count);
      expect(there, `from seed ${seed} on`).toEqual(here);
      for (const run of here) {
        faults += run.faults;
        ends.add(run.hashes.at(-1));
      }
    }
  } finally {
    await browser.close();
  }
  // Nearly each is a world of its own, but those in which calls have no fuel to do anything; in some they are stopped.
  expect(ends.size).toBeGreaterThan(cases * 0.9);
  expect(faults).toBeGreaterThan(cases / 10);
}, 3_600_000);
