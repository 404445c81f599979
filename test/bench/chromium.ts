import { launchChromium } from "../browser/chromium.ts";
import { bundle } from "./bundle.ts";
import { encodeBytes } from "./encoded.ts";
import type { KernelModules, KernelTimes } from "./kernel.ts";
import { summarise, type TierResult } from "./metering.ts";

export interface ChromiumResult extends TierResult {
  readonly version: string;
}

/** Times every kernel in a page, with `flags` for its engine. */
export async function timeInChromium(
  kernels: readonly KernelModules[],
  rounds: number,
  flags: readonly string[],
): Promise<ChromiumResult> {
  const script = await bundle("./page.ts", "iife");
  const browser = await launchChromium([`--js-flags=${flags.join(" ")}`]);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const times: KernelTimes[] = [];
    for (const { name, raw, metered } of kernels) {
      const kernel = { name, raw: encodeBytes(raw), metered: encodeBytes(metered) };
      times.push(
        await page.evaluate(([k, n]) => window.timeKernel(k, n), [kernel, rounds] as const),
      );
    }
    return { ...summarise(times), version: browser.version() };
  } finally {
    await browser.close();
  }
}
