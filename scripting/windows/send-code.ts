import type { ColumnType } from "../../engine/index.ts";
import { emptyBlockType, Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import {
  valTypeOf,
  writeConstantLoad,
  writeFits,
  writeNextCount,
  writeStore,
} from "./access-code.ts";
import type { MessageColumn } from "./message-layout.ts";
import type { OutboxLayout } from "./outbox-layout.ts";
import { writeLives } from "./table-code.ts";
import type { TableLayout } from "./table-layout.ts";
import type { TemporaryLocals } from "./temporary-locals.ts";
import { handleShift } from "./window-column.ts";

/** An imported function that sends a message. */
export interface SendImport {
  readonly message: number;
  /** Its values, in order, and where the outbox has them. */
  readonly values: readonly { readonly type: ColumnType; readonly column: MessageColumn }[];
}

/**
 * `entity, ...values ->`: is there room, and do the values fit? then into the outbox, else the call. Between two rows
 * there is no room.
 * @param base the window's address.
 * @param table tells who is alive; where there is none, the host looks afterwards.
 * @param endsInSelf whether the last argument is the row's own entity, which lives.
 */
export function writeSend(
  out: ByteWriter,
  index: number,
  { message, values }: SendImport,
  { count, limit, soleKind, kinds, targets }: OutboxLayout,
  base: number,
  locals: TemporaryLocals,
  table: TableLayout | undefined,
  endsInSelf: boolean,
): void {
  const target = locals.of(ValType.i32, "target");
  const at = locals.of(ValType.i32, "at");
  const given = values.map(({ type }, n) => locals.of(valTypeOf(type), `value ${n}`));
  for (const local of given.toReversed()) out.pair(Op.localSet, local);
  out.pair(Op.localSet, target);
  writeConstantLoad(out, "i32", base + count);
  out.pair(Op.localTee, at);
  writeConstantLoad(out, "i32", base + limit);
  out.byte(Op.i32LtU);
  values.forEach(({ type }, n) => {
    writeFits(out, type, given[n] as number);
  });
  if (table !== undefined) {
    writeLives(out, target, false, table, base);
    values.forEach(({ type }, n) => {
      if (endsInSelf && n === values.length - 1) return;
      if (type === "entity") writeLives(out, given[n] as number, true, table, base);
    });
  }
  const element = (shift: number): void => {
    out.pair(Op.localGet, at);
    out.pair(Op.i32Const, shift);
    out.byte(Op.i32Shl);
  };
  out.byte(Op.if_);
  out.byte(emptyBlockType);
  element(handleShift);
  out.pair(Op.localGet, target);
  writeStore(out, "i32", base + targets);
  if (soleKind < 0) {
    element(handleShift);
    out.byte(Op.i32Const);
    out.s32(message);
    writeStore(out, "i32", base + kinds);
  }
  values.forEach(({ type, column }, n) => {
    element(column.shift);
    out.pair(Op.localGet, given[n] as number);
    const isFloat = type === "f32" || type === "f64";
    writeStore(out, isFloat ? type : "i32", base + column.offset);
  });
  writeNextCount(out, at, base + count);
  out.byte(Op.else_);
  out.pair(Op.localGet, target);
  for (const local of given) out.pair(Op.localGet, local);
  out.pair(Op.call, index);
  out.byte(Op.end);
}

/** A row's call begins: it may send its quota, as far as there is room. */
export function writeBeginSending(
  out: ByteWriter,
  { rows, count, first, quota, limit }: OutboxLayout,
  base: number,
  locals: TemporaryLocals,
): void {
  const most = locals.of(ValType.i32, "most");
  const so = locals.of(ValType.i32, "at");
  out.pair(Op.i32Const, 0);
  writeConstantLoad(out, "i32", base + count);
  out.pair(Op.localTee, so);
  writeStore(out, "i32", base + first);
  out.pair(Op.i32Const, 0);
  out.pair(Op.localGet, so);
  writeConstantLoad(out, "i32", base + quota);
  out.byte(Op.i32Add);
  out.pair(Op.localTee, most);
  out.byte(Op.i32Const);
  out.s32(rows);
  out.pair(Op.localGet, most);
  out.byte(Op.i32Const);
  out.s32(rows);
  out.byte(Op.i32LtU);
  out.byte(Op.select);
  writeStore(out, "i32", base + limit);
}
