import type { ColumnType } from "../../engine/index.ts";
import type { ColumnAccess } from "./column-access.ts";
import type { FrameConstant } from "./frame-constant.ts";

/** Memory that a module has set apart for its window. In bytes. */
export interface WindowReservation {
  readonly address: number;
  readonly bytes: number;
}

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

/** A value that is the same for all rows. */
export interface WindowConstant {
  readonly constant: FrameConstant;
  /** In bytes from the window's address; eight of them are its own. */
  readonly offset: number;
}

/** Where the columns of a window stand. The first one, at offset 0, holds the entities' handles. */
export interface WindowLayout {
  readonly address: number;
  /** Entities that there is room for at a time. */
  readonly rows: number;
  readonly columns: readonly WindowColumn[];
  readonly constants: readonly WindowConstant[];
}

const shifts: Readonly<Record<ColumnType, number>> = {
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

const handleBytes = 4;
/** Between columns, so that the same row of two of them isn't 4 KiB apart: caches take those for one. */
const gapBytes = 72;
/** A window with fewer rows costs more to fill than it saves. */
const leastRows = 8;

/** Handles are the host's to hand out: it checks each one that is written. */
export function isWrittenInWindow(access: ColumnAccess): boolean {
  return access.kind === "set" && access.type !== "entity";
}

/** Lays out the columns and constants that are accessed; undefined when there is no room for them. */
export function layOutWindow(
  accesses: readonly ColumnAccess[],
  constants: readonly FrameConstant[],
  { address, bytes }: WindowReservation,
): WindowLayout | undefined {
  const fields = new Map<string, Omit<WindowColumn, "field" | "shift" | "offset">>();
  for (const access of accesses) {
    const known = fields.get(access.field);
    const written = known?.written === true || isWrittenInWindow(access);
    fields.set(access.field, { own: access.own, type: access.type, written });
  }
  const sorted = [...fields].sort(
    ([a, { type: s }], [b, { type: t }]) => shifts[t] - shifts[s] || (a < b ? -1 : 1),
  );
  const rowBytes = sorted.reduce((sum, [, { type }]) => sum + (1 << shifts[type]), handleBytes);
  const constantBytes = constants.length * 8;
  const usable = bytes - constantBytes - (gapBytes + 8) * (sorted.length + 2);
  const rows = Math.floor(usable / rowBytes) & ~7;
  if (rows < leastRows) return undefined;
  let offset = align(rows * handleBytes);
  const columns = sorted.map(([field, { own, type, written }]) => {
    const column = { field, own, type, shift: shifts[type], offset, written };
    offset = align(offset + (rows << shifts[type]));
    return column;
  });
  const first = offset;
  const placed = constants.map((constant, i) => ({ constant, offset: first + 8 * i }));
  return { address, rows, columns, constants: placed };
}

function align(offset: number): number {
  return (offset + gapBytes + 7) & ~7;
}
