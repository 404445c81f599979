/** What runs a game's frames one after the other. */
export interface Scheduler {
  /**
   * Calls back once, when the next frame is due, with the time in milliseconds on the timeline of
   * `performance.now()`. Returns what `cancel` takes.
   */
  request(callback: (nowMs: number) => void): number;
  /** Takes a request back; does nothing when it has been answered. */
  cancel(request: number): void;
}

/** A frame for every repaint of the screen. Pauses by itself while the page is hidden. */
export const animationFrameScheduler: Scheduler = Object.freeze({
  request(callback: (nowMs: number) => void): number {
    if (typeof requestAnimationFrame !== "function") {
      throw new Error("no requestAnimationFrame here: give the game a scheduler, or call frame()");
    }
    return requestAnimationFrame(callback);
  },
  cancel(request: number): void {
    cancelAnimationFrame(request);
  },
});
