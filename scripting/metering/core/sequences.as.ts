import { putByte, putPair, putS32, putU32, sizeOfU32 } from "../../wasm/core/writer.as";
import { emptyBlockType, Op } from "../../wasm/op";
import { hints } from "./hints.as";
import { layout } from "./layout.as";
import { locals } from "./locals.as";
import { out } from "./output.as";
import { LengthPrice } from "./prices.as";
import { StopReason } from "../codes";

/*
 * The instruction sequences that metering inserts. All leave the operand stack as it was. None
 * takes more than 128 bytes.
 */

// The commonest ones are stored in words, first byte lowest, where locals have indices of a byte.

/** A charge of 0. */
let chargeWord: u64 = 0;
/** A check: up to its second `local.get`; from that one's index to the end of the call; the rest. */
let checkWord: u64 = 0;
let refillWord: u64 = 0;
let checkEnd: u32 = 0;
/** How far the call reaches into a check. */
let refillEnd: i32 = 0;
/** `layout.refill`, as it is encoded. */
let refillIndex: u64 = 0;

/** Starts a module, whose layout is known. */
export function begin(): void {
  const bytes = memory.data(8, 8);
  store<u64>(bytes, 0);
  putU32(bytes, layout.refill);
  refillIndex = load<u64>(bytes);
  refillEnd = 10 + sizeOfU32(layout.refill);
}

/** Starts a function, whose locals are placed. */
export function open(): void {
  if (!locals.areShort) return;
  const fuel: u64 = locals.fuel;
  const read = <u64>Op.localGet | (fuel << 8);
  const write = <u64>Op.localSet | (fuel << 8);
  chargeWord = read | (<u64>Op.i32Const << 16) | (<u64>Op.i32Sub << 32) | (write << 40);
  const test = (<u64>Op.i32LtS << 32) | (<u64>Op.if_ << 40) | (<u64>emptyBlockType << 48);
  checkWord = read | (<u64>Op.i32Const << 16) | test | (<u64>Op.localGet << 56);
  refillWord = fuel | (<u64>Op.call << 8) | (refillIndex << 16);
  checkEnd = <u32>write | (<u32>Op.end << 16);
}

@inline
export function get(local: i32): void {
  out.pair(Op.localGet, local);
}

@inline
export function set(local: i32): void {
  out.pair(Op.localSet, local);
}

@inline
export function tee(local: i32): void {
  out.pair(Op.localTee, local);
}

@inline
export function getGlobal(global: i32): void {
  out.pair(Op.globalGet, global);
}

@inline
export function setGlobal(global: i32): void {
  out.pair(Op.globalSet, global);
}

@inline
export function constant(value: i32): void {
  out.byte(Op.i32Const);
  out.s32(value);
}

@inline
export function branch(op: i32, label: i32): void {
  out.pair(op, label);
}

/** `if` the i32 on the stack is negative, which it hardly ever is. */
function ifNegative(): void {
  let at = out.at;
  at = putByte(at, Op.i32Const);
  at = putByte(at, 0);
  at = putByte(at, Op.i32LtS);
  out.at = at;
  hints.unlikely(out.length);
  at = putByte(at, Op.if_);
  at = putByte(at, emptyBlockType);
  out.at = at;
}

/** Takes `fuel`. */
export function charge(fuel: i32): void {
  let at = out.at;
  if (locals.areShort && <u32>fuel < 64) {
    store<u64>(at, chargeWord | (<u64>fuel << 24));
    out.at = at + 7;
    return;
  }
  const local = locals.fuel;
  at = putPair(at, Op.localGet, local);
  at = putByte(at, Op.i32Const);
  at = putS32(at, fuel);
  at = putByte(at, Op.i32Sub);
  at = putPair(at, Op.localSet, local);
  out.at = at;
}

/** Takes `fuel`, and leaves whether the slice isn't used up. */
export function takeFuel(fuel: i32): void {
  const local = locals.fuel;
  let at = out.at;
  at = putPair(at, Op.localGet, local);
  if (fuel > 0) {
    at = putByte(at, Op.i32Const);
    at = putS32(at, fuel);
    at = putByte(at, Op.i32Sub);
    at = putPair(at, Op.localTee, local);
  }
  at = putByte(at, Op.i32Const);
  at = putByte(at, 0);
  out.at = putByte(at, Op.i32GeS);
}

/** Takes `units` of depth and leaves the rest on the stack. */
export function takeDepth(units: i32): void {
  const local = locals.depth;
  let at = out.at;
  at = putPair(at, Op.localGet, local);
  at = putByte(at, Op.i32Const);
  at = putS32(at, units);
  at = putByte(at, Op.i32Sub);
  at = putPair(at, Op.localTee, local);
  out.at = at;
}

/** Fuel used up: ask the host for more. */
function refill(): void {
  const local = locals.fuel;
  let at = out.at;
  at = putPair(at, Op.localGet, local);
  at = putPair(at, Op.call, layout.refill);
  at = putPair(at, Op.localSet, local);
  out.at = at;
}

/** A check: refill if the slice is used up. */
export function check(): void {
  if (locals.areShort) {
    const at = out.at;
    hints.unlikely(out.length + 5);
    store<u64>(at, checkWord);
    store<u64>(at, refillWord, 8);
    const end = at + refillEnd;
    store<u32>(end, checkEnd);
    out.at = end + 3;
    return;
  }
  get(locals.fuel);
  ifNegative();
  refill();
  out.byte(Op.end);
}

/** Takes call depth, and checks it and the fuel with one branch. */
export function countedCheck(units: i32): void {
  takeDepth(units);
  get(locals.fuel);
  out.byte(Op.i32Or);
  ifNegative();
  get(locals.depth);
  ifNegative();
  constant(StopReason.stackOverflow);
  setGlobal(layout.stopGlobal);
  out.byte(Op.unreachable);
  out.byte(Op.end);
  check();
  out.byte(Op.end);
}

/** Charges the length on top of the stack, checks, and leaves the length where it was. */
export function chargeLength(price: LengthPrice): void {
  const scratch = locals.scratch;
  set(scratch);
  get(locals.fuel);
  get(scratch);
  if (price.maxLength < u32.MAX_VALUE) {
    constant(price.maxLength);
    get(scratch);
    constant(price.maxLength);
    out.byte(Op.i32LtU);
    out.byte(Op.select);
  }
  if (price.shiftLeft > 0) {
    constant(price.shiftLeft);
    out.byte(Op.i32Shl);
  }
  if (price.shiftRight > 0) {
    constant(price.shiftRight);
    out.byte(Op.i32ShrU);
  }
  out.byte(Op.i32Sub);
  set(locals.fuel);
  check();
  get(scratch);
}

/** Behind a `memory.grow`: remembers that it failed, so that a trap over it can be told apart. */
export function noteFailedGrow(): void {
  tee(locals.scratch);
  constant(-1);
  out.byte(Op.i32Eq);
  hints.unlikely(out.length);
  out.byte(Op.if_);
  out.byte(emptyBlockType);
  constant(StopReason.growFailed);
  setGlobal(layout.stopGlobal);
  out.byte(Op.end);
  get(locals.scratch);
}
