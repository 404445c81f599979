import type { FuncType } from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import { Convention, StopReason } from "./codes.ts";
import { driverLocal as local } from "./driver-locals.ts";
import type { InlinedBody, InlinedPiece } from "./inlined.ts";
import { CountingLoop, type RowGlobals, SteadyLoop } from "./row-loop.ts";
import * as sequences from "./sequences.ts";

/** A function that a metered module is to call for row after row of a window, see {@link driveType}. */
export interface DrivenFunction {
  /** Its index. It takes the row's handle, pointers, both or nothing, all i32, and returns nothing. */
  readonly index: number;
  /** Whether it takes the handle of the row's entity, first. */
  readonly takesSelf: boolean;
  /** For each, it takes the address of the row's element in a column at offset 0. */
  readonly pointers: readonly DrivenPointer[];
}

/** An address that a driven function is handed. */
export interface DrivenPointer {
  /** log2 of the size of an element. */
  readonly shift: number;
  /** Whether elements are those of calls, one behind the other, where rows are those of entities. */
  readonly byCall: boolean;
}

/** The functions of a module that are driven. */
export interface DriverPlan {
  readonly functions: readonly DrivenFunction[];
  /**
   * What leaves of a handle the row of its entity, where that is the entity's index; undefined where rows are those of
   * calls, one behind the other.
   */
  readonly indexMask: number | undefined;
  /**
   * Whether each function has another driver, behind all of the first ones, by which rows are those of calls. Only with
   * {@link indexMask}. Default: false.
   */
  readonly inOrderToo?: boolean;
  /**
   * Globals of the module that hold the handle and, one behind the other, the address for each of the shifts: for
   * functions that are called with neither. Undefined when there are none.
   */
  readonly globals:
    | { readonly self: number; readonly firstPointer: number; readonly shifts: readonly number[] }
    | undefined;
}

/** How many drivers a module gets. */
export function driverCount({ functions, inOrderToo = false }: DriverPlan): number {
  return inOrderToo ? 2 * functions.length : functions.length;
}

/** How the driven function gets at its fuel. */
export interface DrivenConvention {
  readonly convention: number;
  readonly fixedCost: number;
  readonly deep: boolean;
  /** Whether a row may note why it would stop and come to its end all the same: the next one begins without it. */
  readonly outlivesRows: boolean;
}

export interface DriverGlobals extends RowGlobals {
  readonly fuel: number;
  readonly depth: number;
  readonly stop: number;
}

/**
 * `drive(window, from, to, slice, depth, look) -> next`: calls the driven function for rows `[from, to)`, each
 * with a slice of fuel and a call depth of its own. Comes back at `to`, once rows have used `look` fuel together,
 * or behind a row that has overdrawn its slice; `fusewire:fuel` has what that one left.
 */
export const driveType: FuncType = {
  params: [ValType.i32, ValType.i32, ValType.i32, ValType.i32, ValType.i32, ValType.i32],
  results: [ValType.i32],
};

/** What {@link DriverPlan.globals} hold between two drives: no entity, and an address outside of memory. */
export const restingValue = -256;

const i32LoadOp = 0x28;
const i32AndOp = 0x71;
const handleShift = 2;

/**
 * Writes the body of one function's driver, without its size and its `end`.
 * @param inlined the callee's, to stand there in place of its call.
 * @returns the pieces of that; none where it is called.
 */
export function writeDriver(
  out: ByteWriter,
  { takesSelf, pointers }: DrivenFunction,
  { globals: shown, indexMask }: Pick<DriverPlan, "globals" | "indexMask">,
  { convention, fixedCost, deep, outlivesRows }: DrivenConvention,
  globals: DriverGlobals,
  callee: number,
  inlined: InlinedBody | undefined,
): InlinedPiece[] {
  const get = (index: number): void => sequences.get(out, index);
  const element = (shift: number, byCall: boolean): void => {
    get(local.window);
    get(byCall || indexMask === undefined ? local.from : local.at);
    if (shift > 0) {
      sequences.constant(out, shift);
      out.byte(Op.i32Shl);
    }
    out.byte(Op.i32Add);
  };
  const own = indexMask === undefined ? 3 : 4;
  const added = inlined?.locals ?? [];
  out.u32(1 + added.length);
  out.u32(own);
  out.byte(ValType.i32);
  for (const type of added) {
    out.u32(1);
    out.byte(type);
  }
  sequences.constant(out, 0);
  sequences.setGlobal(out, globals.used);
  // Where a row can only trap in calls it is enough to say before those which one it is, and what those before it used.
  const tellsLate = inlined?.trapsInCalls === true;
  const cost = convention === Convention.threaded ? inlined?.steadyCost(deep) : undefined;
  const loop =
    cost === undefined
      ? new CountingLoop(out, globals, tellsLate)
      : new SteadyLoop(out, globals, cost);
  loop.open();
  if (!tellsLate) loop.tell();
  if (outlivesRows) {
    sequences.constant(out, StopReason.none);
    sequences.setGlobal(out, globals.stop);
  }
  if (takesSelf || shown !== undefined) {
    element(handleShift, true);
    out.byte(i32LoadOp);
    out.byte(2);
    out.byte(0);
    if (indexMask !== undefined) {
      out.pair(Op.localTee, local.self);
      sequences.constant(out, indexMask);
      out.byte(i32AndOp);
      out.pair(Op.localSet, local.at);
      if (shown !== undefined) get(local.self);
    } else out.pair(shown === undefined ? Op.localSet : Op.localTee, local.self);
  }
  if (shown !== undefined) {
    sequences.setGlobal(out, shown.self);
    for (let i = 0; i < shown.shifts.length; i++) {
      element(shown.shifts[i] as number, false);
      sequences.setGlobal(out, shown.firstPointer + i);
    }
  }
  // A threaded function is handed its fuel; the global has what is left of it when it calls the host.
  if (convention !== Convention.threaded) {
    get(local.slice);
    sequences.setGlobal(out, globals.fuel);
    if (deep) {
      get(local.depth);
      sequences.setGlobal(out, globals.depth);
    }
  }
  if (takesSelf) get(local.self);
  for (const { shift, byCall } of pointers) element(shift, byCall);
  if (convention === Convention.threaded) {
    get(local.slice);
    if (deep) get(local.depth);
  }
  const first = driveType.params.length + own;
  const pieces =
    inlined?.write(out, callee, first, tellsLate ? () => loop.tell() : undefined) ?? [];
  if (inlined === undefined) sequences.call(out, callee);
  if (convention === Convention.shared) sequences.getGlobal(out, globals.fuel);
  if (convention === Convention.fixed) {
    get(local.slice);
    sequences.constant(out, fixedCost);
    out.byte(Op.i32Sub);
  }
  loop.close();
  get(local.left);
  sequences.setGlobal(out, globals.fuel);
  if (shown !== undefined) {
    for (let i = 0; i <= shown.shifts.length; i++) {
      sequences.constant(out, restingValue);
      sequences.setGlobal(out, i === 0 ? shown.self : shown.firstPointer + i - 1);
    }
  }
  get(local.from);
  return pieces;
}
