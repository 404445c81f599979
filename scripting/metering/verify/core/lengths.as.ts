import { Op } from "../../../wasm/op";
import { listing as l } from "./listing.as";

/**
 * Least fuel for 256 units of an operation's length: bytes, elements or pages. 0 for one without a
 * length.
 */
function leastPricePer256(op: i32): i32 {
  switch (op) {
    case Op.memoryInit:
    case Op.memoryCopy:
    case Op.memoryFill:
      return 32;
    case Op.memoryGrow:
      return 256 * 8192;
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableGrow:
    case Op.tableFill:
      return 256 * 8;
    default:
      return 0;
  }
}

/** Length from which an operation always fails, so that its price may saturate there. */
function saturation(op: i32): i64 {
  switch (op) {
    case Op.memoryGrow:
      return 1 << 16;
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableGrow:
    case Op.tableFill:
      return 1 << 26;
    default:
      return 0xffffffff;
  }
}

/** Whether the operation's time grows with a length, so that it must be charged by it. */
export function hasLength(op: i32): bool {
  return leastPricePer256(op) != 0;
}

/** Whether charge and check by its length stand right before the operation at `i`. */
export function isChargedByLength(i: i32, op: i32, fuel: i32): bool {
  if (fuel < 0 || !l.is(i - 1, Op.localGet) || !l.isCheck(i - 9, fuel)) return false;
  const length = l.a(i - 1);
  let at = i - 10;
  if (!l.has(at, Op.localSet, fuel) || !l.is(at - 1, Op.i32Sub)) return false;
  at -= 2;
  // The length times 2^up, and shifted down by so many.
  let up: i64 = 0;
  let down: i64 = 0;
  // One shift at the most: a second could lose what the first has shifted out.
  if (l.is(at, Op.i32ShrU) || l.is(at, Op.i32Shl)) {
    const by = l.is(at - 1, Op.i32Const) ? l.a(at - 1) : -1;
    if (by < 0 || by > 13) return false;
    if (l.is(at, Op.i32Shl)) up = by;
    else down = by;
    at -= 2;
  }
  let most: i64 = 0xffffffff;
  if (l.is(at, Op.select)) {
    const clamp = l.a(at - 2);
    most = clamp;
    const clamps =
      l.is(at - 1, Op.i32LtU) &&
      l.is(at - 2, Op.i32Const) &&
      l.has(at - 3, Op.localGet, length) &&
      l.has(at - 4, Op.i32Const, clamp) &&
      most >= saturation(op);
    if (!clamps) return false;
    at -= 5;
  }
  const whole =
    l.has(at, Op.localGet, length) &&
    l.has(at - 1, Op.localGet, fuel) &&
    l.has(at - 2, Op.localSet, length);
  // One charge must not wrap the i32 that holds the fuel.
  const limit: i64 = 1 << 29;
  const least: i64 = leastPricePer256(op);
  return whole && most << up <= limit << down && (<i64>256) << up >= least << down;
}
