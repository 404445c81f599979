import { byId, setText } from "../dom.ts";
import type { FrameHistory } from "../frames.ts";
import { Sparkline } from "./sparkline.ts";

/** Frames over which the figures are taken: about a second. */
const stretch = 60;

/** Frame rate, frame time, and how much of it the scripts take. */
export class Meter {
  readonly #frames: FrameHistory;
  readonly #budgetMs: number;
  readonly #sparkline = new Sparkline(byId("sparkline", HTMLCanvasElement));
  readonly #fps = byId("fps", HTMLOutputElement);
  readonly #frameMs = byId("frame-ms", HTMLOutputElement);
  readonly #slowestMs = byId("slowest-ms", HTMLOutputElement);
  readonly #alive = byId("alive", HTMLOutputElement);
  readonly #shareBar = byId("share-bar", HTMLElement);
  readonly #shareScripts = byId("share-scripts", HTMLElement);
  readonly #shareRest = byId("share-rest", HTMLElement);
  readonly #shareText = byId("share-text", HTMLElement);

  constructor(frames: FrameHistory, budgetMs: number) {
    this.#frames = frames;
    this.#budgetMs = budgetMs;
    setText(byId("budget-text", HTMLElement), `in scripts, of ${budgetMs} ms they may take`);
  }

  update(aliveCount: number): void {
    const { fps, meanMs, slowestMs, workMs, scriptsMs } = this.#frames.summary(stretch);
    setText(this.#fps, fps.toFixed(0));
    setText(this.#frameMs, meanMs.toFixed(1));
    setText(this.#slowestMs, slowestMs.toFixed(1));
    setText(this.#alive, aliveCount.toLocaleString("en"));
    setText(this.#shareText, `${scriptsMs.toFixed(2)} ms`);
    const frame = Math.max(meanMs, workMs, 1);
    const share = (100 * scriptsMs) / frame;
    const rest = (100 * (workMs - scriptsMs)) / frame;
    this.#shareScripts.style.width = `${share.toFixed(1)}%`;
    this.#shareRest.style.width = `${Math.max(0, rest).toFixed(1)}%`;
    this.#shareBar.ariaLabel =
      `Scripts take ${share.toFixed(0)} % of the frame, ` +
      `${scriptsMs.toFixed(2)} of at most ${this.#budgetMs} milliseconds`;
    this.#sparkline.draw(this.#frames);
  }
}
