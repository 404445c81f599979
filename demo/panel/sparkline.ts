import type { FrameHistory } from "../frames.ts";

/** The top of the chart, in milliseconds: two frames at 60 a second. */
const topMs = 33.3;
const frameMs = 16.7;
const columnPixels = 2;

/** A chart of the last frames: the scripts' share below, the rest of the work on top of it. */
export class Sparkline {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement) {
    // Kept in memory: so few pixels aren't worth a GPU.
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("no 2D canvas to draw the chart with");
    this.#canvas = canvas;
    this.#context = context;
  }

  draw(frames: FrameHistory): void {
    const { width, height } = this.#canvas;
    const context = this.#context;
    const perMs = height / topMs;
    context.clearRect(0, 0, width, height);
    const columns = Math.min(frames.capacity, Math.floor(width / columnPixels));
    for (let back = 0; back < columns; back++) {
      const x = width - (back + 1) * columnPixels;
      const scripts = frames.scriptsAt(back) * perMs;
      const work = Math.min(height, frames.workAt(back) * perMs);
      context.fillStyle = "#4b3f95";
      context.fillRect(x, height - work, columnPixels - 0.5, work);
      context.fillStyle = "#5ce9ff";
      context.fillRect(x, height - scripts, columnPixels - 0.5, scripts);
    }
    context.fillStyle = "#a39cca66";
    context.fillRect(0, height - frameMs * perMs, width, 1);
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = "#a39cca";
    context.fillText("16.7 ms", 2, height - frameMs * perMs - 4);
  }
}
