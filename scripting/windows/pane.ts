import type { Column, ColumnType } from "../../engine/index.ts";
import { type Bits, bits, bitsOf } from "./row-copies.ts";
import type { WindowColumn } from "./window-column.ts";

const arrays: Readonly<
  Record<ColumnType, new (buffer: ArrayBufferLike, offset: number, length: number) => Column>
> = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  entity: Int32Array,
};

/** A column of the world or of the script's own, and what a window shows of it. */
export class Pane {
  readonly layout: WindowColumn;
  /** Whether the column has a value for each row of the list, and not for each index of an entity. */
  readonly byRow: boolean;
  column: Column;
  /** The column, as bits. */
  source: Bits;
  /** The window: a view of the guest's memory; as bits, too. */
  cells: Column;
  shown: Bits;

  constructor(layout: WindowColumn, column: Column) {
    this.layout = layout;
    this.byRow = layout.own !== undefined;
    this.column = column;
    this.source = bitsOf(layout, column);
    this.cells = new arrays[layout.type](new ArrayBuffer(0), 0, 0);
    this.shown = bits(layout.shift, this.cells.buffer, 0, 0);
  }

  /** A list's columns are other ones when it has grown. */
  bind(column: Column): void {
    if (column === this.column) return;
    this.column = column;
    this.source = bitsOf(this.layout, column);
  }

  show(buffer: ArrayBufferLike, address: number, rows: number): void {
    const { type, shift, offset } = this.layout;
    this.cells = new arrays[type](buffer, address + offset, rows);
    this.shown = bits(shift, buffer, address + offset, rows);
  }
}
