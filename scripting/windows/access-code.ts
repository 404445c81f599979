import { type ColumnType, columnRange } from "../../engine/index.ts";
import { Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";

/** Opcodes that only code put in for calls needs. */
export const i32Ne = 0x47;
export const i32And = 0x71;

/** Those that only inlined accesses need. */
const opcode = {
  i32Load: 0x28,
  f32Load: 0x2a,
  f64Load: 0x2b,
  i32Load8S: 0x2c,
  i32Load8U: 0x2d,
  i32Load16S: 0x2e,
  i32Load16U: 0x2f,
  i32Store: 0x36,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  i64LtU: 0x54,
  i64Shl: 0x86,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
} as const;

interface ColumnCode {
  readonly valType: number;
  readonly load: number;
  readonly store: number;
  /** Whether it is an integer with fewer values than an i32. */
  readonly isNarrow?: true;
}

const whole = { valType: ValType.i32 };
const word = { ...whole, load: opcode.i32Load, store: opcode.i32Store };

const codes: Readonly<Record<ColumnType, ColumnCode>> = {
  f32: { valType: ValType.f32, load: opcode.f32Load, store: opcode.f32Store },
  f64: { valType: ValType.f64, load: opcode.f64Load, store: opcode.f64Store },
  i8: { ...whole, load: opcode.i32Load8S, store: opcode.i32Store8, isNarrow: true },
  u8: { ...whole, load: opcode.i32Load8U, store: opcode.i32Store8, isNarrow: true },
  i16: { ...whole, load: opcode.i32Load16S, store: opcode.i32Store16, isNarrow: true },
  u16: { ...whole, load: opcode.i32Load16U, store: opcode.i32Store16, isNarrow: true },
  i32: word,
  u32: word,
  entity: word,
};

/** The wasm type that a column's values have in code. */
export function valTypeOf(type: ColumnType): number {
  return codes[type].valType;
}

export function writeLoad(out: ByteWriter, type: ColumnType, offset: number): void {
  access(out, codes[type].load, offset);
}

/** A constant's value from a fixed address. */
export function writeConstantLoad(out: ByteWriter, type: "i32" | "f32" | "f64", at: number): void {
  out.byte(Op.i32Const);
  out.s32(0);
  access(out, codes[type].load, at);
}

export function writeStore(out: ByteWriter, type: ColumnType, offset: number): void {
  access(out, codes[type].store, offset);
}

/** Stores one more than what a local has at a fixed address. */
export function writeNextCount(out: ByteWriter, local: number, at: number): void {
  out.pair(Op.i32Const, 0);
  out.pair(Op.localGet, local);
  out.pair(Op.i32Const, 1);
  out.byte(Op.i32Add);
  access(out, codes.i32.store, at);
}

function access(out: ByteWriter, op: number, offset: number): void {
  out.byte(op);
  out.u32(0); // alignment, a hint
  out.u32(offset);
}

/**
 * Combines the condition on the stack with: the column can hold the value in a local. What it can't
 * hold goes to the host, which says why.
 */
export function writeFits(out: ByteWriter, type: ColumnType, local: number): void {
  const { valType, isNarrow } = codes[type];
  if (valType === ValType.f32) {
    // Its bits without the sign, as integers take fewer registers: infinity's are the least of what isn't a number.
    out.pair(Op.localGet, local);
    out.byte(opcode.i32ReinterpretF32);
    out.pair(Op.i32Const, 1);
    out.byte(Op.i32Shl);
    out.byte(Op.i32Const);
    out.s32(0xff000000 | 0);
    out.byte(Op.i32LtU);
  } else if (valType === ValType.f64) {
    out.pair(Op.localGet, local);
    out.byte(opcode.i64ReinterpretF64);
    out.pair(Op.i64Const, 1);
    out.byte(opcode.i64Shl);
    out.byte(Op.i64Const);
    for (const byte of [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x70]) out.byte(byte); // -(2 ** 53)
    out.byte(opcode.i64LtU);
  } else if (isNarrow === true) {
    const [least, most] = columnRange(type);
    out.pair(Op.localGet, local);
    if (least !== 0) {
      out.byte(Op.i32Const);
      out.s32(least);
      out.byte(Op.i32Sub);
    }
    out.byte(Op.i32Const);
    out.s32(most - least + 1);
    out.byte(Op.i32LtU);
  } else return;
  out.byte(i32And);
}
