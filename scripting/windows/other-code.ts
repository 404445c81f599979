import { Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import {
  i32And,
  i32Ne,
  valTypeOf,
  writeConstantLoad,
  writeLoad,
  writeStore,
} from "./access-code.ts";
import type { OthersLayout } from "./others-layout.ts";
import type { TemporaryLocals } from "./temporary-locals.ts";
import { handleShift, type WindowColumn } from "./window-column.ts";

/**
 * What an earlier row's call was shown doesn't hold; whom this one knows is shown to it.
 * @param pointer puts the address on the stack of the row's element in a column of handles at offset 0; undefined where
 * there may be no row.
 */
export function writeBeginOthers(
  out: ByteWriter,
  others: OthersLayout,
  address: number,
  pointer: (() => void) | undefined,
): void {
  out.pair(Op.i32Const, 0);
  out.pair(Op.i32Const, 0);
  writeStore(out, "i32", address + others.count);
  const { links } = others;
  out.pair(Op.i32Const, 0);
  if (links !== undefined && pointer !== undefined) {
    pointer();
    writeLoad(out, "i32", links.keys);
    writeStore(out, "i32", address + others.key);
    out.pair(Op.i32Const, 0);
    pointer();
    writeLoad(out, "i32", links.rows);
    writeStore(out, "i32", address + others.row);
    return;
  }
  out.pair(Op.i32Const, 0);
  writeStore(out, "i32", address + others.key);
}

/** `n -> entity`; its row is the one to be read from now on. */
export function writeFound(
  out: ByteWriter,
  index: number,
  others: OthersLayout,
  address: number,
  locals: TemporaryLocals,
): void {
  const n = locals.of(ValType.i32, "n");
  const at = locals.of(ValType.i32, "at");
  out.pair(Op.localTee, n);
  writeConstantLoad(out, "i32", address + others.count);
  out.byte(Op.i32LtU);
  out.byte(Op.if_);
  out.byte(ValType.i32);
  out.pair(Op.i32Const, 0);
  out.pair(Op.localGet, n);
  if (others.first > 0) {
    out.byte(Op.i32Const);
    out.s32(others.first);
    out.byte(Op.i32Add);
  }
  writeStore(out, "i32", address + others.row);
  out.pair(Op.i32Const, 0);
  out.pair(Op.localGet, n);
  out.pair(Op.i32Const, handleShift);
  out.byte(Op.i32Shl);
  out.pair(Op.localTee, at);
  writeLoad(out, "i32", address + others.keys);
  writeStore(out, "i32", address + others.key);
  out.pair(Op.localGet, at);
  writeLoad(out, "i32", address + others.handles);
  out.byte(Op.else_);
  out.pair(Op.localGet, n);
  out.pair(Op.call, index);
  out.byte(Op.end);
}

/** Is it the one whose row is to be read? then memory, else what follows, up to an end. */
export function writeOfOther(
  out: ByteWriter,
  entity: number,
  { type, shift, offset }: WindowColumn,
  others: OthersLayout,
  address: number,
): void {
  out.pair(Op.localGet, entity);
  writeConstantLoad(out, "i32", address + others.key);
  out.byte(Op.i32Eq);
  // Nobody's is 0, and so is no entity.
  out.pair(Op.localGet, entity);
  out.pair(Op.i32Const, 0);
  out.byte(i32Ne);
  out.byte(i32And);
  out.byte(Op.if_);
  out.byte(valTypeOf(type));
  writeConstantLoad(out, "i32", address + others.row);
  if (shift > 0) {
    out.pair(Op.i32Const, shift);
    out.byte(Op.i32Shl);
  }
  writeLoad(out, type, address + offset);
  out.byte(Op.else_);
}
