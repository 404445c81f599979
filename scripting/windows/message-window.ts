import type { MessageColumn, MessageLayout } from "./window-layout.ts";

/** Messages one behind the other. */
export interface MessageList {
  kindAt(at: number): number;
  valueAt(at: number, place: number): number;
}

type Cells = Int32Array | Float32Array | Float64Array;

interface CellArray {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): Cells;
}

const cellArrays: Readonly<Record<"i32" | "f32" | "f64", CellArray>> = {
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
};

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
      const array = cellArrays[type];
      const stride = shift - Math.log2(array.BYTES_PER_ELEMENT);
      this.cells[message] = new array(buffer, address + offset, rows << stride);
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
    const kinds = this.#kinds;
    for (let row = 0; row < count; row++) kinds[row] = list.kindAt(first + row);
    for (let p = 0; p < this.#panes.length; p++) {
      const { layout, cells, strides } = this.#panes[p] as ValuePane;
      for (let row = 0; row < count; row++) {
        const kind = kinds[row] as number;
        const column = cells[kind];
        if (column === undefined) continue;
        column[row << (strides[kind] as number)] = list.valueAt(first + row, layout.place);
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
