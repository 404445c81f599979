import { SectionId } from "../../scripting/wasm/module.ts";
import { Op, ValType } from "../../scripting/wasm/op.ts";

/** Bytes of a piece of a module, nested as is convenient. */
export type Bytes = number | string | readonly Bytes[] | Uint8Array;

export const { i32, i64, f32, f64, v128, funcref, externref } = ValType;

/** Numbers are bytes, strings their UTF-8; the rest is put one behind the other. */
export function flat(...parts: Bytes[]): number[] {
  const out: number[] = [];
  const add = (part: Bytes): void => {
    if (typeof part === "number") out.push(part);
    else if (typeof part === "string") for (const b of new TextEncoder().encode(part)) out.push(b);
    else for (const inner of part) add(inner);
  };
  add(parts);
  return out;
}

/** Unsigned LEB128, shortest unless a width is given. */
export function u32(value: number, width = 1): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0 && out.length + 1 >= width) return [...out, low];
    out.push(low | 0x80);
  }
}

/** Signed LEB128, shortest unless a width is given. */
export function s32(value: number, width = 1): number[] {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    if (done && out.length + 1 >= width) return [...out, low];
    out.push(low | 0x80);
  }
}

/** Length-prefixed text. */
export function name(text: string): number[] {
  const bytes = flat(text);
  return [...u32(bytes.length), ...bytes];
}

/** A vector: its count, its items. */
export function vec(items: readonly Bytes[]): number[] {
  return [...u32(items.length), ...flat(items)];
}

export function section(id: number, ...content: Bytes[]): number[] {
  const bytes = flat(content);
  return [id, ...u32(bytes.length), ...bytes];
}

export function custom(title: string, ...content: Bytes[]): number[] {
  return section(SectionId.custom, name(title), content);
}

export const header: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A module of sections as they are given. */
export function module(...sections: Bytes[]): Uint8Array {
  return Uint8Array.from(flat(header, sections));
}

export function funcType(params: readonly number[], results: readonly number[]): number[] {
  return [0x60, ...vec(params), ...vec(results)];
}

/** A body: runs of `[count, type]` locals, then code, to which `end` is added. */
export function body(code: Bytes, locals: readonly (readonly [number, number])[] = []): number[] {
  const content = [...vec(locals.map(([n, t]) => [u32(n), t])), ...flat(code), Op.end];
  return [...u32(content.length), ...content];
}

export function types(...list: Bytes[]): number[] {
  return section(SectionId.type, vec(list));
}
export function imports(...list: Bytes[]): number[] {
  return section(SectionId.import, vec(list));
}
export function functions(...typeIndices: number[]): number[] {
  return section(SectionId.function, vec(typeIndices.map((t) => u32(t))));
}
export function tables(...list: Bytes[]): number[] {
  return section(SectionId.table, vec(list));
}
export function memories(...list: Bytes[]): number[] {
  return section(SectionId.memory, vec(list));
}
export function globals(...list: Bytes[]): number[] {
  return section(SectionId.global, vec(list));
}
export function exports(...list: Bytes[]): number[] {
  return section(SectionId.export, vec(list));
}
export function elements(...list: Bytes[]): number[] {
  return section(SectionId.element, vec(list));
}
export function code(...bodies: Bytes[]): number[] {
  return section(SectionId.code, vec(bodies));
}
export function data(...segments: Bytes[]): number[] {
  return section(SectionId.data, vec(segments));
}
export function dataCount(count: number): number[] {
  return section(SectionId.dataCount, u32(count));
}

/** A module of one function `run: () -> ()`, with one page of memory and one table of funcref. */
export function running(
  codeBytes: Bytes,
  locals: readonly (readonly [number, number])[] = [],
): Uint8Array {
  return module(
    types(funcType([], [])),
    functions(0),
    tables([funcref, 0, 1]),
    memories([0, 1]),
    exports([name("run"), 0, 0]),
    code(body(codeBytes, locals)),
  );
}

/** Offset of the first place where the bytes stand in a module. */
export function offsetOf(bytes: Uint8Array, ...wanted: Bytes[]): number {
  const piece = flat(wanted);
  for (let at = 0; at + piece.length <= bytes.length; at++) {
    if (piece.every((b, i) => bytes[at + i] === b)) return at;
  }
  throw new Error(`bytes ${piece.join(" ")} are nowhere in the module`);
}
