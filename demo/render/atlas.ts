import { Rectangle, Texture } from "pixi.js";
import { Glyph, glyphCount } from "../glyphs.ts";
import { createBrush } from "./brush.ts";
import { ringRadius, shapes } from "./shapes.ts";

/** Across one cell, in pixels. */
const cellPixels = 128;
const cellsAcross = 4;

/** How much larger a cell is than the body in it; the rest is room for the glow. */
const cellPerBody = 1.6;

const bodyPixels = cellPixels / cellPerBody;

/** Pixels across a glyph's body in the atlas: what a sprite of scale 1 measures. */
export const bodyPixelsOf: readonly number[] = Array.from({ length: glyphCount }, (_, glyph) =>
  glyph === Glyph.Ring ? bodyPixels * ringRadius : bodyPixels,
);

/** Height of a cell's lit part; what is never lit need not be drawn. */
const litShare: Readonly<Record<number, number>> = { [Glyph.Spark]: 0.28, [Glyph.Shot]: 0.36 };

/** Draws every glyph into one texture, so that all sprites are one draw call. */
export function drawAtlas(): readonly Texture[] {
  const canvas = document.createElement("canvas");
  canvas.width = cellsAcross * cellPixels;
  canvas.height = Math.ceil(glyphCount / cellsAcross) * cellPixels;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no 2D canvas to draw the sprites with");

  const radius = bodyPixels / 2;
  for (let glyph = 0; glyph < glyphCount; glyph++) {
    const left = (glyph % cellsAcross) * cellPixels;
    const top = Math.floor(glyph / cellsAcross) * cellPixels;
    context.save();
    context.beginPath();
    context.rect(left, top, cellPixels, cellPixels);
    context.clip();
    context.translate(left + cellPixels / 2, top + cellPixels / 2);
    context.scale(radius, radius);
    shapes[glyph]?.(createBrush(context, 1 / radius));
    context.restore();
  }

  const { source } = Texture.from(canvas);
  return Array.from({ length: glyphCount }, (_, glyph) => {
    const left = (glyph % cellsAcross) * cellPixels;
    const top = Math.floor(glyph / cellsAcross) * cellPixels;
    const height = Math.round(cellPixels * (litShare[glyph] ?? 1));
    const frame = new Rectangle(left, top + (cellPixels - height) / 2, cellPixels, height);
    return new Texture({ source, frame });
  });
}
