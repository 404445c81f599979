import { arenaHalfHeight, arenaHalfWidth } from "../arena.ts";

/** Room around the arena that always stays in view, in world units. */
const margin = 14;

/** Room above and below it for the words over the picture, in CSS pixels. */
const wordsPixels = 62;

/** Pixels drawn where there is no GPU: one for each of the page's on a small screen, fewer on large ones. */
const softwarePixels = 960 * 800;
const gpuPixels = 2_560 * 1_440;

/** How the arena is fitted into the canvas. */
export class Camera {
  /** Canvas pixels. */
  widthPixels = 960;
  heightPixels = 600;
  /** Canvas pixels to one world unit. */
  scale = 1;
  /** Canvas pixels to one CSS pixel. */
  density = 1;

  /**
   * Fits the arena into a canvas of that size on the page, in CSS pixels.
   * @param share of the pixels to draw, 0 to 1.
   */
  fit(
    width: number,
    height: number,
    devicePixelRatio: number,
    software: boolean,
    share: number,
  ): void {
    const budget = software ? softwarePixels : gpuPixels;
    const wanted = software ? 1 : devicePixelRatio;
    const most = Math.min(wanted, Math.sqrt(budget / Math.max(1, width * height)));
    this.density = most * Math.sqrt(share);
    this.widthPixels = Math.max(1, Math.round(width * this.density));
    this.heightPixels = Math.max(1, Math.round(height * this.density));
    this.scale = Math.min(
      this.widthPixels / (2 * (arenaHalfWidth + margin)),
      ((height - 2 * wordsPixels) * this.density) / (2 * arenaHalfHeight),
    );
  }

  /** World x of a place on the canvas in CSS pixels. */
  worldX(cssX: number): number {
    return (cssX * this.density - this.widthPixels / 2) / this.scale;
  }

  /** World y of a place on the canvas in CSS pixels. */
  worldY(cssY: number): number {
    return (cssY * this.density - this.heightPixels / 2) / this.scale;
  }
}
