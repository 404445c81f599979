/** Frames over which it is decided. */
const stretch = 150;

/** Mean time between two frames, in milliseconds, that leaves room for more. */
const comfortableMs = 17.2;

/** And from here on it was too much. */
const tooLongMs = 19;

const mostAttempts = 2;

/** Shows an ornament while the frame rate allows it, and gives it up where it doesn't. */
export class Ornament {
  readonly #element: HTMLElement;
  #attempts = 0;
  #frames = 0;
  #sinceMs = 0;

  /** @param shown whether to begin with it. */
  constructor(element: HTMLElement, shown: boolean) {
    this.#element = element;
    this.#element.hidden = !shown;
  }

  /** To be called in every frame. */
  frame(nowMs: number): void {
    if (this.#frames++ === 0) this.#sinceMs = nowMs;
    if (this.#frames <= stretch) return;
    const meanMs = (nowMs - this.#sinceMs) / stretch;
    this.#frames = 0;
    if (this.#element.hidden && meanMs < comfortableMs && this.#attempts < mostAttempts) {
      this.#element.hidden = false;
    } else if (!this.#element.hidden && meanMs > tooLongMs) {
      this.#element.hidden = true;
      this.#attempts++;
    }
  }
}

/** Frames over which the resolution is decided; fewer, for a picture that stutters is worse than a soft one. */
const resolutionStretch = 45;

/** A stretch with a gap like this says nothing: the page was hidden, or somebody dragged the window. */
const gapMs = 400;

const step = 0.7;
const leastShare = 0.5;

/** How many of the pixels to draw: fewer while frames take too long, all of them otherwise. */
export class Resolution {
  /** Of the pixels that there would be to draw, 0 to 1. */
  share = 1;
  #raises = 0;
  #frames = 0;
  #sinceMs = 0;
  #lastMs = 0;

  /** To be called in every frame; true when the share has changed. */
  frame(nowMs: number): boolean {
    if (nowMs - this.#lastMs > gapMs) this.#frames = 0;
    this.#lastMs = nowMs;
    if (this.#frames++ === 0) this.#sinceMs = nowMs;
    if (this.#frames <= resolutionStretch) return false;
    const meanMs = (nowMs - this.#sinceMs) / resolutionStretch;
    this.#frames = 0;
    if (meanMs > tooLongMs && this.share > leastShare) this.share *= step;
    else if (meanMs < comfortableMs && this.share < 1 && this.#raises < mostAttempts) {
      this.share = Math.min(1, this.share / step);
      this.#raises++;
    } else return false;
    return true;
  }
}
