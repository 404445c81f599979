/** Rows `[from, to)`, and the frame that they ran in; none where `to` is 0. */
interface RunRows {
  frame: number;
  from: number;
  to: number;
}

/**
 * The frame that each row of a script last ran in. Where all of them run in every frame, that is hardly ever asked for,
 * and isn't written down.
 */
export class LastRuns {
  #frames: Int32Array;
  /** What isn't written down yet. */
  #ran: RunRows = { frame: -1, from: 0, to: 0 };
  /** Nor what ran before that, unless it has run again since. */
  #ranBefore: RunRows = { frame: -1, from: 0, to: 0 };

  /** @param room rows that there is room for. */
  constructor(room: number) {
    this.#frames = new Int32Array(room);
  }

  /** By row; -1 before it ever ran. To be asked for anew after {@link haveRun}. */
  get frames(): Int32Array {
    if (this.#ran.to > 0) this.#writeDown();
    return this.#frames;
  }

  /** Rows `[from, to)` have run in a frame, no earlier one than rows before. */
  haveRun(frame: number, from: number, to: number): void {
    if (from === to) return;
    if (from > 0 && this.#ran.to === from && this.#ran.frame === frame) this.#ran.to = to;
    else {
      const last = this.#ran;
      this.#ran = this.#ranBefore;
      this.#ranBefore = last;
      this.#write(this.#ran);
      this.#ran.frame = frame;
      this.#ran.from = from;
      this.#ran.to = to;
    }
    const before = this.#ranBefore;
    if (this.#ran.from <= before.from && to >= before.to) before.to = 0;
  }

  grow(room: number): void {
    const { frames } = this;
    this.#frames = new Int32Array(room);
    this.#frames.set(frames);
  }

  #writeDown(): void {
    this.#write(this.#ranBefore);
    this.#write(this.#ran);
  }

  #write(ran: RunRows): void {
    if (ran.to > 0) this.#frames.fill(ran.frame, ran.from, ran.to);
    ran.to = 0;
  }
}
