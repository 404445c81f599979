import { emptyBlockType, Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import { i32And, i32Ne, writeConstantLoad, writeNextCount, writeStore } from "./access-code.ts";
import type { TemporaryLocals } from "./temporary-locals.ts";
import { handleShift } from "./window-column.ts";
import type { WrittenLayout } from "./window-layout.ts";

/** Combines the condition on the stack with: there is room to keep a handle that is written. */
export function writeMayKeep(out: ByteWriter, { count, limit }: WrittenLayout, base: number): void {
  writeConstantLoad(out, "i32", base + count);
  writeConstantLoad(out, "i32", base + limit);
  out.byte(Op.i32LtU);
  out.byte(i32And);
}

/**
 * Keeps a handle that is about to be written, for the host to look at, unless it is there already.
 * @param value the local that has it.
 * @param current puts on the stack what is there.
 */
export function writeKeep(
  out: ByteWriter,
  value: number,
  current: () => void,
  { count, handles }: WrittenLayout,
  base: number,
  locals: TemporaryLocals,
): void {
  const at = locals.of(ValType.i32, "at");
  current();
  out.pair(Op.localGet, value);
  out.byte(i32Ne);
  out.byte(Op.if_);
  out.byte(emptyBlockType);
  writeConstantLoad(out, "i32", base + count);
  out.pair(Op.localTee, at);
  out.pair(Op.i32Const, handleShift);
  out.byte(Op.i32Shl);
  out.pair(Op.localGet, value);
  writeStore(out, "i32", base + handles);
  writeNextCount(out, at, base + count);
  out.byte(Op.end);
}
