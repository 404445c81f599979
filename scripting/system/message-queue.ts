import { noEntity } from "../../engine/index.ts";
import { copyPicked, MessageNumbers } from "./message-numbers.ts";
import type { MessageRoom } from "./message-room.ts";
import { type MessageShapes, MessageValues } from "./message-values.ts";

const initialMessages = 64;

/**
 * Messages in the order they were sent. Kept as columns, so that queueing allocates nothing but for the few times
 * that the queue doubles.
 */
export class MessageQueue {
  readonly #room: MessageRoom;
  #kinds = new MessageNumbers(initialMessages);
  #targets = new Int32Array(initialMessages);
  #senders = new MessageNumbers(initialMessages);
  /** By the value's place in a message. */
  #values: readonly MessageValues[];
  #length = 0;
  /** What its receivers were found by, all of them: see `Attachments.removals`; -1 where they were not. */
  vouched = -1;

  /** @param shapes of the messages that there are. */
  constructor(room: MessageRoom, shapes: MessageShapes) {
    this.#room = room;
    const places = Math.max(0, ...shapes.map((types) => types.length));
    this.#values = Array.from(
      { length: places },
      (_, place) => new MessageValues(shapes, place, initialMessages),
    );
  }

  get length(): number {
    return this.#length;
  }

  /** The columns as they are: until a message is added, or all are handed on. */
  get kinds(): MessageNumbers {
    return this.#kinds;
  }

  get targets(): Int32Array {
    return this.#targets;
  }

  /** Values of a place, by message. */
  valuesAt(place: number): MessageValues {
    return this.#values[place] as MessageValues;
  }

  /** Values that each message has room for. */
  get places(): number {
    return this.#values.length;
  }

  /** Adds a message; its values are to be set with {@link setValue}. */
  push(kind: number, target: number, sender: number): void {
    const at = this.extend(1, sender);
    this.#kinds.add(kind, at, at + 1);
    this.#targets[at] = target;
  }

  /**
   * Adds messages of a sender's, whose columns are to be filled: {@link kinds} as those of the last messages.
   * @returns where they begin.
   */
  extend(count: number, sender: number): number {
    const from = this.#length;
    const to = from + count;
    if (to > this.#targets.length) this.#grow(to);
    this.#senders.add(sender, from, to);
    this.#length = to;
    this.#room.take(sender, count);
    return from;
  }

  /** Sets a value of the message that was added last. */
  setValue(place: number, value: number): void {
    const at = this.#length - 1;
    this.valuesAt(place).set(at, this.#kinds.at(at), value);
  }

  /** Adds messages `[from, to)` of another queue. */
  pushFrom(other: MessageQueue, from: number, to: number): void {
    const at = this.#length;
    const end = at + to - from;
    if (end > this.#targets.length) this.#grow(end);
    this.#kinds.addFrom(other.#kinds, from, to, at);
    this.#targets.set(other.#targets.subarray(from, to), at);
    this.#senders.addFrom(other.#senders, from, to, at);
    for (let place = 0; place < this.#values.length; place++) {
      this.valuesAt(place).copy(at, other.valuesAt(place), from, to);
    }
    this.#length = end;
    this.#count(at, end, 1);
  }

  /** Adds some messages of another queue: those at the first `count` of these places. */
  pushPicked(other: MessageQueue, places: Int32Array, count: number): void {
    const at = this.#length;
    const end = at + count;
    if (end > this.#targets.length) this.#grow(end);
    this.#kinds.addPicked(other.#kinds, places, count, at);
    copyPicked(this.#targets, at, other.#targets, places, count);
    this.#senders.addPicked(other.#senders, places, count, at);
    for (let place = 0; place < this.#values.length; place++) {
      this.valuesAt(place).copyPicked(at, other.valuesAt(place), places, count);
    }
    this.#length = end;
    this.#count(at, end, 1);
  }

  /** Takes the first messages of another queue with the same room and shapes. This one must be empty. */
  takeFirst(other: MessageQueue, count: number): void {
    if (this.#length > 0) throw new Error("there are messages in the queue");
    // Nobody's message comes or goes, so they count as before.
    const kinds = this.#kinds;
    const targets = this.#targets;
    const senders = this.#senders;
    const values = this.#values;
    this.#kinds = other.#kinds;
    this.#targets = other.#targets;
    this.#senders = other.#senders;
    this.#values = other.#values;
    this.#length = other.#length;
    other.#kinds = kinds;
    other.#targets = targets;
    other.#senders = senders;
    other.#values = values;
    other.#length = 0;
    if (count === this.#length) return;
    other.pushFrom(this, count, this.#length);
    this.truncate(count);
  }

  kindAt(at: number): number {
    return this.#kinds.at(at);
  }

  targetAt(at: number): number {
    return this.#targets[at] as number;
  }

  senderAt(at: number): number {
    return this.#senders.at(at);
  }

  valueAt(at: number, place: number): number {
    return this.valuesAt(place).get(at, this.#kinds.at(at));
  }

  /** Drops every message after the first `length`. */
  truncate(length: number): void {
    this.#count(length, this.#length, -1);
    this.#length = Math.min(length, this.#length);
  }

  /** A message has nobody to go to any more. */
  forget(at: number): void {
    this.#targets[at] = noEntity;
    this.vouched = -1;
  }

  /** Message `from` is to stay when those in front of it go, as the one at `to`: nothing in between stays. */
  keep(from: number, to: number): void {
    // Places are exchanged, so that whose message goes is known when it does.
    this.#senders.exchange(from, to);
    this.#kinds.move(from, to);
    this.#targets[to] = this.#targets[from] as number;
    for (const values of this.#values) values.move(from, to);
  }

  /** Drops messages `[from, to)`; those behind them move up. */
  remove(from: number, to: number): void {
    this.#count(from, to, -1);
    const end = this.#length;
    if (to < end) {
      this.#kinds.moveAll(from, to, end);
      this.#targets.copyWithin(from, to, end);
      this.#senders.moveAll(from, to, end);
      for (const values of this.#values) values.moveAll(from, to, end);
    }
    this.#length = end - (to - from);
  }

  /** Messages `[from, to)` take room, or leave it (-1); those of one sender are mostly one behind the other. */
  #count(from: number, to: number, sign: 1 | -1): void {
    const { sole, each } = this.#senders;
    if (to > from && sole >= 0) {
      this.#countOf(sole, to - from, sign);
      return;
    }
    for (let at = from; at < to; ) {
      const sender = each[at] as number;
      let end = at + 1;
      while (end < to && each[end] === sender) end++;
      this.#countOf(sender, end - at, sign);
      at = end;
    }
  }

  #countOf(sender: number, count: number, sign: 1 | -1): void {
    if (sign === 1) this.#room.take(sender, count);
    else this.#room.release(sender, count);
  }

  #grow(least: number): void {
    const room = Math.max(least, this.#targets.length * 2);
    this.#kinds.widen(room);
    const targets = new Int32Array(room);
    targets.set(this.#targets);
    this.#targets = targets;
    this.#senders.widen(room);
    for (const values of this.#values) values.widen(room);
  }
}
