import { readFileSync } from "node:fs";
import { fileOf, freshImport } from "./fresh.ts";
import type { Program } from "./program.ts";

interface Codec {
  default(module: BufferSource): Promise<unknown>;
  encode(data: Uint8Array, width: number, height: number, bitDepth: number): Uint8Array;
}

const width = 256;
const height = 160;

/** Something between a photograph and a chart: gradients, edges, and a bit of grain. */
function picture(): Uint8Array {
  const pixels = new Uint8Array(width * height * 4);
  let grain = 1;
  for (let i = 0; i < pixels.length; i += 4) {
    const x = (i / 4) % width;
    const y = Math.floor(i / 4 / width);
    grain = (Math.imul(grain, 1_103_515_245) + 12_345) >>> 0;
    const inside = (x - 90) ** 2 + (y - 70) ** 2 < 2_500;
    pixels.set([x, inside ? 200 : y, (grain >>> 28) + (x ^ y), inside ? 255 : 128 + (y >> 1)], i);
  }
  return pixels;
}

/** Filters and compresses a picture. */
export const squooshPng: Program = {
  name: "Squoosh's PNG",
  language: "Rust",
  compiler: "rustc, wasm-bindgen",
  async start() {
    const folder = "@jsquash/png/codec/pkg";
    const codec = await freshImport<Codec>(`${folder}/squoosh_png.js`);
    await codec.default(readFileSync(fileOf(`${folder}/squoosh_png_bg.wasm`)));
    const pixels = picture();
    return () => [codec.encode(pixels, width, height, 8)];
  },
};
