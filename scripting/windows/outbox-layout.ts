import type { MessageSend } from "./message-access.ts";
import { type MessageColumn, valueColumns } from "./message-layout.ts";
import { align, gapBytes, handleBytes, leastRows } from "./window-column.ts";

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
  /** The number of all messages; -1 where they may be several. */
  readonly soleKind: number;
  /** An i32 for each message: its number, where they may be several, and whom it is for. */
  readonly kinds: number;
  readonly targets: number;
  readonly values: readonly MessageColumn[];
}

/** Messages that calls may send before the host takes them over: a window of rows that send one each, mostly. */
const mostSent = 256;
const outboxShare = 1 / 4;
const outboxWordsBytes = 16;

/**
 * @param bytes that are reserved in all.
 * @param most messages at a time. Default: as many as a window of rows sends, mostly.
 */
export function layOutOutbox(
  sends: readonly MessageSend[],
  bytes: number,
  most: number = mostSent,
): { readonly bytes: number; readonly at: (offset: number) => OutboxLayout | undefined } {
  const none = { bytes: 0, at: () => undefined };
  if (sends.length === 0) return none;
  const columns = valueColumns(
    sends.flatMap(({ message, values }) => values.map((type, place) => ({ message, place, type }))),
  );
  const [{ message: first }] = sends as [MessageSend];
  const soleKind = sends.every(({ message }) => message === first) ? first : -1;
  const kindBytes = soleKind < 0 ? handleBytes : 0;
  const rowBytes = columns.reduce((sum, { shift }) => sum + (1 << shift), kindBytes + handleBytes);
  const rows = Math.min(most, Math.floor((bytes * outboxShare) / rowBytes) & ~7);
  if (rows < leastRows) return none;
  const at = (offset: number): OutboxLayout => {
    const kinds = offset + outboxWordsBytes;
    const targets = align(kinds + rows * kindBytes);
    let next = align(targets + rows * handleBytes);
    const values = columns.map((column) => {
      const value = { ...column, offset: next };
      next = align(next + (rows << column.shift));
      return value;
    });
    const words = { count: offset, limit: offset + 4, first: offset + 8, quota: offset + 12 };
    return { sends, soleKind, rows, ...words, kinds, targets, values };
  };
  const size = outboxWordsBytes + rows * rowBytes + (gapBytes + 8) * (columns.length + 3);
  return { bytes: size, at };
}
