import { Rectangle, Texture } from "pixi.js";
import { glyphCount } from "../glyphs.ts";
import { createBrush } from "./brush.ts";
import { shapes } from "./shapes.ts";

/** Across one cell, in pixels. */
const cellPixels = 160;
const cellsAcross = 4;

/** How much larger a cell is than the body in it; the rest is room for the glow. */
export const cellPerBody = 2;

/** Pixels across a body in the atlas: what a sprite of scale 1 measures. */
export const bodyPixels = cellPixels / cellPerBody;

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
    return new Texture({ source, frame: new Rectangle(left, top, cellPixels, cellPixels) });
  });
}
