import { Op } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";

/** Instructions that the meter's own functions consist of. */

export function get(w: ByteWriter, local: number): void {
  w.pair(Op.localGet, local);
}

export function set(w: ByteWriter, local: number): void {
  w.pair(Op.localSet, local);
}

export function getGlobal(w: ByteWriter, global: number): void {
  w.pair(Op.globalGet, global);
}

export function setGlobal(w: ByteWriter, global: number): void {
  w.pair(Op.globalSet, global);
}

export function constant(w: ByteWriter, value: number): void {
  w.byte(Op.i32Const);
  w.s32(value);
}

export function call(w: ByteWriter, functionIndex: number): void {
  w.pair(Op.call, functionIndex);
}
