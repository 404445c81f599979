import type { ScriptBinary } from "../../scripting/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { bundle } from "./bundle.ts";
import { encodeBytes } from "./encoded.ts";
import type { EntitiesResult } from "./entities.ts";

/** Movement in pages, one for each count of entities: a second world in one slows native code down. */
export async function entitiesInChromium(
  { bytes }: ScriptBinary,
  counts: readonly number[],
  rounds: number,
): Promise<EntitiesResult[]> {
  const script = await bundle("./entities-page.ts", "iife");
  const browser = await launchChromium([]);
  try {
    const results: EntitiesResult[] = [];
    for (const count of counts) {
      const page = await browser.newPage();
      await page.addScriptTag({ content: script });
      results.push(
        await page.evaluate(([module, n, r]) => window.timeEntities(module, n, r), [
          encodeBytes(bytes),
          count,
          rounds,
        ] as const),
      );
      await page.close();
    }
    return results;
  } finally {
    await browser.close();
  }
}
