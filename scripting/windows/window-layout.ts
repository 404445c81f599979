import type { ColumnType } from "../../engine/index.ts";
import type { CellType } from "./cells.ts";
import type { ColumnAccess } from "./column-access.ts";
import type { FrameConstant } from "./frame-constant.ts";
import type { MessageAccess, MessageSend } from "./message-access.ts";

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
  /** Undefined for a module that sends nothing. */
  readonly outbox: OutboxLayout | undefined;
  /**
   * An i32, in bytes from the window's address: 1 where handles may be written in the window, else 0. Undefined for a
   * module that writes none.
   */
  readonly trust: number | undefined;
}

/**
 * Where messages stand that calls have sent, until the host takes them over. Offsets are in bytes from the window's
 * address.
 */
export interface OutboxLayout {
  /** What is sent. */
  readonly sends: readonly MessageSend[];
  /** Messages that there is room for. */
  readonly rows: number;
  /** An i32 each: messages there are, how many there may be, and how many there were when the row's call began. */
  readonly count: number;
  readonly limit: number;
  readonly first: number;
  /** An i32: how many a call may send. */
  readonly quota: number;
  /** An i32 for each message: its number, and whom it is for. */
  readonly kinds: number;
  readonly targets: number;
  readonly values: readonly MessageColumn[];
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
  /** Number of the row of the first that is found. Those before it are the window's own, which have the same columns. */
  readonly first: number;
  readonly columns: readonly WindowColumn[];
  /** Undefined where rows know nobody that is to be shown to them. */
  readonly links: LinksLayout | undefined;
}

/**
 * Whom rows know by one of their handles, whose columns are shown to them when their calls begin. Offsets are in bytes
 * from the window's address.
 */
export interface LinksLayout {
  /** The handles: one of the window's columns. */
  readonly field: string;
  /** An i32 each for each row: the handle of the one that it knows, 0 for nobody; and its row. */
  readonly keys: number;
  readonly rows: number;
  /** Row of the others' columns that is the first row's, where it knows one that is in none of the window's rows. */
  readonly first: number;
  /**
   * How one is shown that is in the window itself: in its own row; as a copy, like any other, where rows don't write what
   * is shown; or not at all.
   */
  readonly inWindow: "shared" | "copied" | "hidden";
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
  readonly types: ReadonlyMap<number, CellType>;
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
const noFields: ReadonlySet<string> = new Set();
/** Between columns, so that the same row of two of them isn't 4 KiB apart: caches take those for one. */
const gapBytes = 72;
/** Of all rows: columns of some 800 entities with four fields, and within what the nearest cache holds. */
const mostRowBytes = 16_384;
/** A window with fewer rows costs more to fill than it saves. */
const leastRows = 8;

/** Handles are looked at when the window is written back, see {@link WindowLayout.trust}. */
function writesHandle(access: ColumnAccess): boolean {
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
  { address, bytes }: WindowReservation,
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
  const linking = linkingOf(contents, fields);
  const linkedBytes = linking === undefined ? 0 : 2 * handleBytes + bytesOf(others);
  const rowBytes = handleBytes + bytesOf(accesses) + linkedBytes;
  const constantBytes = constants.length * 8;
  const messages = layOutMessages(read, bytes);
  const shown = layOutOthers(others, bytes);
  const outbox = layOutOutbox(sends, bytes);
  const trusts = writesHandles && accesses.some(writesHandle);
  const trustBytes = trusts ? gapBytes + 16 : 0;
  const added = constantBytes + messages.bytes + shown.bytes + outbox.bytes + trustBytes;
  const usable = Math.min(bytes - added - (gapBytes + 8) * (sorted.length + 4), mostRowBytes);
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
  return {
    address,
    rows,
    columns,
    constants: placed,
    messages: messages.at(messagesAt),
    others: placedOthers.layout,
    outbox: outbox.at(outboxAt),
    trust: trusts ? align(outboxAt + outbox.bytes) : undefined,
  };
}

/** Found entities that are shown: more than most searches find, few enough to leave columns their room. */
const mostFound = 64;
const othersShare = 1 / 4;

/** How those of the window are shown that rows know by a handle; undefined where nobody is. */
function linkingOf(
  { others, link }: WindowContents,
  fields: ReadonlyMap<string, { readonly written: boolean }>,
): LinksLayout["inWindow"] | undefined {
  if (link === undefined || others.length === 0 || !fields.has(link)) return undefined;
  if (others.every(({ field }) => fields.has(field))) return "shared";
  // A copy doesn't tell what a row of the window writes, and the row itself has only what is read of its own.
  return others.some(({ field }) => fields.get(field)?.written === true) ? "hidden" : "copied";
}

/** What a row of some columns takes. */
function bytesOf(accesses: readonly ColumnAccess[]): number {
  const types = new Map(accesses.map(({ field, type }) => [field, type]));
  return [...types.values()].reduce((sum, type) => sum + (1 << shifts[type]), 0);
}

/** What others' columns have to know of the window's. */
interface Linked {
  readonly linking: LinksLayout["inWindow"];
  readonly columns: readonly WindowColumn[];
  readonly field: string;
  readonly rows: number;
}

interface PlannedOthers {
  readonly bytes: number;
  /** Those that are found, and any other. */
  readonly rows: number;
  /** Where they stand, from an offset on, and where that ends. */
  readonly at: (
    offset: number,
    linked: Linked | undefined,
  ) => { readonly layout: OthersLayout | undefined; readonly end: number };
}

/** @param bytes that are reserved in all. */
function layOutOthers(accesses: readonly ColumnAccess[], bytes: number): PlannedOthers {
  const none = { bytes: 0, rows: 0, at: (end: number) => ({ layout: undefined, end }) };
  if (accesses.length === 0) return none;
  const fields = new Map(accesses.map((access) => [access.field, access]));
  // Widest first, so that each is aligned.
  const sorted = [...fields.values()].sort((a, b) => shifts[b.type] - shifts[a.type]);
  const rowBytes = bytesOf(accesses) + 2 * handleBytes;
  const found = Math.min(mostFound, Math.floor((bytes * othersShare) / rowBytes) & ~7);
  if (found < leastRows) return none;
  const rows = found + 8;
  const at: PlannedOthers["at"] = (offset, linked) => {
    let next = offset;
    const take = (size: number): number => {
      const start = next;
      next += size;
      return start;
    };
    const shared = linked?.linking === "shared";
    const room = rows + (linked?.rows ?? 0);
    const columns = sorted.map(({ field, own, type }) => {
      const shift = shifts[type];
      const ownColumn = shared ? linked.columns.find((c) => c.field === field) : undefined;
      const start = ownColumn?.offset ?? take(room << shift);
      return { field, own, type, shift, offset: start, written: false };
    });
    const [handles, keys] = [take(rows * handleBytes), take(rows * handleBytes)];
    const [count, key, row] = [take(4), take(4), take(4)];
    const first = shared ? linked.rows : 0;
    const words = { found, handles, keys, count, key, row, first, columns };
    if (linked === undefined) return { layout: { ...words, links: undefined }, end: next };
    const places = linked.rows * handleBytes;
    const [linkKeys, linkRows] = [take(places), take(places)];
    const { field } = linked;
    const { linking: inWindow } = linked;
    const links = { field, keys: linkKeys, rows: linkRows, first: first + rows, inWindow };
    return { layout: { ...words, links }, end: next };
  };
  return { bytes: rows * rowBytes + 16, rows, at };
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
  const columns = valueColumns(
    read.flatMap(({ message, value }) => (value === undefined ? [] : [{ message, ...value }])),
  );
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

/** Messages that calls may send before the host takes them over: a window of rows that send one each, mostly. */
const mostSent = 256;
const outboxShare = 1 / 4;
const outboxWordsBytes = 16;

/** @param bytes that are reserved in all. */
function layOutOutbox(
  sends: readonly MessageSend[],
  bytes: number,
): { readonly bytes: number; readonly at: (offset: number) => OutboxLayout | undefined } {
  const none = { bytes: 0, at: () => undefined };
  if (sends.length === 0) return none;
  const columns = valueColumns(
    sends.flatMap(({ message, values }) => values.map((type, place) => ({ message, place, type }))),
  );
  const rowBytes = columns.reduce((sum, { shift }) => sum + (1 << shift), 2 * handleBytes);
  const rows = Math.min(mostSent, Math.floor((bytes * outboxShare) / rowBytes) & ~7);
  if (rows < leastRows) return none;
  const at = (offset: number): OutboxLayout => {
    const kinds = offset + outboxWordsBytes;
    const targets = align(kinds + rows * handleBytes);
    let next = align(targets + rows * handleBytes);
    const values = columns.map((column) => {
      const value = { ...column, offset: next };
      next = align(next + (rows << column.shift));
      return value;
    });
    const words = { count: offset, limit: offset + 4, first: offset + 8, quota: offset + 12 };
    return { sends, rows, ...words, kinds, targets, values };
  };
  const size = outboxWordsBytes + rows * rowBytes + (gapBytes + 8) * (columns.length + 3);
  return { bytes: size, at };
}

/** What messages hold, a column for each place among their values. */
function valueColumns(
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

function align(offset: number): number {
  return (offset + gapBytes + 7) & ~7;
}
