import { Op } from "../../wasm/opcodes.ts";
import { isCheck, type Listing } from "./listing.ts";

/** Least fuel for 256 units of an operation's length: bytes, elements or pages. */
const leastPricePer256: ReadonlyMap<number, number> = new Map<number, number>([
  [Op.memoryInit, 32],
  [Op.memoryCopy, 32],
  [Op.memoryFill, 32],
  [Op.memoryGrow, 256 * 8192],
  [Op.tableInit, 256 * 8],
  [Op.tableCopy, 256 * 8],
  [Op.tableGrow, 256 * 8],
  [Op.tableFill, 256 * 8],
]);

/** Lengths from which an operation always fails, so that a price may saturate there. */
const saturation: ReadonlyMap<number, number> = new Map<number, number>([
  [Op.memoryGrow, 1 << 16],
  [Op.tableInit, 1 << 26],
  [Op.tableCopy, 1 << 26],
  [Op.tableGrow, 1 << 26],
  [Op.tableFill, 1 << 26],
]);

/** Whether the operation's time grows with a length, so that it must be charged by it. */
export function hasLength(op: number): boolean {
  // Asked of every instruction, and nearly all have one byte.
  return (op >= 0x100 || op === Op.memoryGrow) && leastPricePer256.has(op);
}

/** Whether charge and check by its length stand right before the operation at `i`. */
export function isChargedByLength(l: Listing, i: number, fuel: number, refill: number): boolean {
  const op = l.ops[i] as number;
  if (fuel < 0 || !l.is(i - 1, Op.localGet) || !isCheck(l, i - 9, fuel, refill)) return false;
  const length = l.a[i - 1] as number;
  let at = i - 10;
  if (!l.is(at, Op.localSet, fuel) || !l.is(at - 1, Op.i32Sub)) return false;
  at -= 2;
  let shift = 0;
  // One shift at the most: a second could lose what the first has shifted out.
  if (l.is(at, Op.i32ShrU) || l.is(at, Op.i32Shl)) {
    const by = l.is(at - 1, Op.i32Const) ? (l.a[at - 1] as number) : -1;
    if (by < 0 || by > 13) return false;
    shift = l.is(at, Op.i32Shl) ? by : -by;
    at -= 2;
  }
  let most = 0xffffffff;
  if (l.is(at, Op.select)) {
    most = l.a[at - 2] as number;
    const clamps =
      l.is(at - 1, Op.i32LtU) &&
      l.is(at - 2, Op.i32Const) &&
      l.is(at - 3, Op.localGet, length) &&
      l.is(at - 4, Op.i32Const, most) &&
      most >= (saturation.get(op) ?? 0xffffffff);
    if (!clamps) return false;
    at -= 5;
  }
  const whole =
    l.is(at, Op.localGet, length) &&
    l.is(at - 1, Op.localGet, fuel) &&
    l.is(at - 2, Op.localSet, length);
  // One charge must not wrap the i32 that holds the fuel.
  return (
    whole &&
    most * 2 ** shift <= 2 ** 29 &&
    256 * 2 ** shift >= (leastPricePer256.get(op) as number)
  );
}
