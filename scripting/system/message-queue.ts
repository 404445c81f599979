import { noEntity } from "../../engine/index.ts";

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

  take(sender: number): void {
    if (sender >= this.#bySender.length) {
      const larger = new Int32Array(Math.max(sender + 1, this.#bySender.length * 2));
      larger.set(this.#bySender);
      this.#bySender = larger;
    }
    this.#bySender[sender] = (this.#bySender[sender] as number) + 1;
    this.#taken++;
  }

  release(sender: number): void {
    this.#bySender[sender] = (this.#bySender[sender] as number) - 1;
    this.#taken--;
  }
}

const initialMessages = 64;

/**
 * Messages in the order they were sent. Kept as columns, so that queueing allocates nothing but for the few times
 * that the queue doubles.
 */
export class MessageQueue {
  readonly #room: MessageRoom;
  /** Values that each message has a place for. */
  readonly #stride: number;
  #kinds = new Uint16Array(initialMessages);
  #targets = new Int32Array(initialMessages);
  #senders = new Uint32Array(initialMessages);
  #values: Float64Array;
  #length = 0;

  constructor(room: MessageRoom, stride: number) {
    this.#room = room;
    this.#stride = stride;
    this.#values = new Float64Array(initialMessages * stride);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a message; its values are to be set with {@link setValue}. */
  push(kind: number, target: number, sender: number): void {
    const at = this.#length;
    if (at === this.#kinds.length) this.#grow();
    this.#kinds[at] = kind;
    this.#targets[at] = target;
    this.#senders[at] = sender;
    this.#length = at + 1;
    this.#room.take(sender);
  }

  /** Sets a value of the message that was added last. */
  setValue(field: number, value: number): void {
    this.#values[(this.#length - 1) * this.#stride + field] = value;
  }

  /** Adds a message of another queue. */
  pushFrom(other: MessageQueue, at: number): void {
    this.push(other.kindAt(at), other.targetAt(at), other.senderAt(at));
    const to = (this.#length - 1) * this.#stride;
    for (let field = 0; field < this.#stride; field++) {
      this.#values[to + field] = other.valueAt(at, field);
    }
  }

  kindAt(at: number): number {
    return this.#kinds[at] as number;
  }

  targetAt(at: number): number {
    return this.#targets[at] as number;
  }

  senderAt(at: number): number {
    return this.#senders[at] as number;
  }

  valueAt(at: number, field: number): number {
    return this.#values[at * this.#stride + field] as number;
  }

  /** Drops every message after the first `length`. */
  truncate(length: number): void {
    for (let at = length; at < this.#length; at++) this.#room.release(this.#senders[at] as number);
    this.#length = Math.min(length, this.#length);
  }

  /** A message has nobody to go to any more. */
  forget(at: number): void {
    this.#targets[at] = noEntity;
  }

  /** Message `from` is to stay when those in front of it go, as the one at `to`: nothing in between stays. */
  keep(from: number, to: number): void {
    const sender = this.#senders[from] as number;
    // Places are exchanged, so that whose message goes is known when it does.
    this.#senders[from] = this.#senders[to] as number;
    this.#senders[to] = sender;
    this.#kinds[to] = this.#kinds[from] as number;
    this.#targets[to] = this.#targets[from] as number;
    const stride = this.#stride;
    this.#values.copyWithin(to * stride, from * stride, (from + 1) * stride);
  }

  /** Drops messages `[from, to)`; those behind them move up. */
  remove(from: number, to: number): void {
    for (let at = from; at < to; at++) this.#room.release(this.#senders[at] as number);
    const end = this.#length;
    const stride = this.#stride;
    this.#kinds.copyWithin(from, to, end);
    this.#targets.copyWithin(from, to, end);
    this.#senders.copyWithin(from, to, end);
    this.#values.copyWithin(from * stride, to * stride, end * stride);
    this.#length = end - (to - from);
  }

  #grow(): void {
    const room = this.#kinds.length * 2;
    const [kinds, targets] = [this.#kinds, this.#targets];
    const [senders, values] = [this.#senders, this.#values];
    this.#kinds = new Uint16Array(room);
    this.#kinds.set(kinds);
    this.#targets = new Int32Array(room);
    this.#targets.set(targets);
    this.#senders = new Uint32Array(room);
    this.#senders.set(senders);
    this.#values = new Float64Array(room * this.#stride);
    this.#values.set(values);
  }
}
