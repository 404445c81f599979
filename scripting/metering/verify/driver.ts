import { InstructionCursor } from "../../wasm/instructions.ts";
import { type Body, type FuncType, readLocalRuns, type WasmModule } from "../../wasm/module.ts";
import { emptyBlockType, Op, ValType } from "../../wasm/op.ts";
import { ByteReader } from "../../wasm/reader.ts";
import { driverParams, Listing, refusal } from "./listing.ts";
import { takesAlways } from "./steady.ts";
import type { MeterIndices } from "./verify.ts";

/** Functions of a module's drivers: indices. */
export interface DriverIndices {
  readonly row: number;
  readonly driven: number;
  /** The drivers. */
  readonly drives: readonly number[];
}

const [window, from, to, slice, depthLeft, look, used, self, left, at] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];
const bitwiseAnd = 0x71;
/** Where all rows use the same: the row that was the first, and how many may run. */
const [first, rows] = [used, self];
const greaterOrEqualUnsigned = 0x4f;
const notEqual = 0x47;
const multiply = 0x6c;
const divideUnsigned = 0x6e;
const load = 0x28;

type Meter = Pick<MeterIndices, "begin" | "remaining" | "fuel" | "depth" | "stop" | "globals">;

/** Globals that the meter's functions use. */
interface DriverGlobals {
  readonly row: number;
  readonly used: number;
  /** All of the meter's, those two included: nothing of the guest's. */
  readonly taken: ReadonlySet<number>;
}

/**
 * Proves that each driver does nothing but this: until a row that the host has named, it calls one function of the
 * module for each, with the fuel that the host has named and no more, and counts what that took; or, where it claims that
 * this is the same for each, that it is.
 * @throws VerifyError.
 */
export function verifyDrivers(module: WasmModule, indices: DriverIndices, meter: Meter): void {
  const { row, driven, drives } = indices;
  const taken = new Set(meter.globals);
  /** Of nobody else so far. */
  const own = (reader: Listing): number => {
    const global = reader.take(Op.globalGet);
    const is = module.globals[global];
    if (taken.has(global) || is?.valType !== ValType.i32 || !is.mutable) reader.fail();
    taken.add(global);
    reader.finish();
    return global;
  };
  const globals = {
    row: own(new Listing(module, row, [])),
    used: own(new Listing(module, driven, [])),
    taken,
  };
  for (const drive of drives) {
    const callee = verifyDriver(module, drive, globals, meter);
    const own = [meter.begin, meter.remaining, row, driven, ...drives];
    if (own.includes(callee)) throw refusal(drive, 0);
  }
}

/** @returns the function that it calls, one of the module's own. */
function verifyDriver(
  module: WasmModule,
  drive: number,
  globals: DriverGlobals,
  meter: Meter,
): number {
  const code = new Listing(module, drive, [3, 4]);
  const guests = (global: number): number => {
    if (globals.taken.has(global)) code.fail();
    return global;
  };
  const element = (shift?: number): void => {
    code.get(window);
    if (shift === undefined && code.is(Op.localGet, at)) code.get(at);
    else code.get(from);
    if (shift !== undefined || code.is(Op.i32Const)) {
      const by = code.take(Op.i32Const);
      if (by < 0 || by > 3 || (shift !== undefined && by !== shift)) code.fail();
      code.op(Op.i32Shl);
    }
    code.op(Op.i32Add);
  };
  code.op(Op.i32Const, 0).op(Op.globalSet, globals.used);
  // What each row uses, where it says that all use the same.
  const cost = code.is(Op.block) ? undefined : beforeSteadyRows(code);
  if (cost === undefined) code.op(Op.block, emptyBlockType - 0x80);
  code.op(Op.loop, emptyBlockType - 0x80);
  code.get(from).get(to).op(greaterOrEqualUnsigned).op(Op.brIf, 1);
  // Before each row, or before whatever may leave it.
  const tellsLate = !code.is(Op.localGet, from);
  const tellRow = (): Listing => code.get(from).op(Op.globalSet, globals.row);
  const tellUsed = (): void => {
    if (cost === undefined) code.get(used);
    else code.get(from).get(first).op(Op.i32Sub).op(Op.i32Const, cost).op(multiply);
    code.op(Op.globalSet, globals.used);
  };
  const tellLate = (): void => {
    tellRow();
    tellUsed();
  };
  if (!tellsLate && cost !== undefined) tellLate();
  else if (!tellsLate) tellRow();
  // What a stop is called doesn't make it one: where nothing that goes on notes a reason, none is cleared.
  if (code.is(Op.i32Const)) code.op(Op.i32Const, 0).op(Op.globalSet, meter.stop);
  // The row's handle, and what functions look up: globals of the guest's side.
  const resting: number[] = [];
  if (code.is(Op.localGet, window)) {
    element(2);
    code.op(load, 2);
    if (code.is(Op.localSet)) code.op(Op.localSet, self);
    else {
      code.op(Op.localTee, self);
      if (code.is(Op.i32Const)) {
        // Rows by the entity's index.
        code.take(Op.i32Const);
        code.op(bitwiseAnd).op(Op.localSet, at);
        if (code.is(Op.localGet, self)) {
          const { position } = code;
          code.get(self);
          if (code.is(Op.globalSet)) resting.push(guests(code.take(Op.globalSet)));
          else code.position = position;
        }
      } else resting.push(guests(code.take(Op.globalSet)));
    }
    while (resting.length > 0 && code.is(Op.localGet, window)) {
      const start = code.position;
      element();
      if (!code.is(Op.globalSet)) {
        code.position = start;
        break;
      }
      resting.push(guests(code.take(Op.globalSet)));
    }
  }
  // A function that takes nothing else is handed the slice in the same place.
  const { position } = code;
  const bySlice = code.is(Op.localGet, slice) && code.get(slice).is(Op.globalSet, meter.fuel);
  if (bySlice) {
    code.op(Op.globalSet, meter.fuel);
    if (code.is(Op.localGet, depthLeft)) code.get(depthLeft).op(Op.globalSet, meter.depth);
  } else code.position = position;
  // The call's arguments, the slice and the depth last; types are the engine's to check.
  if (code.is(Op.localGet, self)) code.get(self);
  while (code.is(Op.localGet, window)) element();
  let deep = false;
  if (!bySlice) {
    code.get(slice);
    deep = code.is(Op.localGet, depthLeft);
    if (deep) code.get(depthLeft);
  }
  const isInlined = code.is(Op.i32Const);
  if ((tellsLate || cost !== undefined) && !isInlined) code.fail();
  const callee = isInlined
    ? verifyInlined(module, code, tellsLate ? tellLate : undefined)
    : code.take(Op.call);
  if (callee < module.importedFunctionCount) code.fail();
  if (bySlice && code.is(Op.globalGet, meter.fuel)) code.op(Op.globalGet, meter.fuel);
  else if (bySlice) {
    code.get(slice);
    if (code.take(Op.i32Const) < 0) code.fail();
    code.op(Op.i32Sub);
  }
  if (cost === undefined) {
    behindRow(code, tellsLate ? undefined : globals.used);
    if (tellsLate) tellUsed();
  } else {
    if (bySlice || !takesHanded(module, callee, deep, cost)) code.fail();
    code.op(Op.drop).get(from).op(Op.i32Const, 1).op(Op.i32Add).op(Op.localSet, from);
    code.op(Op.br, 0).op(Op.end).op(Op.end);
    tellUsed();
  }
  code.get(left).op(Op.globalSet, meter.fuel);
  for (const global of resting) {
    code.take(Op.i32Const);
    code.op(Op.globalSet, global);
  }
  code.get(from);
  code.finish();
  return callee;
}

/** Behind a row, whose result sums up what it used; up to where no row is left. */
function behindRow(code: Listing, told: number | undefined): void {
  code.op(Op.localSet, left);
  code.get(used).get(slice).op(Op.i32Add).get(left).op(Op.i32Sub);
  if (told === undefined) code.op(Op.localSet, used);
  else code.op(Op.localTee, used).op(Op.globalSet, told);
  code.get(from).op(Op.i32Const, 1).op(Op.i32Add).op(Op.localSet, from);
  code.get(left).op(Op.i32Const, 0).op(Op.i32LtS).op(Op.brIf, 1);
  code.get(used).get(look).op(Op.i32LtU).op(Op.brIf, 0);
  code.op(Op.end).op(Op.end);
}

/**
 * Before rows that all use the same: what one leaves of its slice, and how many there are: until they have used what the
 * host has named together, the first one alone where it overdraws its slice, and none behind `to`.
 * @returns what it says that each uses.
 */
function beforeSteadyRows(code: Listing): number {
  code.get(from).op(Op.localSet, first);
  code.op(Op.block, emptyBlockType - 0x80);
  code.get(from).get(to).op(greaterOrEqualUnsigned).op(Op.brIf, 0);
  code.get(look).get(look).op(Op.i32Const, 0).op(notEqual).op(Op.i32Sub);
  const cost = code.take(Op.i32Const);
  if (cost <= 0) code.fail();
  code.op(divideUnsigned).op(Op.i32Const, 1).op(Op.i32Add);
  code.op(Op.i32Const, 1);
  code.get(slice).op(Op.i32Const, cost).op(Op.i32Sub).op(Op.localTee, left);
  code.op(Op.i32Const, 0).op(Op.i32GeS).op(Op.select).op(Op.localTee, rows);
  code.get(from).op(Op.i32Add).get(to);
  code.get(rows).get(to).get(from).op(Op.i32Sub).op(Op.i32LtU).op(Op.select).op(Op.localSet, to);
  return cost;
}

/** Whether a function, handed the slice last or before the depth, gives back that without `cost` however it ends. */
function takesHanded(module: WasmModule, callee: number, deep: boolean, cost: number): boolean {
  const body = module.bodies[callee - module.importedFunctionCount] as Body;
  const type = module.types[module.functionTypes[callee] as number] as FuncType;
  if (type.results.length !== 1) return false;
  const cursor = new InstructionCursor(module.bytes);
  cursor.seek(body.codeStart, body.end);
  return takesAlways(cost, cursor, type.params.length - (deep ? 2 : 1));
}

/**
 * Proves that the code behind a call's arguments does what the function does whose index it begins with: it is that one's,
 * instruction by instruction, with locals of its own.
 * @param tell takes what has to stand before each instruction that may leave the row, where that isn't known before; then
 * nothing else may trap but accesses at addresses that the driver has handed over.
 * @returns the function.
 */
function verifyInlined(module: WasmModule, code: Listing, tell?: () => unknown): number {
  const callee = code.take(Op.i32Const);
  code.op(Op.drop);
  const body = module.bodies[callee - module.importedFunctionCount];
  const type = module.types[module.functionTypes[callee] as number];
  if (callee < module.importedFunctionCount || body === undefined || type === undefined)
    code.fail();
  const runs = readLocalRuns(new ByteReader(module.bytes, body.start, body.end));
  const { params: given } = type;
  const first = driverParams + code.ownLocals(given, runs);
  for (let n = given.length - 1; n >= 0; n--) code.op(Op.localSet, first + n);
  let local = first + given.length;
  for (const [count, valType] of runs) {
    for (let n = 0; n < count; n++) code.zero(valType).op(Op.localSet, local++);
  }
  code.op(Op.block);
  const cursor = new InstructionCursor(module.bytes);
  cursor.seek(body.codeStart, body.end);
  let depth = 0;
  while (!cursor.done) {
    cursor.next();
    switch (cursor.op) {
      case Op.localGet:
      case Op.localSet:
      case Op.localTee:
        code.op(cursor.op, first + cursor.a);
        break;
      case Op.return_:
        code.op(Op.br, depth);
        break;
      case Op.returnCall:
      case Op.returnCallIndirect:
        code.fail();
        break;
      case Op.call:
      case Op.callIndirect:
      case Op.unreachable:
        tell?.();
        code.same(cursor.start, cursor.end);
        break;
      default:
        if (tell !== undefined && mayTrap(cursor.op)) code.fail();
        if (cursor.op === Op.block || cursor.op === Op.loop || cursor.op === Op.if_) depth++;
        if (cursor.op === Op.end) depth--;
        code.same(cursor.start, cursor.end);
    }
  }
  return callee;
}

/** Divisions, truncations, whatever has to do with tables, and vectors. Accesses of memory are the host's to answer for. */
function mayTrap(op: number): boolean {
  if (op >= 0x6d && op <= 0x70) return true;
  if (op >= 0x7f && op <= 0x82) return true;
  if (op >= 0xa8 && op <= 0xb1) return op !== 0xac && op !== 0xad;
  return op === Op.memoryGrow || op === Op.tableGet || op === Op.tableSet || op > 0xc4;
}
