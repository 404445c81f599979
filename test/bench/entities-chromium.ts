import type { ScriptBinary } from "../../scripting/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { bundle } from "./bundle.ts";
import { encodeBytes } from "./encoded.ts";
import type { EntitiesResult } from "./entities.ts";

/** Movement in a page, for each count of entities. */
export async function entitiesInChromium(
  { bytes }: ScriptBinary,
  counts: readonly number[],
  rounds: number,
): Promise<EntitiesResult[]> {
  const script = await bundle("./entities-page.ts", "iife");
  const browser = await launchChromium([]);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const results: EntitiesResult[] = [];
    for (const count of counts) {
      results.push(
        await page.evaluate(([module, n, r]) => window.timeEntities(module, n, r), [
          encodeBytes(bytes),
          count,
          rounds,
        ] as const),
      );
    }
    return results;
  } finally {
    await browser.close();
  }
}
