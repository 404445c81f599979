import { bytesOfLoad } from "../wasm/accesses.ts";
import { Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import type { TemporaryLocals } from "./temporary-locals.ts";

const i32LeU = 0x4d;

/**
 * `address -> address` of a load that comes next: one that leaves the module's own memory becomes one that leaves all
 * there is, and traps there. Without a branch, so that loops cost the same in each turn.
 * @param ownBytes where that memory ends.
 */
export function writeLoadGuard(
  out: ByteWriter,
  op: number,
  offset: number,
  ownBytes: number,
  locals: TemporaryLocals,
): void {
  const last = ownBytes - offset - bytesOfLoad(op);
  if (last < 0) {
    out.byte(Op.drop);
    nowhere(out);
    return;
  }
  const address = locals.of(ValType.i32, "address");
  out.pair(Op.localTee, address);
  nowhere(out);
  out.pair(Op.localGet, address);
  out.byte(Op.i32Const);
  out.s32(last);
  out.byte(i32LeU);
  out.byte(Op.select);
}

function nowhere(out: ByteWriter): void {
  out.byte(Op.i32Const);
  out.s32(-1);
}
