import { build, type Rolldown } from "vite";
import { launchChromium } from "../browser/chromium.ts";
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
  const script = await bundle();
  const browser = await launchChromium([`--js-flags=${flags.join(" ")}`]);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const times: KernelTimes[] = [];
    for (const { name, raw, metered } of kernels) {
      const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
      const kernel = { name, raw: base64(raw), metered: base64(metered) };
      times.push(
        await page.evaluate(([k, n]) => window.timeKernel(k, n), [kernel, rounds] as const),
      );
    }
    return { ...summarise(times), version: browser.version() };
  } finally {
    await browser.close();
  }
}

/** The page's side as one script. */
async function bundle(): Promise<string> {
  const entry = new URL("./page.ts", import.meta.url).pathname;
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib: { entry, formats: ["iife"], name: "bench" } },
  })) as Rolldown.RolldownOutput[];
  const chunk = result[0]?.output[0];
  if (chunk?.type !== "chunk") throw new Error("the page's script wasn't built");
  return chunk.code;
}
