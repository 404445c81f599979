import { Op } from "../../wasm/opcodes.ts";
import type { FuelHolder } from "./holders.ts";
import { isCheck, type Listing } from "./listing.ts";
import type { MeterIndices } from "./verify.ts";

/** Instructions of a check of fuel and depth. */
export const countedCheckLength = 26;

/** Whether instructions `[s, s + 26)` take call depth, and check it and the fuel. */
export function isCountedCheck(
  l: Listing,
  s: number,
  holder: FuelHolder,
  meter: MeterIndices,
): boolean {
  return (
    holder.fuel >= 0 &&
    holder.depth >= 0 &&
    l.is(s, Op.localGet, holder.depth) &&
    l.is(s + 1, Op.i32Const) &&
    (l.a[s + 1] as number) >= 1 &&
    l.is(s + 2, Op.i32Sub) &&
    l.is(s + 3, Op.localTee, holder.depth) &&
    l.is(s + 4, Op.localGet, holder.fuel) &&
    l.is(s + 5, Op.i32Or) &&
    l.is(s + 6, Op.i32Const, 0) &&
    l.is(s + 7, Op.i32LtS) &&
    l.is(s + 8, Op.if) &&
    l.is(s + 9, Op.localGet, holder.depth) &&
    l.is(s + 10, Op.i32Const, 0) &&
    l.is(s + 11, Op.i32LtS) &&
    l.is(s + 12, Op.if) &&
    l.is(s + 13, Op.i32Const, 1) &&
    l.is(s + 14, Op.globalSet, meter.stop) &&
    l.is(s + 15, Op.unreachable) &&
    l.is(s + 16, Op.end) &&
    isCheck(l, s + 17, holder.fuel, meter.refill) &&
    l.is(s + 25, Op.end)
  );
}
