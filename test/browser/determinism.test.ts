import { expect, test } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { formatDiagnostics } from "../../scripting/compile/diagnostics.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { bundle } from "../bench/bundle.ts";
import { encodeBytes } from "../bench/encoded.ts";
import { launchChromium } from "./chromium.ts";
import { type ColonyScript, components, messages, prefabs, runColony, sources } from "./colony.ts";

const frames = 10_000;

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
