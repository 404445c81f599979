import { Op } from "../../../wasm/op";
import { holder } from "./holders.as";
import { listing as l } from "./listing.as";
import { meter } from "./meter.as";

/** Instructions of a check of fuel and depth. */
export const countedCheckLength: i32 = 26;

/** Whether instructions `[s, s + 26)` take call depth, and check it and the fuel. */
export function isCountedCheck(s: i32): bool {
  const fuel = holder.fuel;
  const depth = holder.depth;
  return (
    fuel >= 0 &&
    depth >= 0 &&
    l.has(s, Op.localGet, depth) &&
    l.is(s + 1, Op.i32Const) &&
    l.a(s + 1) >= 1 &&
    l.is(s + 2, Op.i32Sub) &&
    l.has(s + 3, Op.localTee, depth) &&
    l.has(s + 4, Op.localGet, fuel) &&
    l.is(s + 5, Op.i32Or) &&
    l.has(s + 6, Op.i32Const, 0) &&
    l.is(s + 7, Op.i32LtS) &&
    l.is(s + 8, Op.if_) &&
    l.has(s + 9, Op.localGet, depth) &&
    l.has(s + 10, Op.i32Const, 0) &&
    l.is(s + 11, Op.i32LtS) &&
    l.is(s + 12, Op.if_) &&
    l.has(s + 13, Op.i32Const, 1) &&
    l.has(s + 14, Op.globalSet, meter.stop) &&
    l.is(s + 15, Op.unreachable) &&
    l.is(s + 16, Op.end) &&
    l.isCheck(s + 17, fuel) &&
    l.is(s + 25, Op.end)
  );
}
