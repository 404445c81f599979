import type { ColumnAccess } from "./column-access.ts";
import type { FrameConstant } from "./frame-constant.ts";
import type { MessageAccess, MessageSend } from "./message-access.ts";
import { layOutMessages, type MessageLayout } from "./message-layout.ts";
import { layOutOthers, linkingOf, type OthersLayout } from "./others-layout.ts";
import { layOutOutbox, type OutboxLayout } from "./outbox-layout.ts";
import type { TableLayout } from "./table-layout.ts";
import {
  align,
  bytesOf,
  gapBytes,
  handleBytes,
  leastRows,
  shifts,
  type WindowColumn,
} from "./window-column.ts";

/** Memory that a module has set apart for its window. In bytes. */
export interface WindowReservation {
  readonly address: number;
  readonly bytes: number;
  /** Whether it is behind the module's own memory, and no part of what that is saved as. Default: false. */
  readonly isBehind?: boolean;
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
  /** Whether it is behind the module's own memory, and no part of what that is saved as. */
  readonly isBehind: boolean;
  /** Entities that there is room for at a time. */
  readonly rows: number;
  readonly columns: readonly WindowColumn[];
  readonly constants: readonly WindowConstant[];
  /** Undefined for a module that reads no message. */
  readonly messages: MessageLayout | undefined;
  /** Undefined for a module that doesn't read columns of other entities. */
  readonly others: OthersLayout | undefined;
  /** Undefined for a module that sends nothing. */
  readonly outbox: OutboxLayout | undefined;
  /** Undefined for a module that writes no handles. */
  readonly written: WrittenLayout | undefined;
  /** Undefined where rows are those of the entities that calls are made for, one behind the other. */
  readonly table: TableLayout | undefined;
}

/** Where handles stand that calls have written, until the host has looked at them. In bytes from the window's address. */
export interface WrittenLayout {
  /** Handles that there is room for. */
  readonly room: number;
  /** An i32 each: handles there are, and how many there may be. */
  readonly count: number;
  readonly limit: number;
  /** An i32 each. */
  readonly handles: number;
}

const noFields: ReadonlySet<string> = new Set();
/** Of all rows: columns of some 1,200 entities with four fields, and within what the nearest cache holds. */
const mostRowBytes = 24_576;
/** The same where memory that isn't saved costs next to nothing: some 2,400 entities. */
const mostBytesBehind = 49_152;
/** Rows of some columns that a window behind a module's memory has room for. */
export function rowsBehind(accesses: readonly ColumnAccess[]): number {
  return Math.floor(mostBytesBehind / (handleBytes + bytesOf(accesses))) & ~7;
}

/** Handles that may be written before the host looks at them, or is asked each time. */
const mostWritten = 128;
const writtenBytes = 2 * handleBytes + mostWritten * handleBytes;

/** Handles are looked at when the window is written back, see {@link WindowLayout.written}. */
export function writesHandle(access: ColumnAccess): boolean {
  return access.kind === "set" && access.type === "entity";
}

/** What a module accesses. */
export interface WindowContents {
  /** Columns of its own entity. */
  readonly accesses: readonly ColumnAccess[];
  /** Columns of others that it reads. */
  readonly others: readonly ColumnAccess[];
  /** The field of handles by which it finds others. */
  readonly link: string | undefined;
  readonly constants: readonly FrameConstant[];
  readonly messages: readonly MessageAccess[];
  /** Messages that it sends. */
  readonly sends: readonly MessageSend[];
  /** Whether it may write handles of whatever entity. */
  readonly writesHandles: boolean;
}

/** Rows from which on a window is filled for more than it takes to open it. */
const enoughRows = 48;

/**
 * Lays out all that is accessed. Where that leaves few rows, the host is asked for what is dearest in room; undefined
 * when there is no room at all.
 */
export function layOutWindow(
  contents: WindowContents,
  reservation: WindowReservation,
): WindowLayout | undefined {
  const unlinked = { ...contents, link: undefined };
  const unsent = { ...unlinked, sends: [] };
  const least = { ...unsent, others: [] };
  let most: WindowLayout | undefined;
  for (const less of [contents, unlinked, unsent, least]) {
    const layout = layOut(less, reservation);
    if (layout === undefined) continue;
    if (layout.rows >= enoughRows) return layout;
    if (layout.rows > (most?.rows ?? 0)) most = layout;
  }
  return most;
}

function layOut(
  contents: WindowContents,
  { address, bytes, isBehind = false }: WindowReservation,
): WindowLayout | undefined {
  const { accesses, others, constants, messages: read, sends, writesHandles } = contents;
  const fields = new Map<string, Omit<WindowColumn, "field" | "shift" | "offset">>();
  for (const access of accesses) {
    const known = fields.get(access.field);
    const writes = access.kind === "set" && (writesHandles || access.type !== "entity");
    const written = known?.written === true || writes;
    fields.set(access.field, { own: access.own, type: access.type, written });
  }
  const sorted = [...fields].sort(
    ([a, { type: s }], [b, { type: t }]) => shifts[t] - shifts[s] || (a < b ? -1 : 1),
  );
  const linking = linkingOf(others, contents.link, fields);
  const linkedBytes = linking === undefined ? 0 : 2 * handleBytes + bytesOf(others);
  const rowBytes = handleBytes + bytesOf(accesses) + linkedBytes;
  const constantBytes = constants.length * 8;
  const messages = layOutMessages(read, bytes);
  const shown = layOutOthers(others, bytes);
  const outbox = layOutOutbox(sends, bytes);
  const keepsWritten = writesHandles && accesses.some(writesHandle);
  const keptBytes = keepsWritten ? gapBytes + 8 + writtenBytes : 0;
  const added = constantBytes + messages.bytes + shown.bytes + outbox.bytes + keptBytes;
  const mostBytes = isBehind ? mostBytesBehind : mostRowBytes;
  const usable = Math.min(bytes - added - (gapBytes + 8) * (sorted.length + 4), mostBytes);
  const rows = Math.floor(usable / rowBytes) & ~7;
  if (rows < leastRows) return undefined;
  let offset = align(rows * handleBytes);
  const shares = linking === "shared" ? new Set(others.map(({ field }) => field)) : noFields;
  const columns = sorted.map(([field, { own, type, written }]) => {
    const column = { field, own, type, shift: shifts[type], offset, written };
    const behind = shares.has(field) ? shown.rows + rows : 0;
    offset = align(offset + ((rows + behind) << shifts[type]));
    return column;
  });
  const first = offset;
  const placed = constants.map((constant, i) => ({ constant, offset: first + 8 * i }));
  const messagesAt = align(first + constantBytes);
  const othersAt = align(messagesAt + messages.bytes);
  const field = contents.link ?? "";
  const placedOthers = shown.at(othersAt, linking && { linking, columns, field, rows });
  const outboxAt = align(placedOthers.end);
  const count = align(outboxAt + outbox.bytes);
  const limit = count + handleBytes;
  const written = { room: mostWritten, count, limit, handles: limit + handleBytes };
  return {
    address,
    isBehind,
    rows,
    columns,
    constants: placed,
    messages: messages.at(messagesAt),
    others: placedOthers.layout,
    outbox: outbox.at(outboxAt),
    written: keepsWritten ? written : undefined,
    table: undefined,
  };
}
