import { Op } from "../op";

/** Net changes of the operand stack's height, -128 to 127 each. Indices aren't checked. */
@unmanaged
export class Deltas {
  @inline @operator("[]") get(i: i32): i32 {
    return <i32>load<i8>(changetype<usize>(this) + <usize>i);
  }

  fill(change: i32, from: i32, to: i32): void {
    memory.fill(changetype<usize>(this) + <usize>from, <u8>change, <usize>(to - from + 1));
  }
}

/**
 * Net change of the operand stack's height by one-byte opcode, calls and control apart. Only an
 * upper bound on the height is wanted of it, to weigh stack frames.
 */
export const stackDelta: Deltas = changetype<Deltas>(memory.data(256));
stackDelta.fill(-1, Op.drop, Op.drop);
stackDelta.fill(-2, Op.select, Op.selectTyped);
stackDelta.fill(1, Op.localGet, Op.localGet);
stackDelta.fill(-1, Op.localSet, Op.localSet);
stackDelta.fill(1, Op.globalGet, Op.globalGet);
stackDelta.fill(-1, Op.globalSet, Op.globalSet);
stackDelta.fill(-2, Op.tableSet, Op.tableSet);
stackDelta.fill(-2, 0x36, 0x3e); // stores
stackDelta.fill(1, Op.memorySize, Op.memorySize);
stackDelta.fill(1, Op.i32Const, Op.f64Const);
stackDelta.fill(-1, 0x46, 0x4f); // i32 comparisons
stackDelta.fill(-1, 0x51, 0x66); // i64, f32, f64 comparisons
stackDelta.fill(-1, 0x6a, 0x78); // i32 arithmetic
stackDelta.fill(-1, 0x7c, 0x8a); // i64 arithmetic
stackDelta.fill(-1, 0x92, 0x98); // f32 arithmetic
stackDelta.fill(-1, 0xa0, 0xa6); // f64 arithmetic
stackDelta.fill(1, Op.refNull, Op.refNull);
stackDelta.fill(1, Op.refFunc, Op.refFunc);

/** SIMD instructions that take two values, or three, and give one; or give none. */
const vectorDelta: Deltas = changetype<Deltas>(memory.data(256));
vectorDelta.fill(1, 12, 12); // v128.const
vectorDelta.fill(-1, 13, 14); // shuffles, lanes
vectorDelta.fill(-1, 23, 23);
for (let op = 26; op <= 34; op += 2) vectorDelta.fill(-1, op, op);
vectorDelta.fill(-1, 35, 76); // comparisons, bits, lanes from memory
vectorDelta.fill(-1, 78, 81);
vectorDelta.fill(-1, 84, 87);
vectorDelta.fill(-1, 101, 102); // i8x16
vectorDelta.fill(-1, 107, 115);
vectorDelta.fill(-1, 118, 121);
vectorDelta.fill(-1, 123, 123);
vectorDelta.fill(-1, 130, 130);
vectorDelta.fill(-1, 133, 134); // i16x8
vectorDelta.fill(-1, 139, 147);
vectorDelta.fill(-1, 149, 153);
vectorDelta.fill(-1, 155, 159);
vectorDelta.fill(-1, 171, 174); // i32x4
vectorDelta.fill(-1, 177, 177);
vectorDelta.fill(-1, 181, 186);
vectorDelta.fill(-1, 188, 191);
vectorDelta.fill(-1, 203, 206); // i64x2
vectorDelta.fill(-1, 209, 209);
vectorDelta.fill(-1, 213, 223);
vectorDelta.fill(-1, 228, 235); // f32x4, f64x2
vectorDelta.fill(-1, 240, 247);
vectorDelta.fill(-2, 11, 11); // store, bitselect, lanes to memory
vectorDelta.fill(-2, 82, 82);
vectorDelta.fill(-2, 88, 91);

/** The same for prefixed opcodes. */
export function prefixedStackDelta(op: i32): i32 {
  if (op >= 0xfd0000) return vectorDelta[op & 0xff];
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
