import { indexPart } from "../../engine/index.ts";
import type { Bits } from "./row-copies.ts";

/*
 * The same two loops for each kind of array: one that has met several kinds asks for each element which it is. And
 * four rows at a time: once any page of memory has been detached, as growing memory does, each access by itself asks
 * whether its array's was; four that stand together ask once.
 */

/** Copies what a column holds of entities, the rows `[from, to)` of a list, into these rows. */
export function gatherRows(
  source: Bits,
  shown: Bits,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  if (source instanceof Int32Array) gather32(source, shown as Int32Array, handles, first, from, to);
  else if (source instanceof Int8Array)
    gather8(source, shown as Int8Array, handles, first, from, to);
  else if (source instanceof Float64Array)
    gather64(source, shown as Float64Array, handles, first, from, to);
  else gather16(source, shown as Int16Array, handles, first, from, to);
}

/** The other way round. */
export function scatterRows(
  source: Bits,
  shown: Bits,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  if (source instanceof Int32Array)
    scatter32(source, shown as Int32Array, handles, first, from, to);
  else if (source instanceof Int8Array)
    scatter8(source, shown as Int8Array, handles, first, from, to);
  else if (source instanceof Float64Array)
    scatter64(source, shown as Float64Array, handles, first, from, to);
  else scatter16(source, shown as Int16Array, handles, first, from, to);
}

function gather32(
  source: Int32Array,
  shown: Int32Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = source[indexPart(handles[at] as number)] as number;
    const b = source[indexPart(handles[at + 1] as number)] as number;
    const c = source[indexPart(handles[at + 2] as number)] as number;
    const d = source[indexPart(handles[at + 3] as number)] as number;
    shown[row] = a;
    shown[row + 1] = b;
    shown[row + 2] = c;
    shown[row + 3] = d;
  }
  for (; row < to; row++, at++) {
    shown[row] = source[indexPart(handles[at] as number)] as number;
  }
}

function scatter32(
  source: Int32Array,
  shown: Int32Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = shown[row] as number;
    const b = shown[row + 1] as number;
    const c = shown[row + 2] as number;
    const d = shown[row + 3] as number;
    source[indexPart(handles[at] as number)] = a;
    source[indexPart(handles[at + 1] as number)] = b;
    source[indexPart(handles[at + 2] as number)] = c;
    source[indexPart(handles[at + 3] as number)] = d;
  }
  for (; row < to; row++, at++) {
    source[indexPart(handles[at] as number)] = shown[row] as number;
  }
}

function gather8(
  source: Int8Array,
  shown: Int8Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = source[indexPart(handles[at] as number)] as number;
    const b = source[indexPart(handles[at + 1] as number)] as number;
    const c = source[indexPart(handles[at + 2] as number)] as number;
    const d = source[indexPart(handles[at + 3] as number)] as number;
    shown[row] = a;
    shown[row + 1] = b;
    shown[row + 2] = c;
    shown[row + 3] = d;
  }
  for (; row < to; row++, at++) {
    shown[row] = source[indexPart(handles[at] as number)] as number;
  }
}

function scatter8(
  source: Int8Array,
  shown: Int8Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = shown[row] as number;
    const b = shown[row + 1] as number;
    const c = shown[row + 2] as number;
    const d = shown[row + 3] as number;
    source[indexPart(handles[at] as number)] = a;
    source[indexPart(handles[at + 1] as number)] = b;
    source[indexPart(handles[at + 2] as number)] = c;
    source[indexPart(handles[at + 3] as number)] = d;
  }
  for (; row < to; row++, at++) {
    source[indexPart(handles[at] as number)] = shown[row] as number;
  }
}

function gather64(
  source: Float64Array,
  shown: Float64Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = source[indexPart(handles[at] as number)] as number;
    const b = source[indexPart(handles[at + 1] as number)] as number;
    const c = source[indexPart(handles[at + 2] as number)] as number;
    const d = source[indexPart(handles[at + 3] as number)] as number;
    shown[row] = a;
    shown[row + 1] = b;
    shown[row + 2] = c;
    shown[row + 3] = d;
  }
  for (; row < to; row++, at++) {
    shown[row] = source[indexPart(handles[at] as number)] as number;
  }
}

function scatter64(
  source: Float64Array,
  shown: Float64Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = shown[row] as number;
    const b = shown[row + 1] as number;
    const c = shown[row + 2] as number;
    const d = shown[row + 3] as number;
    source[indexPart(handles[at] as number)] = a;
    source[indexPart(handles[at + 1] as number)] = b;
    source[indexPart(handles[at + 2] as number)] = c;
    source[indexPart(handles[at + 3] as number)] = d;
  }
  for (; row < to; row++, at++) {
    source[indexPart(handles[at] as number)] = shown[row] as number;
  }
}

function gather16(
  source: Int16Array,
  shown: Int16Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = source[indexPart(handles[at] as number)] as number;
    const b = source[indexPart(handles[at + 1] as number)] as number;
    const c = source[indexPart(handles[at + 2] as number)] as number;
    const d = source[indexPart(handles[at + 3] as number)] as number;
    shown[row] = a;
    shown[row + 1] = b;
    shown[row + 2] = c;
    shown[row + 3] = d;
  }
  for (; row < to; row++, at++) {
    shown[row] = source[indexPart(handles[at] as number)] as number;
  }
}

function scatter16(
  source: Int16Array,
  shown: Int16Array,
  handles: Int32Array,
  first: number,
  from: number,
  to: number,
): void {
  let row = from;
  let at = first + from;
  for (; row < to - 3; row += 4, at += 4) {
    const a = shown[row] as number;
    const b = shown[row + 1] as number;
    const c = shown[row + 2] as number;
    const d = shown[row + 3] as number;
    source[indexPart(handles[at] as number)] = a;
    source[indexPart(handles[at + 1] as number)] = b;
    source[indexPart(handles[at + 2] as number)] = c;
    source[indexPart(handles[at + 3] as number)] = d;
  }
  for (; row < to; row++, at++) {
    source[indexPart(handles[at] as number)] = shown[row] as number;
  }
}
