/**
 * A number of each message in a queue, 0 or more, such as who has sent it. While it is the same for all, as it mostly
 * is, it is kept once.
 */
export class MessageNumbers {
  /** What it is for all; -1 where that may be several. */
  #sole = -1;
  #each: Int32Array;

  constructor(room: number) {
    this.#each = new Int32Array(room);
  }

  /** What it is for all messages; -1 where that may be several: see {@link each}. */
  get sole(): number {
    return this.#sole;
  }

  /** By message, where that may be several. */
  get each(): Int32Array {
    return this.#each;
  }

  at(at: number): number {
    return this.#sole >= 0 ? this.#sole : (this.#each[at] as number);
  }

  widen(room: number): void {
    const each = this.#each;
    this.#each = new Int32Array(room);
    if (this.#sole < 0) this.#each.set(each);
  }

  /** Messages `[from, to)`, behind all others, have a number. */
  add(number: number, from: number, to: number): void {
    if (from === 0) this.#sole = number;
    else if (this.#sole !== number) {
      this.#tellApart(from);
      this.#each.fill(number, from, to);
    }
  }

  /** Messages from one on, behind all others, have these. */
  addEach(numbers: Int32Array, from: number): void {
    this.#tellApart(from);
    this.#each.set(numbers, from);
  }

  /** Messages from one on, behind all others, have those of another queue's messages `[first, end)`. */
  addFrom(other: MessageNumbers, first: number, end: number, from: number): void {
    if (other.#sole >= 0) this.add(other.#sole, from, from + end - first);
    else this.addEach(other.#each.subarray(first, end), from);
  }

  /** The same for another queue's messages at the first `count` of these places. */
  addPicked(other: MessageNumbers, places: Int32Array, count: number, from: number): void {
    if (other.#sole >= 0) this.add(other.#sole, from, from + count);
    else {
      this.#tellApart(from);
      copyPicked(this.#each, from, other.#each, places, count);
    }
  }

  /** The number of a message is another one's from now on. */
  move(from: number, to: number): void {
    if (this.#sole < 0) this.#each[to] = this.#each[from] as number;
  }

  exchange(a: number, b: number): void {
    if (this.#sole >= 0) return;
    const number = this.#each[a] as number;
    this.#each[a] = this.#each[b] as number;
    this.#each[b] = number;
  }

  /** Numbers from one on, up to another, begin at `to` from now on. */
  moveAll(to: number, from: number, end: number): void {
    if (this.#sole < 0) this.#each.copyWithin(to, from, end);
  }

  /** The first `count` messages may differ from what is added. */
  #tellApart(count: number): void {
    if (this.#sole >= 0) this.#each.fill(this.#sole, 0, count);
    this.#sole = -1;
  }
}

/** Copies what a list has at the first `count` of these places, one behind the other from `at` on. */
export function copyPicked(
  to: Int32Array,
  at: number,
  from: Int32Array,
  places: Int32Array,
  count: number,
): void {
  for (let n = 0; n < count; n++) to[at + n] = from[places[n] as number] as number;
}
