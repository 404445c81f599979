import type { ColumnType } from "../../engine/index.ts";
import { type Cells, cellsAt, strideOf } from "./cells.ts";
import type { OutboxLayout } from "./outbox-layout.ts";
import { handleShift } from "./window-column.ts";

/** Messages in a guest's outbox. */
export interface SentRows {
  /** Whether they were looked at as they were written; else anything may stand there. */
  readonly isChecked: boolean;
  /** Their numbers; undefined where all are {@link soleKind}. */
  readonly kinds: Int32Array | undefined;
  /** The number of all of them; -1 where they may be several. */
  readonly soleKind: number;
  readonly targets: Int32Array;
  /** By the message's number: its values, in order; undefined for one that the guest doesn't send. */
  readonly values: readonly (readonly SentValue[] | undefined)[];
  /** By place: the values of all that is sent, where none takes more than four bytes. */
  readonly words: readonly (Int32Array | undefined)[];
}

/** One value of one message. */
export interface SentValue {
  readonly type: ColumnType;
  readonly cells: Cells;
  /** log2 of how many elements of the cells a message takes. */
  readonly stride: number;
}

/** Where messages of a guest's outbox go. */
export interface Recipients {
  /** Queues messages `[from, to)`. @returns false when there is one among them that may not be sent. */
  take(sent: SentRows, from: number, to: number): boolean;
}

/**
 * Takes over what a guest's calls have sent in its window. While calls can still be undone, so can what was taken.
 */
export class OutboxWindow {
  readonly #layout: OutboxLayout;
  readonly #address: number;
  readonly #to: Recipients;
  #buffer: ArrayBufferLike | undefined;
  /** Count, limit, first and quota. */
  #words: Int32Array = new Int32Array(4);
  #sent: SentRows | undefined;
  readonly #isChecked: boolean;
  /** Messages in front of it have been taken. */
  #taken = 0;
  /** Whether there was one that couldn't be. */
  #refused = false;
  /** Messages that a call may send, and for how many there is room. */
  #perCall = 0;
  #quota = 0;
  /** Taken of calls that can still be undone. */
  #open = 0;

  /**
   * @param address where the window begins.
   * @param isChecked whether only code that looks at what is sent can write there.
   */
  constructor(layout: OutboxLayout, address: number, to: Recipients, isChecked: boolean) {
    this.#isChecked = isChecked;
    this.#layout = layout;
    this.#address = address;
    this.#to = to;
  }

  /** Says where the guest's memory is. */
  show(buffer: ArrayBufferLike): void {
    if (this.#buffer === buffer) return;
    this.#buffer = buffer;
    const { sends, soleKind, rows, count, kinds, targets, values } = this.#layout;
    this.#words = new Int32Array(buffer, this.#address + count, 4);
    const byMessage: SentValue[][] = [];
    for (const { message, values: types } of sends) {
      byMessage[message] = types.map((type, place) => {
        const column = values.find((value) => value.place === place);
        const { offset = 0, shift = 2 } = column ?? {};
        const cell = column?.types.get(message) ?? "i32";
        const stride = strideOf(shift, cell);
        const cells = cellsAt(cell, buffer, this.#address + offset, rows << stride);
        return { type, cells, stride };
      });
    }
    const words: Int32Array[] = [];
    for (const { place, shift, offset } of values) {
      if (shift === handleShift)
        words[place] = new Int32Array(buffer, this.#address + offset, rows);
    }
    this.#sent = {
      isChecked: this.#isChecked,
      kinds: soleKind < 0 ? new Int32Array(buffer, this.#address + kinds, rows) : undefined,
      soleKind,
      targets: new Int32Array(buffer, this.#address + targets, rows),
      values: byMessage,
      words,
    };
  }

  /** Whether it has to be told where the guest's memory is, which has grown. */
  get isLost(): boolean {
    return this.#words.length === 0;
  }

  /** It is empty, and each call may send so many. 0 for all that is sent to be a call of the host. */
  open(perCall: number): void {
    this.#perCall = Math.ceil(perCall);
    this.#quota = Math.min(this.#perCall, this.#layout.rows);
    this.#words[3] = this.#quota;
    this.clear();
  }

  /** What calls have sent that can still be undone never was. */
  clear(): void {
    this.#open = 0;
    this.#empty();
  }

  #empty(): void {
    this.#taken = 0;
    this.#refused = false;
    this.#words[0] = 0;
    this.#words[1] = 0;
    this.#words[2] = 0;
  }

  /** Takes what was sent before the call began that is under way. */
  takeFinished(): void {
    this.#take(Math.min(this.#words[2] as number, this.#words[0] as number));
  }

  /**
   * Takes what there is. @param rows calls that may have sent it.
   * @returns false when one of those calls has to be made again by the host, which says why it can't be sent.
   */
  takeAll(rows: number): boolean {
    const count = this.#words[0] as number;
    if (count === 0 && this.#open === 0 && !this.#refused) return true;
    this.#take(count);
    // More than that only comes of writing over it.
    if (Math.max(count, this.#open) > rows * this.#perCall) this.#refused = true;
    const refused = this.#refused;
    this.clear();
    return !refused;
  }

  /** Takes what the call that is under way has sent; it may send `left` more. */
  takeOwn(left: () => number): void {
    this.#take(this.#words[0] as number);
    const refused = this.#refused;
    this.#empty();
    this.#refused = refused;
    if (this.#quota > 0) this.#words[1] = Math.max(0, Math.min(left(), this.#layout.rows));
  }

  #take(count: number): void {
    const end = Math.min(count, this.#layout.rows);
    // Where calls have to ask the host, what stands there was written over it.
    if (end <= this.#taken || this.#quota === 0 || this.#sent === undefined) return;
    if (!this.#refused && !this.#to.take(this.#sent, this.#taken, end)) this.#refused = true;
    this.#open += end - this.#taken;
    this.#taken = end;
  }
}
