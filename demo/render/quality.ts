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
