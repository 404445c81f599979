import { type Column, indexPart } from "../../engine/index.ts";
import type { WindowColumn } from "./window-column.ts";

/** Arrays of each element size, to copy columns of any type as bits with few kinds of loops. */
export type Bits = Int8Array | Int16Array | Int32Array | Float64Array;

const bitArrays: readonly (new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => Bits)[] = [Int8Array, Int16Array, Int32Array, Float64Array];

/** A column as bits. */
export function bitsOf({ shift }: WindowColumn, { buffer, byteOffset, length }: Column): Bits {
  return bits(shift, buffer, byteOffset, length);
}

/** Bits of elements of a size, given as its log2. */
export function bits(shift: number, buffer: ArrayBufferLike, offset: number, length: number): Bits {
  return new (bitArrays[shift] as (typeof bitArrays)[number])(buffer, offset, length);
}

/** Returns whether the indices follow one another. */
export function copyHandles(
  handles: Int32Array,
  first: number,
  shown: Int32Array,
  count: number,
): boolean {
  let row = 0;
  // Four at a time, as in scattered-rows.ts.
  for (let at = first; row < count - 3; row += 4, at += 4) {
    const a = handles[at] as number;
    const b = handles[at + 1] as number;
    const c = handles[at + 2] as number;
    const d = handles[at + 3] as number;
    shown[row] = a;
    shown[row + 1] = b;
    shown[row + 2] = c;
    shown[row + 3] = d;
  }
  for (; row < count; row++) shown[row] = handles[first + row] as number;
  return doFollow(handles, first, count);
}

/** Whether `count` entities of a list from one on have indices that follow one another. */
export function doFollow(handles: Int32Array, first: number, count: number): boolean {
  const start = indexPart(handles[first] as number) - first;
  for (let n = first; n < first + count; n++) {
    if (indexPart(handles[n] as number) !== n + start) return false;
  }
  return true;
}

/** Copies rows `[from, to)` from behind one place in an array to behind one in another. */
export function copyRows(
  source: Bits,
  sourceFirst: number,
  target: Bits,
  targetFirst: number,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    target[targetFirst + row] = source[sourceFirst + row] as number;
  }
}

/** The same for numbers that a column may hold. @returns how many there were of others. */
export function copyFinite(
  cells: Column,
  column: Column,
  first: number,
  from: number,
  to: number,
): number {
  let refused = 0;
  for (let row = from; row < to; row++) {
    const value = cells[row] as number;
    if (value - value === 0) column[first + row] = value;
    else refused++;
  }
  return refused;
}

/** Copies what stands at the places of rows `[from, to)` into these rows. */
export function gatherAt(
  source: Bits,
  shown: Bits,
  places: Int32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    shown[row] = source[places[row] as number] as number;
  }
}

/** The other way round. */
export function scatterAt(
  source: Bits,
  shown: Bits,
  places: Int32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    source[places[row] as number] = shown[row] as number;
  }
}

/** The same for numbers that a column may hold. @returns how many there were of others. */
export function scatterFiniteAt(
  column: Column,
  cells: Column,
  places: Int32Array,
  from: number,
  to: number,
): number {
  let refused = 0;
  for (let row = from; row < to; row++) {
    const value = cells[row] as number;
    if (value - value === 0) column[places[row] as number] = value;
    else refused++;
  }
  return refused;
}

export function scatterFinite(
  column: Column,
  cells: Column,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): number {
  let refused = 0;
  for (let row = from; row < to; row++) {
    const value = cells[row] as number;
    // Only NaN and the infinities differ from themselves by something other than 0.
    if (value - value === 0) column[indexPart(handles[first + row] as number)] = value;
    else refused++;
  }
  return refused;
}
