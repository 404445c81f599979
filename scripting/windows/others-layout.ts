import type { ColumnAccess } from "./column-access.ts";
import { bytesOf, handleBytes, leastRows, shifts, type WindowColumn } from "./window-column.ts";

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

/** Found entities that are shown: more than most searches find, few enough to leave columns their room. */
const mostFound = 64;
const othersShare = 1 / 4;

/** How those of the window are shown that rows know by a handle; undefined where nobody is. */
export function linkingOf(
  others: readonly ColumnAccess[],
  link: string | undefined,
  fields: ReadonlyMap<string, { readonly written: boolean }>,
): LinksLayout["inWindow"] | undefined {
  if (link === undefined || others.length === 0 || !fields.has(link)) return undefined;
  if (others.every(({ field }) => fields.has(field))) return "shared";
  // A copy doesn't tell what a row of the window writes, and the row itself has only what is read of its own.
  return others.some(({ field }) => fields.get(field)?.written === true) ? "hidden" : "copied";
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
export function layOutOthers(accesses: readonly ColumnAccess[], bytes: number): PlannedOthers {
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
