/** The sender of what the game sends. */
export const gameSender = 0;

/**
 * How many messages may wait, and whose they are. A script may have as many waiting as it leaves room for: it
 * alone half of all, two of them a third each, so that those who flood the room never keep the others from sending.
 */
export class MessageRoom {
  readonly capacity: number;
  #taken = 0;
  #bySender = new Int32Array(16);

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Messages that wait. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether a sender may send another one. */
  admits(sender: number): boolean {
    const free = this.capacity - this.#taken;
    if (sender === gameSender) return free > 0;
    return (this.#bySender[sender] ?? 0) < free;
  }

  /** How many messages a sender may send one after the other. */
  left(sender: number): number {
    const free = this.capacity - this.#taken;
    if (sender === gameSender) return free;
    // Each takes one, and leaves one less.
    return Math.max(0, Math.ceil((free - (this.#bySender[sender] ?? 0)) / 2));
  }

  take(sender: number, count = 1): void {
    if (sender >= this.#bySender.length) {
      const larger = new Int32Array(Math.max(sender + 1, this.#bySender.length * 2));
      larger.set(this.#bySender);
      this.#bySender = larger;
    }
    this.#bySender[sender] = (this.#bySender[sender] as number) + count;
    this.#taken += count;
  }

  release(sender: number, count = 1): void {
    this.#bySender[sender] = (this.#bySender[sender] as number) - count;
    this.#taken -= count;
  }
}
