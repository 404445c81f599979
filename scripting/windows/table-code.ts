import { maxIndexCount } from "../../engine/index.ts";
import { emptyBlockType, Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import {
  i32And,
  i32Ne,
  valTypeOf,
  writeConstantLoad,
  writeLoad,
  writeStore,
} from "./access-code.ts";
import type { FoundLayout, TableLayout } from "./table-layout.ts";
import type { TemporaryLocals } from "./temporary-locals.ts";
import { handleShift, type WindowColumn } from "./window-column.ts";

/** What an earlier row's call has found doesn't hold. */
export function writeForgetFound(out: ByteWriter, { count }: FoundLayout, address: number): void {
  out.pair(Op.i32Const, 0);
  out.pair(Op.i32Const, 0);
  writeStore(out, "i32", address + count);
}

/** `n -> entity`: is it one of those that the table has? then from there, else the call. */
export function writeFoundInTable(
  out: ByteWriter,
  index: number,
  { count, handles }: FoundLayout,
  address: number,
  locals: TemporaryLocals,
): void {
  const n = locals.of(ValType.i32, "n");
  out.pair(Op.localTee, n);
  writeConstantLoad(out, "i32", address + count);
  out.byte(Op.i32LtU);
  out.byte(Op.if_);
  out.byte(ValType.i32);
  out.pair(Op.localGet, n);
  out.pair(Op.i32Const, handleShift);
  out.byte(Op.i32Shl);
  writeLoad(out, "i32", address + handles);
  out.byte(Op.else_);
  out.pair(Op.localGet, n);
  out.pair(Op.call, index);
  out.byte(Op.end);
}

/**
 * Puts on the stack what a column of handles has for an entity's row, and the row into a local: 0, which is nobody's, for
 * one behind a bound.
 */
function writeHandleAtRow(
  out: ByteWriter,
  entity: number,
  row: number,
  bound: () => void,
  handles: number,
): void {
  out.pair(Op.localGet, entity);
  out.byte(Op.i32Const);
  out.s32(maxIndexCount - 1);
  out.byte(i32And);
  out.pair(Op.localTee, row);
  out.pair(Op.i32Const, 0);
  out.pair(Op.localGet, row);
  bound();
  out.byte(Op.i32LtU);
  out.byte(Op.select);
  out.pair(Op.localTee, row);
  out.pair(Op.i32Const, handleShift);
  out.byte(Op.i32Shl);
  writeLoad(out, "i32", handles);
}

/**
 * Is it one of those that are shown? then from the table, else what follows, up to an end. Whom it looked for last is
 * known: nothing that the guest does changes who is shown, see {@link writeForgetKnown}.
 */
export function writeOfShown(
  out: ByteWriter,
  entity: number,
  { type, shift, offset }: WindowColumn,
  table: TableLayout,
  address: number,
  locals: TemporaryLocals,
): void {
  // Both are 0 at first: nobody, who is in no row.
  const row = locals.of(ValType.i32, "row of known");
  const known = locals.of(ValType.i32, "known");
  const bound = (): void => writeConstantLoad(out, "i32", address + table.bound);
  out.pair(Op.localGet, entity);
  out.pair(Op.localGet, known);
  out.byte(i32Ne);
  out.byte(Op.if_);
  out.byte(emptyBlockType);
  out.pair(Op.localGet, entity);
  out.pair(Op.localSet, known);
  writeHandleAtRow(out, entity, row, bound, address + (table.keys ?? table.living));
  out.pair(Op.localGet, entity);
  out.byte(i32Ne);
  out.byte(Op.if_);
  out.byte(emptyBlockType);
  out.pair(Op.i32Const, 0);
  out.pair(Op.localSet, row);
  out.byte(Op.end);
  out.byte(Op.end);
  out.pair(Op.localGet, row);
  out.byte(Op.if_);
  out.byte(valTypeOf(type));
  out.pair(Op.localGet, row);
  if (shift > 0) {
    out.pair(Op.i32Const, shift);
    out.byte(Op.i32Shl);
  }
  writeLoad(out, type, address + offset);
  out.byte(Op.else_);
}

/** Whom it looked for last may be gone. */
export function writeForgetKnown(out: ByteWriter, locals: TemporaryLocals): void {
  for (const what of ["row of known", "known"]) {
    out.pair(Op.i32Const, 0);
    out.pair(Op.localSet, locals.of(ValType.i32, what));
  }
}

/** Combines the condition on the stack with: the entity in a local is alive, or, where that will do, none. */
export function writeLives(
  out: ByteWriter,
  entity: number,
  orNone: boolean,
  { living, livingMask }: TableLayout,
  address: number,
): void {
  // One whose index is larger than any is looked for at another's place, and isn't there.
  out.pair(Op.localGet, entity);
  out.byte(Op.i32Const);
  out.s32(livingMask);
  out.byte(i32And);
  out.pair(Op.i32Const, handleShift);
  out.byte(Op.i32Shl);
  writeLoad(out, "i32", address + living);
  out.pair(Op.localGet, entity);
  out.byte(Op.i32Eq);
  if (orNone) {
    out.pair(Op.localGet, entity);
    out.byte(Op.i32Eqz);
    out.byte(Op.i32Or);
  }
  out.byte(i32And);
}
