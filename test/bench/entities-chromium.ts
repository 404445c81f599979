import type { ScriptBinary } from "../../scripting/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { bundle } from "./bundle.ts";
import { encodeBytes } from "./encoded.ts";
import type { EntitiesResult } from "./entities.ts";

/** Movement in a page, and a browser, of its own: a second world in one slows native code down. */
export async function entitiesInChromium(
  { bytes }: ScriptBinary,
  count: number,
  rounds: number,
): Promise<EntitiesResult> {
  const script = await bundle("./entities-page.ts", "iife");
  const browser = await launchChromium([]);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    return await page.evaluate(([module, n, r]) => window.timeEntities(module, n, r), [
      encodeBytes(bytes),
      count,
      rounds,
    ] as const);
  } finally {
    await browser.close();
  }
}
