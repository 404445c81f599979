import { decodeBytes } from "./encoded.ts";
import { type KernelTimes, timeKernel } from "./kernel.ts";

/** What a page, or another process, is given of a kernel: its modules in base64. */
export interface PageKernel {
  readonly name: string;
  readonly raw: string;
  readonly metered: string;
}

declare global {
  interface Window {
    timeKernel(kernel: PageKernel, rounds: number): Promise<KernelTimes>;
  }
}

window.timeKernel = ({ name, raw, metered }, rounds) =>
  timeKernel({ name, raw: decodeBytes(raw), metered: decodeBytes(metered) }, rounds);
