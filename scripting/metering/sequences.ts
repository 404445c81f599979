import { emptyBlockType, Op } from "../wasm/opcodes.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import type { LengthPrice } from "./costs.ts";
import type { Layout } from "./layout.ts";
import { StopReason } from "./protocol.ts";

/** The instruction sequences that metering inserts. All leave the operand stack as it was. */

export function get(w: ByteWriter, local: number): void {
  w.pair(Op.localGet, local);
}

export function set(w: ByteWriter, local: number): void {
  w.pair(Op.localSet, local);
}

export function tee(w: ByteWriter, local: number): void {
  w.pair(Op.localTee, local);
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

export function branch(w: ByteWriter, op: number, label: number): void {
  w.pair(op, label);
}

export function call(w: ByteWriter, functionIndex: number): void {
  w.pair(Op.call, functionIndex);
}

/** `if` the i32 on the stack is negative, which it hardly ever is. */
export function ifNegative(w: ByteWriter, layout: Layout): void {
  constant(w, 0);
  w.byte(Op.i32LtS);
  layout.hints.unlikely(w.length);
  w.byte(Op.if);
  w.byte(emptyBlockType);
}

/** Takes `fuel` from the local. */
export function charge(w: ByteWriter, fuelLocal: number, fuel: number): void {
  get(w, fuelLocal);
  constant(w, fuel);
  w.byte(Op.i32Sub);
  set(w, fuelLocal);
}

/** Takes `units` from the local and leaves the rest on the stack. */
export function takeDepth(w: ByteWriter, depthLocal: number, units: number): void {
  get(w, depthLocal);
  constant(w, units);
  w.byte(Op.i32Sub);
  tee(w, depthLocal);
}

/** Fuel used up: ask the host for more. */
export function refill(w: ByteWriter, layout: Layout, fuelLocal: number): void {
  get(w, fuelLocal);
  call(w, layout.refill);
  set(w, fuelLocal);
}

/** A check: refill if the slice is used up. */
export function check(w: ByteWriter, layout: Layout, fuelLocal: number): void {
  get(w, fuelLocal);
  ifNegative(w, layout);
  refill(w, layout, fuelLocal);
  w.byte(Op.end);
}

/** Takes call depth, and checks it and the fuel with one branch. */
export function countedCheck(
  w: ByteWriter,
  layout: Layout,
  fuelLocal: number,
  depthLocal: number,
  units: number,
): void {
  takeDepth(w, depthLocal, units);
  get(w, fuelLocal);
  w.byte(Op.i32Or);
  ifNegative(w, layout);
  get(w, depthLocal);
  ifNegative(w, layout);
  constant(w, StopReason.stackOverflow);
  setGlobal(w, layout.stopGlobal);
  w.byte(Op.unreachable);
  w.byte(Op.end);
  check(w, layout, fuelLocal);
  w.byte(Op.end);
}

/** Charges the length on top of the stack, checks, and leaves the length where it was. */
export function chargeLength(
  w: ByteWriter,
  layout: Layout,
  fuelLocal: number,
  scratchLocal: number,
  price: LengthPrice,
): void {
  set(w, scratchLocal);
  get(w, fuelLocal);
  get(w, scratchLocal);
  if (price.maxLength < 0xffffffff) {
    constant(w, price.maxLength);
    get(w, scratchLocal);
    constant(w, price.maxLength);
    w.byte(Op.i32LtU);
    w.byte(Op.select);
  }
  if (price.shiftLeft > 0) {
    constant(w, price.shiftLeft);
    w.byte(Op.i32Shl);
  }
  if (price.shiftRight > 0) {
    constant(w, price.shiftRight);
    w.byte(Op.i32ShrU);
  }
  w.byte(Op.i32Sub);
  set(w, fuelLocal);
  check(w, layout, fuelLocal);
  get(w, scratchLocal);
}

/** Behind a `memory.grow`: remembers that it failed, so that a trap over it can be told apart. */
export function noteFailedGrow(w: ByteWriter, layout: Layout, scratchLocal: number): void {
  tee(w, scratchLocal);
  constant(w, -1);
  w.byte(Op.i32Eq);
  layout.hints.unlikely(w.length);
  w.byte(Op.if);
  w.byte(emptyBlockType);
  constant(w, StopReason.growFailed);
  setGlobal(w, layout.stopGlobal);
  w.byte(Op.end);
  get(w, scratchLocal);
}
