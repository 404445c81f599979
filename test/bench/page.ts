import { type KernelTimes, timeKernel } from "./kernel.ts";

/** What a page is given of a kernel: its modules in base64. */
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

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

window.timeKernel = ({ name, raw, metered }, rounds) =>
  timeKernel({ name, raw: bytesOf(raw), metered: bytesOf(metered) }, rounds);
