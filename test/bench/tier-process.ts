import { decodeBytes } from "./encoded.ts";
import { type KernelTimes, timeKernel } from "./kernel.ts";
import type { PageKernel } from "./page.ts";
import { readInput } from "./read-input.ts";

const { kernels, rounds } = (await readInput()) as { kernels: PageKernel[]; rounds: number };
const times: KernelTimes[] = [];
for (const { name, raw, metered } of kernels) {
  const kernel = { name, raw: decodeBytes(raw), metered: decodeBytes(metered) };
  times.push(await timeKernel(kernel, rounds));
}
console.log(JSON.stringify(times));
