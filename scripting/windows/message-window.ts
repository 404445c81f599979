import { type Cells, cellsAt, strideOf } from "./cells.ts";
import type { MessageColumn, MessageLayout } from "./message-layout.ts";
import { handleShift } from "./window-column.ts";

/** The values of one place, by message. */
export interface ListedValues {
  /** Whether they are in `doubles`; else in `words`, as a guest has them. */
  readonly isWide: boolean;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** Messages one behind the other. */
export interface MessageList {
  /** The number of all of them; or -1, and that of each. */
  readonly kinds: { readonly sole: number; readonly each: Int32Array };
  readonly targets: Int32Array;
  valuesAt(place: number): ListedValues;
}

/** The values of one place, and how they are written. */
class ValuePane {
  readonly layout: MessageColumn;
  /** By the message's number; undefined for one that isn't read. */
  readonly cells: (Cells | undefined)[] = [];
  /** log2 of how many elements of those arrays a row takes. */
  readonly strides: number[] = [];
  /** What is read of them, as words. */
  words: Int32Array = new Int32Array(0);

  constructor(layout: MessageColumn) {
    this.layout = layout;
  }

  show(buffer: ArrayBufferLike, address: number, rows: number): void {
    const { types, offset, shift } = this.layout;
    this.words = new Int32Array(buffer, address + offset, rows << (shift - handleShift));
    for (const [message, type] of types) {
      const stride = strideOf(shift, type);
      this.cells[message] = cellsAt(type, buffer, address + offset, rows << stride);
      this.strides[message] = stride;
    }
  }
}

/** Shows messages in a guest's memory, a row each, beside the columns of those who get them. */
export class MessageWindow {
  readonly #layout: MessageLayout;
  readonly #address: number;
  readonly #panes: readonly ValuePane[];
  readonly #isHidden: boolean;
  #kinds: Int32Array = new Int32Array(0);
  /** Rows whose message has had this number since they were filled last. */
  #soleKind = -1;
  #soleRows = 0;
  #buffer: ArrayBufferLike | undefined;

  /**
   * @param address where the window begins.
   * @param isHidden whether the guest sees only what it asks for of it, and not all of its bytes.
   */
  constructor(layout: MessageLayout, address: number, isHidden: boolean) {
    this.#layout = layout;
    this.#address = address;
    this.#isHidden = isHidden;
    this.#panes = layout.values.map((column) => new ValuePane(column));
  }

  /** Fills rows from 0 on with messages of a list. */
  write(buffer: ArrayBufferLike, list: MessageList, first: number, count: number): void {
    if (buffer !== this.#buffer) this.#show(buffer);
    const end = first + count;
    const { sole, each } = list.kinds;
    if (sole >= 0) this.#writeSole(sole, count);
    else {
      this.#kinds.set(each.subarray(first, end));
      this.#soleRows = 0;
    }
    for (let p = 0; p < this.#panes.length; p++) {
      const { layout, cells, strides, words: shown } = this.#panes[p] as ValuePane;
      const { isWide, words, doubles } = list.valuesAt(layout.place);
      if (!isWide && (sole >= 0 || this.#isHidden)) {
        if (this.#isHidden || cells[sole] !== undefined) shown.set(words.subarray(first, end));
        continue;
      }
      if (!isWide) {
        writeWords(words, each, first, shown, cells, count);
        continue;
      }
      for (let row = 0; row < count; ) {
        const kind = sole >= 0 ? sole : (each[first + row] as number);
        let last = sole >= 0 ? count : row + 1;
        while (last < count && each[first + last] === kind) last++;
        const column = cells[kind];
        if (column !== undefined) {
          writeValues(doubles, first, column, strides[kind] as number, row, last);
        }
        row = last;
      }
    }
  }

  /** Rows have messages of one kind. */
  #writeSole(kind: number, count: number): void {
    // What stands where the guest sees it may be written over by the guest.
    if (this.#soleKind !== kind || !this.#isHidden) this.#soleRows = 0;
    if (this.#soleRows >= count) return;
    this.#kinds.fill(kind, this.#soleRows, count);
    this.#soleKind = kind;
    this.#soleRows = count;
  }

  #show(buffer: ArrayBufferLike): void {
    this.#buffer = buffer;
    this.#soleRows = 0;
    const { kinds, rows } = this.#layout;
    this.#kinds = new Int32Array(buffer, this.#address + kinds, rows);
    for (const pane of this.#panes) pane.show(buffer, this.#address, rows);
  }
}

/** Of messages that have nothing in that place, or nothing that is read, whatever was queued there before stays unseen. */
function writeWords(
  words: Int32Array,
  kinds: Int32Array,
  first: number,
  shown: Int32Array,
  cells: readonly (Cells | undefined)[],
  count: number,
): void {
  for (let row = 0; row < count; row++) {
    const at = first + row;
    if (cells[kinds[at] as number] !== undefined) shown[row] = words[at] as number;
  }
}

function writeValues(
  values: Float64Array,
  first: number,
  cells: Cells,
  stride: number,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) cells[row << stride] = values[first + row] as number;
}
