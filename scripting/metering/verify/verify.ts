import { VerifyError } from "../../errors.ts";
import { ExternKind, type FunctionUse, funcTypeKey, type WasmModule } from "../../wasm/module.ts";
import { ValType } from "../../wasm/op.ts";
import { parseModule } from "../../wasm/parse.ts";
import { WasmFormatError } from "../../wasm/reader.ts";
import {
  beginExport,
  depthExport,
  drivenExport,
  drivePrefix,
  fuelExport,
  meterModule,
  priceExport,
  refillName,
  remainingExport,
  reservedPrefix,
  rowExport,
  startExport,
  stopExport,
} from "../protocol.ts";
import { verifyBodies } from "./bodies.ts";
import { type DriverIndices, verifyDrivers } from "./driver.ts";

const readerExports = [rowExport, drivenExport];
const hostOnlyExports = [beginExport, remainingExport, ...readerExports];

/** Key of `(i32) -> i32`. */
const refillType = funcTypeKey({ params: [ValType.i32], results: [ValType.i32] });

/** The meter's indices in a metered module, as its imports and exports declare them. */
export interface MeterIndices {
  readonly refill: number;
  /** Functions by which the host sets and reads the fuel; the guest must not reach them. */
  readonly begin: number;
  readonly remaining: number;
  /** Those of the drivers, where there are any. */
  readonly driver: DriverIndices | undefined;
  readonly fuel: number;
  readonly depth: number;
  readonly stop: number;
  /** Price global → index of the imported function it is the price of. */
  readonly prices: ReadonlyMap<number, number>;
  /** Every global above: nothing of the guest's may touch them. */
  readonly globals: ReadonlySet<number>;
}

/**
 * Proves of a metered module, from its bytes alone, that it can be stopped everywhere:
 *
 * - every cycle within a function passes a check, or a branch taken only while fuel is left, and
 *   charges something on every way round;
 * - every cycle of calls, indirect and tail calls included, passes a check of fuel and depth, and
 *   charges on the way;
 * - forward code between two checks is bounded, over calls too;
 * - operations whose time grows with a length are charged by it, and checked, before they run;
 * - host calls are charged their price;
 * - fuel is never given back: the local that holds it is written by the meter's sequences alone,
 *   handed to and taken from callees, and stored before control leaves the function;
 * - the guest reaches none of the meter's names, and memory and tables are capped.
 *
 * Shares the reader with the meter, and nothing else. It doesn't prove that charges are exact.
 * @throws VerifyError with function and offset.
 */
export function verify(bytes: Uint8Array): void {
  try {
    const module = parseModule(bytes);
    const indices = findIndices(module);
    checkNames(module, indices);
    checkCaps(module);
    if (indices.driver !== undefined) verifyDrivers(module, indices.driver, indices);
    verifyBodies(module, indices);
  } catch (error) {
    if (error instanceof WasmFormatError) throw new VerifyError(-1, error.offset, error.message);
    throw error;
  }
}

function fail(message: string, offset = 0): never {
  throw new VerifyError(-1, offset, message);
}

function isDriver(exportName: string): boolean {
  return exportName.startsWith(drivePrefix);
}

function findIndices(module: WasmModule): MeterIndices {
  const meters = module.imports.filter((i) => i.module.startsWith(reservedPrefix));
  const [refill] = meters;
  if (meters.length !== 1 || refill?.module !== meterModule || refill.name !== refillName) {
    fail("the meter's import is missing, or isn't the only one with a reserved name");
  }
  if (refill.kind !== ExternKind.func) fail("refill is no function", refill.offset);
  const type = module.types[refill.typeIndex];
  if (type === undefined || funcTypeKey(type) !== refillType) {
    fail("refill isn't (i32) -> i32", refill.offset);
  }
  const functions = module.imports.filter((i) => i.kind === ExternKind.func);
  const global = (name: string): number => {
    const found = module.exports.find((e) => e.name === name);
    if (found === undefined) fail(`no export "${name}"`);
    const is = module.globals[found.index];
    const own = found.index >= module.importedGlobalCount;
    if (found.kind !== ExternKind.global || is?.valType !== 0x7f || !is.mutable || !own) {
      fail(`"${name}" is no mutable i32 global of the module`, found.offset);
    }
    return found.index;
  };
  const prices = new Map<number, number>();
  functions.forEach((f, i) => {
    if (f !== refill) prices.set(global(priceExport(i)), i);
  });
  const [fuel, depth, stop] = [global(fuelExport), global(depthExport), global(stopExport)];
  const globals = new Set([fuel, depth, stop, ...prices.keys()]);
  if (globals.size !== 3 + functions.length - 1) fail("two of the meter's globals are one");
  const own = (name: string): number => {
    const found = module.exports.find((e) => e.name === name);
    if (found?.kind !== ExternKind.func || found.index < module.importedFunctionCount) {
      fail(`no function "${name}" of the module`);
    }
    return found.index;
  };
  const [begin, remaining] = [own(beginExport), own(remainingExport)];
  const names = module.exports.map(({ name }) => name);
  const drives = names.filter(isDriver).map(own);
  const driver =
    drives.length > 0 || names.some((name) => readerExports.includes(name))
      ? { row: own(rowExport), driven: own(drivenExport), drives }
      : undefined;
  // The core knows them by the first one and their number.
  const { row, driven } = driver ?? { row: 0, driven: 1 };
  if (driven !== row + 1 || drives.some((index, n) => index !== driven + 1 + n)) {
    fail("the drivers and their readers don't stand one behind the other");
  }
  return {
    refill: functions.indexOf(refill),
    begin,
    remaining,
    driver,
    fuel,
    depth,
    stop,
    prices,
    globals,
  };
}

function checkNames(module: WasmModule, indices: MeterIndices): void {
  if (module.startFunction !== undefined) fail("a start function would run before any limit");
  const functions = module.importedFunctionCount;
  const checkOwn = (index: number, offset: number): void => {
    const { begin, remaining, driver } = indices;
    const own = [begin, remaining, driver?.row, driver?.driven, ...(driver?.drives ?? [])];
    if (!own.includes(index)) return;
    fail("a function that sets or reads the fuel is handed out", offset);
  };
  for (const e of module.exports) {
    const reserved = e.name.startsWith(reservedPrefix);
    if (e.kind === ExternKind.global && !reserved && indices.globals.has(e.index)) {
      fail(`export "${e.name}" hands out a global of the meter`, e.offset);
    }
    // Imports run unpriced when the host, or a table, reaches them directly.
    if (e.kind === ExternKind.func && e.index < functions) {
      fail(`export "${e.name}" hands out an imported function`, e.offset);
    }
    const hostOnly = hostOnlyExports.includes(e.name) || isDriver(e.name);
    if (reserved && e.kind === ExternKind.func && e.name !== startExport && !hostOnly) {
      fail(`export "${e.name}" has a reserved name`, e.offset);
    }
    if (e.kind === ExternKind.func && !hostOnly) checkOwn(e.index, e.offset);
  }
  for (let i = 0; i < module.functionUses.length; i++) {
    const use = module.functionUses[i] as FunctionUse;
    if (use.functionIndex < functions) {
      fail("an element or initialiser refers to an imported function", use.start);
    }
    checkOwn(use.functionIndex, use.start);
  }
}

function checkCaps(module: WasmModule): void {
  for (const memory of module.memories)
    if (memory.max === undefined) fail("memory without maximum");
  for (const table of module.tables) if (table.max === undefined) fail("table without maximum");
}
