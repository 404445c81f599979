import { Immediate, immediates, Op } from "./opcodes.ts";

/**
 * The shortest form of each one-byte opcode, where it has one that can be told from its first bytes:
 * nearly all instructions of real code. 0 where the long way has to be taken, else
 *
 * - bits 0 to 3: bytes of the whole instruction,
 * - bits 4 to 11: bits that are clear in the byte behind the opcode,
 * - bit 12: whether the top bit of the last byte is clear, too.
 *
 * Block types are held against {@link shortBlockTypes} besides.
 */
export const shortForms: Int32Array = (() => {
  const table = new Int32Array(256);
  for (let op = 0; op < 256; op++) table[op] = formOf(immediates[op] as number);
  return table;
})();

function formOf(immediate: number): number {
  switch (immediate) {
    case Immediate.none:
      return 1;
    case Immediate.index:
    case Immediate.label:
    case Immediate.i32:
    case Immediate.i64:
    case Immediate.blockType:
      return form(2, 0x80, false);
    case Immediate.indexPair:
      return form(3, 0x80, true);
    case Immediate.memoryAccess:
      // No scalar is aligned to more than 2^3; bit 6 says that more follows.
      return form(3, 0xfc, true);
    case Immediate.memoryIndex:
      return form(2, 0xff, false);
    case Immediate.f32:
      return form(5, 0, false);
    case Immediate.f64:
      return form(9, 0, false);
    default:
      return 0;
  }
}

function form(bytes: number, clearBits: number, lastToo: boolean): number {
  return bytes | (clearBits << 4) | (lastToo ? 1 << 12 : 0);
}

/** Bytes of the instruction at `at` if it has its shortest form, else 0. Doesn't look at any end. */
export function shortLength(bytes: Uint8Array, at: number): number {
  const form = shortForms[bytes[at] as number] as number;
  const size = form & 15;
  const first = (bytes[at + 1] as number) & (form >> 4) & 0xff;
  const last = (bytes[at + size - 1] as number) & ((form >> 5) & 0x80);
  return (first | last) === 0 ? size : 0;
}

/**
 * Bytes of the instruction at `at` if its only immediate is an integer of two or three bytes, else 0.
 * Its value is {@link mediumValue}; block types aren't told apart, so those take the long way.
 */
export function mediumLength(bytes: Uint8Array, at: number): number {
  const op = bytes[at] as number;
  const hasInteger = ((shortForms[op] as number) & 0xfff) === (2 | (0x80 << 4));
  if (!hasInteger || (op >= Op.block && op <= Op.if) || (bytes[at + 1] as number) < 0x80) return 0;
  if ((bytes[at + 2] as number) < 0x80) return 3;
  return (bytes[at + 3] as number) < 0x80 ? 4 : 0;
}

/** The integer of an instruction of that length, unsigned. */
export function mediumValue(bytes: Uint8Array, at: number, length: number): number {
  const low = ((bytes[at + 1] as number) & 0x7f) | (((bytes[at + 2] as number) & 0x7f) << 7);
  return length === 3 ? low : low | ((bytes[at + 3] as number) << 14);
}

/** 1 for a byte that is a block type on its own. */
export const shortBlockTypes: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const type of [0x40, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f]) table[type] = 1;
  return table;
})();
