/** What a stretch of frames was like. Times in milliseconds. */
export interface FrameSummary {
  /** Frames in the stretch. */
  readonly count: number;
  /** Frames a second, from the mean time between two. */
  readonly fps: number;
  /** Mean time between two frames. */
  readonly meanMs: number;
  /** Time between two frames that 99 in 100 kept below. */
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Mean time the frame's own work took, of which the scripts' is a part. */
  readonly workMs: number;
  readonly scriptsMs: number;
}

/** A ring of the last frames' times. Recording allocates nothing. */
export class FrameHistory {
  readonly capacity: number;
  readonly #intervals: Float32Array;
  readonly #work: Float32Array;
  readonly #scripts: Float32Array;
  #recorded = 0;

  constructor(capacity = 240) {
    this.capacity = capacity;
    this.#intervals = new Float32Array(capacity);
    this.#work = new Float32Array(capacity);
    this.#scripts = new Float32Array(capacity);
  }

  /** Frames recorded since the start or the last {@link reset}. */
  get recorded(): number {
    return this.#recorded;
  }

  record(intervalMs: number, workMs: number, scriptsMs: number): void {
    const at = this.#recorded % this.capacity;
    this.#intervals[at] = intervalMs;
    this.#work[at] = workMs;
    this.#scripts[at] = scriptsMs;
    this.#recorded++;
  }

  /** Forgets all frames. */
  reset(): void {
    this.#recorded = 0;
  }

  /** Scripts' time of the frame `back` frames ago, in milliseconds; 0 where there was none. */
  scriptsAt(back: number): number {
    return this.#at(this.#scripts, back);
  }

  /** All of the work of the frame `back` frames ago, in milliseconds; 0 where there was none. */
  workAt(back: number): number {
    return this.#at(this.#work, back);
  }

  /** The last `most` frames in figures. */
  summary(most = this.capacity): FrameSummary {
    const count = Math.min(most, this.#recorded, this.capacity);
    const intervals = new Float32Array(count);
    let total = 0;
    let work = 0;
    let scripts = 0;
    for (let back = 0; back < count; back++) {
      const interval = this.#at(this.#intervals, back);
      intervals[back] = interval;
      total += interval;
      work += this.#at(this.#work, back);
      scripts += this.#at(this.#scripts, back);
    }
    intervals.sort();
    const meanMs = count === 0 ? 0 : total / count;
    return {
      count,
      fps: meanMs === 0 ? 0 : 1000 / meanMs,
      meanMs,
      p99Ms: intervals[Math.max(0, Math.ceil(count * 0.99) - 1)] ?? 0,
      slowestMs: intervals[count - 1] ?? 0,
      workMs: count === 0 ? 0 : work / count,
      scriptsMs: count === 0 ? 0 : scripts / count,
    };
  }

  #at(column: Float32Array, back: number): number {
    if (back >= this.#recorded || back >= this.capacity) return 0;
    return column[(this.#recorded - 1 - back) % this.capacity] ?? 0;
  }
}
