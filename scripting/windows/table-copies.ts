import { indexPart } from "../../engine/index.ts";
import type { Bits } from "./row-copies.ts";

/*
 * Copies between columns of a world and those of a table, where an entity has the same place in both. One loop for each
 * element size: a loop that sees arrays of several kinds is several times as slow.
 */

/** Copies what calls `[from, to)` are made for: those of handles from `first` on. */
export function copySame(
  source: Bits,
  target: Bits,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  if (source instanceof Int32Array && target instanceof Int32Array) {
    for (let n = first + from; n < first + to; n++) {
      const index = indexPart(handles[n] as number);
      target[index] = source[index] as number;
    }
    return;
  }
  if (source instanceof Int8Array && target instanceof Int8Array) {
    for (let n = first + from; n < first + to; n++) {
      const index = indexPart(handles[n] as number);
      target[index] = source[index] as number;
    }
    return;
  }
  for (let n = first + from; n < first + to; n++) {
    const index = indexPart(handles[n] as number);
    target[index] = source[index] as number;
  }
}

/** Copies the script's own columns, which have a place for each of its entities, into a table. */
export function gatherOwn(
  source: Bits,
  shown: Bits,
  handles: Int32Array,
  first: number,
  rows: Int32Array | undefined,
  from: number,
  to: number,
): void {
  for (let n = from; n < to; n++) {
    const row = rows === undefined ? first + n : (rows[n] as number);
    shown[indexPart(handles[first + n] as number)] = source[row] as number;
  }
}

/** The other way round. */
export function scatterOwn(
  source: Bits,
  shown: Bits,
  handles: Int32Array,
  first: number,
  rows: Int32Array | undefined,
  from: number,
  to: number,
): void {
  for (let n = from; n < to; n++) {
    const row = rows === undefined ? first + n : (rows[n] as number);
    source[row] = shown[indexPart(handles[first + n] as number)] as number;
  }
}
