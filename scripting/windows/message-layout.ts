import type { ColumnType } from "../../engine/index.ts";
import type { CellType } from "./cells.ts";
import type { MessageAccess } from "./message-access.ts";
import { align, gapBytes, handleBytes } from "./window-column.ts";

/** Where messages stand that rows are called for, one each. */
export interface MessageLayout {
  /** Messages that there is room for at a time. */
  readonly rows: number;
  /** Where their numbers begin, an i32 each, in bytes from the window's address. */
  readonly kinds: number;
  readonly values: readonly MessageColumn[];
}

/** One value of each message, whatever its name there. */
export interface MessageColumn {
  /** Its place among a message's values. */
  readonly place: number;
  /** log2 of the bytes that each takes. */
  readonly shift: number;
  /** In bytes from the window's address. */
  readonly offset: number;
  /** As what it is read, by the message's number. */
  readonly types: ReadonlyMap<number, CellType>;
}

/** Messages at a time: enough for what a window takes to open, few enough to leave columns their room. */
const mostMessages = 256;
const messagesShare = 1 / 4;

/**
 * @param bytes that are reserved in all.
 * @param most messages at a time. Default: as many as are worth while with a row each.
 */
export function layOutMessages(
  read: readonly MessageAccess[],
  bytes: number,
  most: number = mostMessages,
): { readonly bytes: number; readonly at: (offset: number) => MessageLayout | undefined } {
  if (read.length === 0) return { bytes: 0, at: () => undefined };
  const columns = valueColumns(
    read.flatMap(({ message, value }) => (value === undefined ? [] : [{ message, ...value }])),
  );
  const rowBytes = columns.reduce((sum, { shift }) => sum + (1 << shift), handleBytes);
  const rows = Math.min(most, Math.floor((bytes * messagesShare) / rowBytes) & ~7);
  const at = (offset: number): MessageLayout => {
    let next = align(offset + rows * handleBytes);
    const values = columns.map((column) => {
      const value = { ...column, offset: next };
      next = align(next + (rows << column.shift));
      return value;
    });
    return { rows, kinds: offset, values };
  };
  return { bytes: rows * rowBytes + (gapBytes + 8) * (columns.length + 2), at };
}

/** What messages hold, a column for each place among their values. */
export function valueColumns(
  values: readonly {
    readonly message: number;
    readonly place: number;
    readonly type: ColumnType;
  }[],
): readonly Omit<MessageColumn, "offset">[] {
  const places = new Map<number, Map<number, CellType>>();
  for (const { message, place, type } of values) {
    const types = places.get(place) ?? new Map<number, CellType>();
    places.set(place, types.set(message, type === "f32" || type === "f64" ? type : "i32"));
  }
  return [...places].map(([place, types]) => {
    return { place, types, shift: [...types.values()].includes("f64") ? 3 : 2 };
  });
}
