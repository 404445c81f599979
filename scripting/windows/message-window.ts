import { type Cells, cellsAt, strideOf } from "./cells.ts";
import type { MessageColumn, MessageLayout } from "./message-layout.ts";

/** Messages one behind the other. */
export interface MessageList {
  readonly kinds: Uint16Array;
  /** Values of a place, by message. */
  valuesAt(place: number): Float64Array;
}

/** The values of one place, and how they are written. */
class ValuePane {
  readonly layout: MessageColumn;
  /** By the message's number; undefined for one that isn't read. */
  readonly cells: (Cells | undefined)[] = [];
  /** log2 of how many elements of those arrays a row takes. */
  readonly strides: number[] = [];

  constructor(layout: MessageColumn) {
    this.layout = layout;
  }

  show(buffer: ArrayBufferLike, address: number, rows: number): void {
    const { types, offset, shift } = this.layout;
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
  #kinds: Int32Array = new Int32Array(0);
  #buffer: ArrayBufferLike | undefined;

  /** @param address where the window begins. */
  constructor(layout: MessageLayout, address: number) {
    this.#layout = layout;
    this.#address = address;
    this.#panes = layout.values.map((column) => new ValuePane(column));
  }

  /** Fills rows from 0 on with messages of a list. */
  write(buffer: ArrayBufferLike, list: MessageList, first: number, count: number): void {
    if (buffer !== this.#buffer) this.#show(buffer);
    const { kinds } = list;
    const shown = this.#kinds;
    for (let row = 0; row < count; row++) shown[row] = kinds[first + row] as number;
    for (let p = 0; p < this.#panes.length; p++) {
      const { layout, cells, strides } = this.#panes[p] as ValuePane;
      const values = list.valuesAt(layout.place);
      for (let row = 0; row < count; ) {
        const kind = kinds[first + row] as number;
        let end = row + 1;
        while (end < count && kinds[first + end] === kind) end++;
        const column = cells[kind];
        if (column !== undefined) {
          writeValues(values, first, column, strides[kind] as number, row, end);
        }
        row = end;
      }
    }
  }

  #show(buffer: ArrayBufferLike): void {
    this.#buffer = buffer;
    const { kinds, rows } = this.#layout;
    this.#kinds = new Int32Array(buffer, this.#address + kinds, rows);
    for (const pane of this.#panes) pane.show(buffer, this.#address, rows);
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
