import type { ColumnType } from "../../engine/index.ts";
import type { ColumnAccess } from "./column-access.ts";

/** One column of a window. */
export interface WindowColumn {
  readonly field: string;
  /** Which of the script's own fields it is; undefined for a component's. */
  readonly own: number | undefined;
  readonly type: ColumnType;
  /** log2 of an element's bytes. */
  readonly shift: number;
  /** Where the column begins, in bytes from the window's address. */
  readonly offset: number;
  /** Whether the module's code writes it in the window. */
  readonly written: boolean;
}

/** log2 of the bytes that an element of a column takes. */
export const shifts: Readonly<Record<ColumnType, number>> = {
  f64: 3,
  f32: 2,
  i32: 2,
  u32: 2,
  entity: 2,
  i16: 1,
  u16: 1,
  i8: 0,
  u8: 0,
};

/** A handle's, an i32. */
export const handleBytes = 4;
/** log2 of it. */
export const handleShift = 2;

/** Between columns, so that the same row of two of them isn't 4 KiB apart: caches take those for one. */
export const gapBytes = 72;
/** A window with fewer rows costs more to fill than it saves. */
export const leastRows = 8;

/** What a row of some columns takes. */
export function bytesOf(accesses: readonly ColumnAccess[]): number {
  const types = new Map(accesses.map(({ field, type }) => [field, type]));
  return [...types.values()].reduce((sum, type) => sum + (1 << shifts[type]), 0);
}

/** Where the next column may begin. */
export function align(offset: number): number {
  return (offset + gapBytes + 7) & ~7;
}
