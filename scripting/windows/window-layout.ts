import type { ColumnType } from "../../engine/index.ts";
import type { ColumnAccess } from "./column-access.ts";
import type { FrameConstant } from "./frame-constant.ts";
import type { MessageAccess } from "./message-access.ts";

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
  /** Undefined for a module that reads no message. */
  readonly messages: MessageLayout | undefined;
  /** Undefined for a module that doesn't read columns of other entities. */
  readonly others: OthersLayout | undefined;
}

/** Where columns of other entities stand, a row for each entity. Offsets are in bytes from the window's address. */
export interface OthersLayout {
  /** Entities that a search has found and that are shown, at most; the row behind theirs is for any other. */
  readonly found: number;
  /** An i32 for each that is found: its handle, and the same again or 0 where it lacks a column. */
  readonly handles: number;
  readonly keys: number;
  /** An i32: how many are found. */
  readonly count: number;
  /** An i32 each: whose row is to be read, 0 for nobody's; and its number. */
  readonly key: number;
  readonly row: number;
  readonly columns: readonly WindowColumn[];
}

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
  readonly types: ReadonlyMap<number, "i32" | "f32" | "f64">;
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

/** What a module accesses. */
export interface WindowContents {
  /** Columns of its own entity. */
  readonly accesses: readonly ColumnAccess[];
  /** Columns of others that it reads. */
  readonly others: readonly ColumnAccess[];
  readonly constants: readonly FrameConstant[];
  readonly messages: readonly MessageAccess[];
}

/** Lays out all that is accessed; undefined when there is no room for it. */
export function layOutWindow(
  { accesses, others, constants, messages: read }: WindowContents,
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
  const messages = layOutMessages(read, bytes);
  const shown = layOutOthers(others, bytes);
  const usable =
    bytes - constantBytes - messages.bytes - shown.bytes - (gapBytes + 8) * (sorted.length + 3);
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
  const messagesAt = align(first + constantBytes);
  const othersAt = align(messagesAt + messages.bytes);
  return {
    address,
    rows,
    columns,
    constants: placed,
    messages: messages.at(messagesAt),
    others: shown.at(othersAt),
  };
}

/** Found entities that are shown: more than most searches find, few enough to leave columns their room. */
const mostFound = 64;
const othersShare = 1 / 4;

/** @param bytes that are reserved in all. */
function layOutOthers(
  accesses: readonly ColumnAccess[],
  bytes: number,
): { readonly bytes: number; readonly at: (offset: number) => OthersLayout | undefined } {
  const none = { bytes: 0, at: () => undefined };
  if (accesses.length === 0) return none;
  const fields = new Map(accesses.map((access) => [access.field, access]));
  // Widest first, so that each is aligned.
  const sorted = [...fields.values()].sort((a, b) => shifts[b.type] - shifts[a.type]);
  const rowBytes = sorted.reduce((sum, { type }) => sum + (1 << shifts[type]), 2 * handleBytes);
  const found = Math.min(mostFound, Math.floor((bytes * othersShare) / rowBytes) & ~7);
  if (found < leastRows) return none;
  const rows = found + 8;
  const at = (offset: number): OthersLayout => {
    let next = offset;
    const take = (size: number): number => {
      const start = next;
      next += size;
      return start;
    };
    const columns = sorted.map(({ field, own, type }) => {
      const shift = shifts[type];
      return { field, own, type, shift, offset: take(rows << shift), written: false };
    });
    const [handles, keys] = [take(rows * handleBytes), take(rows * handleBytes)];
    const [count, key, row] = [take(4), take(4), take(4)];
    return { found, handles, keys, count, key, row, columns };
  };
  return { bytes: rows * rowBytes + 16, at };
}

/** Messages at a time: enough for what a window takes to open, few enough to leave columns their room. */
const mostMessages = 256;
const messagesShare = 1 / 4;

/** @param bytes that are reserved in all. */
function layOutMessages(
  read: readonly MessageAccess[],
  bytes: number,
): { readonly bytes: number; readonly at: (offset: number) => MessageLayout | undefined } {
  if (read.length === 0) return { bytes: 0, at: () => undefined };
  const places = new Map<number, Map<number, "i32" | "f32" | "f64">>();
  for (const { message, value } of read) {
    if (value === undefined) continue;
    const { place, type } = value;
    const types = places.get(place) ?? new Map<number, "i32" | "f32" | "f64">();
    places.set(place, types.set(message, type === "f32" || type === "f64" ? type : "i32"));
  }
  const columns = [...places].map(([place, types]) => {
    return { place, types, shift: [...types.values()].includes("f64") ? 3 : 2 };
  });
  const rowBytes = columns.reduce((sum, { shift }) => sum + (1 << shift), handleBytes);
  const rows = Math.min(mostMessages, Math.floor((bytes * messagesShare) / rowBytes) & ~7);
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

function align(offset: number): number {
  return (offset + gapBytes + 7) & ~7;
}
