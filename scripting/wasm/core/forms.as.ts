import { Immediate, Op } from "../op";
import { immediates } from "./immediates.as";
import { Bytes, Ints } from "./memory.as";

/**
 * The shortest form of each one-byte opcode, where it has one that can be told from its first
 * bytes: nearly all instructions of real code. 0 where the long way has to be taken, else
 *
 * - bits 0 to 3: bytes of the whole instruction,
 * - bits 4 to 11: bits that are clear in the byte behind the opcode,
 * - bit 12: whether the top bit of the last byte is clear, too.
 *
 * Block types are held against {@link shortBlockTypes} besides.
 */
export const shortForms: Ints = changetype<Ints>(memory.data(1024));
for (let op = 0; op < 256; op++) shortForms[op] = formOf(immediates[op]);

function formOf(immediate: i32): i32 {
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

function form(bytes: i32, clearBits: i32, lastToo: bool): i32 {
  return bytes | (clearBits << 4) | (lastToo ? 1 << 12 : 0);
}

/**
 * Bytes of an instruction at an address if its only immediate is an integer of two to four bytes,
 * else 0. Its value is {@link mediumValue}; block types aren't told apart, so those take the long
 * way.
 */
@inline
export function mediumLength(op: i32, at: usize): i32 {
  const hasInteger = (shortForms[op] & 0xfff) == (2 | (0x80 << 4));
  if (!hasInteger || (op >= Op.block && op <= Op.if_) || load<u8>(at, 1) < 0x80) return 0;
  if (load<u8>(at, 2) < 0x80) return 3;
  if (load<u8>(at, 3) < 0x80) return 4;
  return load<u8>(at, 4) < 0x80 ? 5 : 0;
}

/** The integer of an instruction of that length, unsigned. */
@inline
export function mediumValue(at: usize, length: i32): i32 {
  let value = (<i32>load<u8>(at, 1) & 0x7f) | ((<i32>load<u8>(at, 2) & 0x7f) << 7);
  if (length > 3) value |= (<i32>load<u8>(at, 3) & 0x7f) << 14;
  if (length > 4) value |= <i32>load<u8>(at, 4) << 21;
  return value;
}

/** Bytes of an access of memory at an address whose offset takes two or three bytes, else 0. */
@inline
export function mediumAccessLength(op: i32, at: usize): i32 {
  const isAccess = (shortForms[op] & 0xfff) == (3 | (0xfc << 4));
  if (!isAccess || load<u8>(at, 1) > 3 || load<u8>(at, 2) < 0x80) return 0;
  if (load<u8>(at, 3) < 0x80) return 4;
  return load<u8>(at, 4) < 0x80 ? 5 : 0;
}

/** 1 for a byte that is a block type on its own. */
export const shortBlockTypes: Bytes = changetype<Bytes>(memory.data(256));
shortBlockTypes[0x40] = 1;
for (let type = 0x7b; type <= 0x7f; type++) shortBlockTypes[type] = 1;
shortBlockTypes[0x70] = 1;
shortBlockTypes[0x6f] = 1;
