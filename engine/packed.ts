import { type Column, type ColumnType, createColumn } from "./columns.ts";

/*
 * Base64, because JSON has neither -0 nor infinities, and rounds trips through decimals that are three times as
 * long. Bytes are in the order of the machine: little-endian wherever browsers run.
 */

/** Characters that are made at a time: `fromCharCode` takes no more arguments than the stack holds. */
const bytesAtATime = 0x2000;

/** Bytes as text that JSON holds: base64. */
export function packBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesAtATime) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + bytesAtATime)));
  }
  return btoa(parts.join(""));
}

/** What {@link packBytes} was given; undefined for anything else than base64. */
export function unpackBytes(text: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== "string" || text.length % 4 !== 0) return undefined;
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

/** Numbers, exactly as a column of that type holds them, as text that JSON holds. */
export function packNumbers(type: ColumnType, numbers: ArrayLike<number>): string {
  const column = createColumn(type, numbers.length);
  column.set(numbers);
  return packBytes(new Uint8Array(column.buffer));
}

/** What {@link packNumbers} was given; undefined for anything else than whole numbers of that type. */
export function unpackNumbers(type: ColumnType, text: unknown): Column | undefined {
  const bytes = unpackBytes(text);
  if (bytes === undefined) return undefined;
  const size = createColumn(type, 0).BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) return undefined;
  const column = createColumn(type, bytes.length / size);
  new Uint8Array(column.buffer).set(bytes);
  return column;
}
