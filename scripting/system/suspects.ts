/**
 * Which rows of a script may be called whose last call was stopped, and is likely to be stopped again. They are
 * called in their place while that takes little time; what takes more is put off, so that rows that misbehave
 * don't keep the others from their turn. Each has its turn before another one has a second one.
 *
 * Goes by the clock alone: where nothing takes time, and where scripts have all the time there is, nobody waits.
 */
export class Suspects {
  /** Milliseconds that they have taken, and that nobody has paid for. */
  #debtMs = 0;
  #allowanceMs = Infinity;
  /** Rows in front of it have had their turn. */
  #from = 0;
  /** Whether one had to wait in this round; it goes first in the next one. */
  #blocked = false;

  /** A new frame, in which they may take so many milliseconds; what they took beyond in earlier ones comes off. */
  beginFrame(allowanceMs: number): void {
    this.#debtMs = Math.max(0, this.#debtMs - allowanceMs);
    this.#allowanceMs = allowanceMs;
  }

  /** Rows are visited from the first one on again. */
  beginRound(): void {
    if (!this.#blocked) this.#from = 0;
    this.#blocked = false;
  }

  /** Whether a row may be called, in a round that comes to it. */
  admits(row: number): boolean {
    if (this.#blocked || row < this.#from) return false;
    if (this.#debtMs < this.#allowanceMs) return true;
    this.#blocked = true;
    this.#from = row;
    return false;
  }

  /** They have taken some milliseconds. */
  charge(ms: number): void {
    this.#debtMs += ms;
  }

  /** Rows have moved. @param place where the one at a place is now. */
  move(place: (row: number) => number): void {
    this.#from = place(this.#from);
  }
}
