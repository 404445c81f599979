import type { ColumnType, Message } from "../../engine/index.ts";
import { copyPicked } from "./message-numbers.ts";

/** What messages hold: by a message's number, the types of its values in order. */
export type MessageShapes = readonly (readonly ColumnType[])[];

export function shapesOf(messages: readonly Message[]): MessageShapes {
  return messages.map(({ fields }) => fields.map(({ type }) => type));
}

/**
 * The values of one place of queued messages. Where none of them takes more than four bytes they are kept as a guest's
 * memory has them, so that they pass between the two as they are.
 */
export class MessageValues {
  /** Whether each takes eight bytes, and is in {@link doubles}; else it is in {@link words}. */
  readonly isWide: boolean;
  /** By message: an integer, a handle, a u32 as the i32 with the same bits; or the bits of an f32. */
  words = new Int32Array(0);
  /** The same memory. */
  floats = new Float32Array(0);
  doubles = new Float64Array(0);
  /** 1 for the messages whose value is an f32. */
  readonly #areFloats: Uint8Array;

  constructor(shapes: MessageShapes, place: number, room: number) {
    this.isWide = shapes.some((types) => types[place] === "f64");
    this.#areFloats = Uint8Array.from(shapes, (types) => (types[place] === "f32" ? 1 : 0));
    this.widen(room);
  }

  widen(room: number): void {
    const { words, doubles } = this;
    if (this.isWide) {
      this.doubles = new Float64Array(room);
      this.doubles.set(doubles);
      return;
    }
    this.words = new Int32Array(room);
    this.words.set(words);
    this.floats = new Float32Array(this.words.buffer);
  }

  /** @param kind the message's number. */
  get(at: number, kind: number): number {
    if (this.isWide) return this.doubles[at] as number;
    return (this.#areFloats[kind] === 1 ? this.floats[at] : this.words[at]) as number;
  }

  set(at: number, kind: number, value: number): void {
    if (this.isWide) this.doubles[at] = value;
    else if (this.#areFloats[kind] === 1) this.floats[at] = value;
    else this.words[at] = value;
  }

  /** Value `from` takes the place of the one at `to`. */
  move(from: number, to: number): void {
    if (this.isWide) this.doubles[to] = this.doubles[from] as number;
    else this.words[to] = this.words[from] as number;
  }

  /** Values from one on, up to another, begin at `to` from now on. */
  moveAll(to: number, from: number, end: number): void {
    if (this.isWide) this.doubles.copyWithin(to, from, end);
    else this.words.copyWithin(to, from, end);
  }

  /** Copies another queue's values of the same place. */
  copy(at: number, other: MessageValues, from: number, to: number): void {
    if (this.isWide) this.doubles.set(other.doubles.subarray(from, to), at);
    else this.words.set(other.words.subarray(from, to), at);
  }
  /** Copies another queue's values of the same place: those at the first `count` of these places. */
  copyPicked(at: number, other: MessageValues, places: Int32Array, count: number): void {
    if (!this.isWide) {
      copyPicked(this.words, at, other.words, places, count);
      return;
    }
    const { doubles } = this;
    const from = other.doubles;
    for (let n = 0; n < count; n++) doubles[at + n] = from[places[n] as number] as number;
  }
}
