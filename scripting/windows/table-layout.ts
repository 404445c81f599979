import { layOutMessages } from "./message-layout.ts";
import { layOutOutbox } from "./outbox-layout.ts";
import { align, handleBytes, shifts, type WindowColumn } from "./window-column.ts";
import type { WindowContents, WindowLayout } from "./window-layout.ts";

/**
 * A window in which an entity's row is its index in the world: columns stand as they stand there, so that whoever a call
 * finds, knows or gets a message for has its row already. Offsets are in bytes from the window's address.
 */
export interface TableLayout {
  /** Indices that there is room for. */
  readonly entities: number;
  /** An i32: those in front of it are shown; 0 while nobody is but whom calls are made for. */
  readonly bound: number;
  /**
   * An i32 by index: the handle that lives there, or 0; at 0 one that is another index's and never lives. Behind all
   * indices there are zeros up to the next power of two, so that a mask does for a bound.
   */
  readonly living: number;
  readonly livingMask: number;
  /** The same for those who have all columns that are read of others; undefined where none are. */
  readonly keys: number | undefined;
  /** Those columns: fields of components. */
  readonly read: readonly string[];
  /** Fields that a call accesses of its own entity, or may. */
  readonly own: ReadonlySet<string>;
  /** Where the entities that a call has found stand; undefined where it finds none. */
  readonly found: FoundLayout | undefined;
}

/** What stands at index 0, which is nobody's: a handle of index 1 without a generation. */
export const nobodysHandle = 1;

export interface FoundLayout {
  /** Entities that there is room for. */
  readonly room: number;
  /** An i32: how many are found; an i32 each: their handles. */
  readonly count: number;
  readonly handles: number;
}

/** Calls that are made for one filling of the table: enough that filling it costs next to nothing. */
const mostCalls = 8_192;
const mostFound = 1_024;
/** What messages and the outbox are laid out for. */
const mailBytes = 1 << 18;
const pageBytes = 65_536;

/** A window behind a module's own memory. */
export interface PlannedTable {
  readonly layout: WindowLayout;
  /** Pages that it takes. */
  readonly pages: number;
}

/**
 * Lays out a table for all entities of a world.
 * @param contents what is accessed; own fields of the script of no others.
 * @param entities indices of the world, those from 0 on.
 * @param firstPage where the module's own memory ends.
 */
export function layOutTable(
  contents: WindowContents,
  finds: boolean,
  entities: number,
  firstPage: number,
): PlannedTable {
  const { accesses, others, constants, messages: told, sends } = contents;
  let next = 0;
  const take = (bytes: number): number => {
    const start = next;
    next = align(start + bytes);
    return start;
  };
  const fields = new Map<string, Omit<WindowColumn, "field" | "shift" | "offset">>();
  for (const { field, kind, own, type } of [...accesses, ...others]) {
    const written = kind === "set" || fields.get(field)?.written === true;
    fields.set(field, { own, type, written });
  }
  const calls = take(mostCalls * handleBytes);
  const places = 2 ** Math.ceil(Math.log2(entities));
  const living = take(places * handleBytes);
  const keys = others.length > 0 ? take(entities * handleBytes) : undefined;
  const columns = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, { own, type, written }]) => {
      const shift = shifts[type];
      return { field, own, type, shift, offset: take(entities << shift), written };
    });
  const read = [...new Set(others.map(({ field }) => field))];
  const own = new Set(accesses.map(({ field }) => field));
  const placed = constants.map((constant) => ({ constant, offset: take(8) }));
  const words = take(2 * handleBytes);
  const found = finds
    ? { room: mostFound, count: words + handleBytes, handles: take(mostFound * handleBytes) }
    : undefined;
  const messages = layOutMessages(told, mailBytes, mostCalls);
  const messagesAt = take(messages.bytes);
  const outbox = layOutOutbox(sends, mailBytes, mostCalls);
  const outboxAt = take(outbox.bytes);
  const layout = {
    address: firstPage * pageBytes,
    isBehind: true,
    rows: mostCalls,
    columns,
    constants: placed,
    messages: messages.at(messagesAt),
    others: undefined,
    outbox: outbox.at(outboxAt),
    written: undefined,
    table: { entities, bound: words, living, livingMask: places - 1, keys, read, own, found },
  };
  if (calls !== 0) throw new Error("calls stand at the window's address");
  return { layout, pages: Math.ceil(next / pageBytes) };
}
