import { Op } from "../wasm/opcodes.ts";

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

/** The same for prefixed opcodes; SIMD operations that would shrink the stack count as 0. */
export function prefixedStackDelta(op: number): number {
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
    case 0xfd000c: // v128.const
      return 1;
    case 0xfd000b: // v128.store
      return -2;
    default:
      return 0;
  }
}
