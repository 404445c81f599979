import { Op } from "./opcodes.ts";

/**
 * Net change of the operand stack's height by one-byte opcode, calls and control apart. Only an
 * upper bound on the height is wanted of it, to weigh stack frames.
 */
export const stackDelta: Int8Array = (() => {
  const delta = new Int8Array(256);
  const set = (from: number, to: number, change: number): void => {
    delta.fill(change, from, to + 1);
  };
  delta[Op.drop] = -1;
  delta[Op.select] = -2;
  delta[Op.selectTyped] = -2;
  delta[Op.localGet] = 1;
  delta[Op.localSet] = -1;
  delta[Op.globalGet] = 1;
  delta[Op.globalSet] = -1;
  delta[Op.tableSet] = -2;
  set(0x36, 0x3e, -2); // stores
  delta[Op.memorySize] = 1;
  set(Op.i32Const, Op.f64Const, 1);
  set(0x46, 0x4f, -1); // i32 comparisons
  set(0x51, 0x66, -1); // i64, f32, f64 comparisons
  set(0x6a, 0x78, -1); // i32 arithmetic
  set(0x7c, 0x8a, -1); // i64 arithmetic
  set(0x92, 0x98, -1); // f32 arithmetic
  set(0xa0, 0xa6, -1); // f64 arithmetic
  delta[Op.refNull] = 1;
  delta[Op.refFunc] = 1;
  return delta;
})();

/** SIMD instructions that take two values, or three, and give one; or give none. */
const vectorDelta: Int8Array = (() => {
  const delta = new Int8Array(256);
  const set = (change: number, ...ranges: readonly (readonly [number, number])[]): void => {
    for (const [from, to] of ranges) delta.fill(change, from, to + 1);
  };
  set(1, [12, 12]); // v128.const
  set(-1, [13, 14], [23, 23], [26, 26], [28, 28], [30, 30], [32, 32], [34, 34]); // shuffles, lanes
  set(-1, [35, 76], [78, 81], [84, 87]); // comparisons, bits, lanes from memory
  set(-1, [101, 102], [107, 115], [118, 121], [123, 123], [130, 130]); // i8x16
  set(-1, [133, 134], [139, 147], [149, 153], [155, 159]); // i16x8
  set(-1, [171, 174], [177, 177], [181, 186], [188, 191]); // i32x4
  set(-1, [203, 206], [209, 209], [213, 223]); // i64x2
  set(-1, [228, 235], [240, 247]); // f32x4, f64x2
  set(-2, [11, 11], [82, 82], [88, 91]); // store, bitselect, lanes to memory
  return delta;
})();

/** The same for prefixed opcodes. */
export function prefixedStackDelta(op: number): number {
  if (op >= 0xfd0000) return vectorDelta[op & 0xff] as number;
  switch (op) {
    case Op.memoryInit:
    case Op.memoryCopy:
    case Op.memoryFill:
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableFill:
      return -3;
    case Op.tableGrow:
      return -1;
    case Op.tableSize:
      return 1;
    default:
      return 0;
  }
}
