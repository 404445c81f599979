import { Core, type CoreExports } from "../../core/core.ts";
import { verifyCore } from "../../core/verify-core.ts";
import { VerifyError } from "../../errors.ts";
import { type Body, canonicaliseTypes, ExternKind, type WasmModule } from "../../wasm/module.ts";
import { ValType } from "../../wasm/op.ts";
import { refuseInstruction } from "../../wasm/refusal.ts";
import { claimsSection, orderSection } from "../protocol.ts";
import { Objection } from "./objections.ts";
import type { MeterIndices } from "./verify.ts";

/** What the core exports: see core/verify.as.ts. */
interface VerifyCoreExports extends CoreExports {
  begin(
    pieceBytes: number,
    importedFunctions: number,
    bodyCount: number,
    typeCount: number,
    globalCount: number,
    useCount: number,
    exportCount: number,
  ): number;
  setMeter(
    refill: number,
    begin: number,
    remaining: number,
    fuel: number,
    depth: number,
    stop: number,
  ): void;
  setDrivers(first: number, count: number): void;
  verify(claims: number, orderStart: number, orderEnd: number, hostHandles: boolean): void;
}

const texts: Readonly<Record<Objection, string>> = {
  [Objection.unexpectedEnd]: "unexpected end",
  [Objection.overlongOrder]: "u32 too long or too large",
  [Objection.noClaims]: "the meter's claims are missing",
  [Objection.noOrder]: "the order of calls is missing",
  [Objection.notAllFunctions]: "the order of calls isn't one of all functions",
  [Objection.threadedOutside]: "takes fuel as a parameter, yet can be reached from outside",
  [Objection.tablesDiffer]: "functions in tables differ in how they take their fuel",
  [Objection.typeDiffersInDepth]: "functions of one type differ in depth",
  [Objection.notOwn]: "not the meter's own function",
  [Objection.strayInThunk]: "neither a thunk nor a metered function",
  [Objection.behindEnd]: "code behind the function's end",
  [Objection.noEnd]: "the function doesn't end",
  [Objection.lateDepth]: "a function checks its depth too late",
  [Objection.unwinding]: "more than 8192 instructions in each unwound frame",
  [Objection.unchecked]: "more than 250000 instructions without a check",
  [Objection.noBlock]: "a branch to no block",
  [Objection.loopWithoutFuel]: "a loop in a function without fuel",
  [Objection.uncheckedCycle]: "a cycle passes no check",
  [Objection.freeCycle]: "a cycle charges nothing on some way round",
  [Objection.uncheckedGroupCall]: "a call within its group before fuel and depth are checked",
  [Objection.freeCall]: "a call before anything was charged",
  [Objection.claimedBehind]: "a call into a function that is claimed to come behind its callers",
  [Objection.uncheckedCallCycle]: "a cycle of calls passes no check of fuel and depth",
  [Objection.tailCallThreaded]: "a tail call would lose the fuel that is handed back",
  [Objection.tailCallHost]: "an unpriced host call",
  [Objection.tailCallFuel]: "a tail call without fuel",
  [Objection.tailCallTable]: "a tail call into a table that wants fuel",
  [Objection.callOwn]: "a call of a function that sets or reads the fuel",
  [Objection.strayReference]: "a reference to a function that may not be reached from outside",
  [Objection.lengthUncharged]: "an operation priced by length runs without its charge",
  [Objection.notTaken]: "what is taken from the fuel isn't a constant of at least 0",
  [Objection.fuelWrite]: "fuel is written outside of the meter's sequences",
  [Objection.depthWrite]: "depth is written outside of the meter's sequences",
  [Objection.globalWrite]: "a global of the meter is written outside of the meter's sequences",
  [Objection.globalRead]: "a global of the meter is read outside of the meter's sequences",
  [Objection.strayRefill]: "refill outside of a check",
  [Objection.wrongPrice]: "a host call at no price, or another's",
  [Objection.depthLost]: "depth is lost",
  [Objection.depthNotPassed]: "a call that doesn't pass the depth on",
  [Objection.fuelNotPassed]: "a call that doesn't pass the fuel on",
  [Objection.fuelNotTaken]: "a call whose fuel isn't taken back",
  [Objection.indirectNotPassed]: "an indirect call that doesn't pass fuel and depth on",
  [Objection.notStored]: "control leaves with the fuel not stored",
  [Objection.unpriced]: "an unpriced host call",
  [Objection.storedOther]: "what is stored isn't the fuel",
  [Objection.notReloaded]: "the fuel isn't read again behind a call",
  [Objection.notHandedBack]: "the function ends without handing its fuel back",
};

/** The bytes that the core works on, and its memory. */
let bytes: Uint8Array = new Uint8Array();
let memory: WebAssembly.Memory | undefined;
/** All of it; of no length once it has grown. */
let view = new Uint8Array();

const core = new Core<VerifyCoreExports>(verifyCore, {
  host: {
    refuse(functionIndex: number, offset: number, objection: Objection): never {
      throw new VerifyError(functionIndex, offset, texts[objection]);
    },
    copyBytes(start: number, end: number, to: number): void {
      if (view.length === 0) view = new Uint8Array((memory as WebAssembly.Memory).buffer);
      // Thunks are shorter than a view of them takes to make.
      if (end - start <= 32)
        for (let i = start; i < end; i++) view[to + i - start] = bytes[i] as number;
      else view.set(bytes.subarray(start, end), to);
    },
    refuseInstruction: (start: number, end: number) => refuseInstruction(bytes, start, end),
  },
});

/** See {@link Core.prepare}. */
export function prepareVerifier(): Promise<void> {
  return core.prepare();
}

/**
 * Verifies every function of a metered module, in the core.
 * @throws VerifyError, or WasmFormatError for an instruction that can't be read.
 */
export function verifyBodies(module: WasmModule, meter: MeterIndices): void {
  bytes = module.bytes;
  try {
    core.use((exports) => {
      const claims = module.sections.find((s) => s.name === claimsSection);
      const start = claims === undefined ? -1 : claims.end - module.bodies.length;
      const missing = claims === undefined || start < claims.dataStart;
      const order = module.sections.find((s) => s.name === orderSection);
      memory = exports.memory;
      view = new Uint8Array();
      const orderBytes = order === undefined ? 0 : order.end - order.dataStart;
      handOver(module, meter, exports, Math.max(module.bodies.length, orderBytes));
      exports.verify(
        missing ? -1 : start,
        order?.dataStart ?? -1,
        order?.end ?? -1,
        hostHandlesFunctions(module),
      );
    });
  } finally {
    core.rest();
    bytes = new Uint8Array();
    memory = undefined;
    view = new Uint8Array();
  }
}

function handOver(
  module: WasmModule,
  meter: MeterIndices,
  core: VerifyCoreExports,
  sectionBytes: number,
): void {
  const { bodies, types, globals, functionTypes, functionUses } = module;
  const exported = module.exports.filter((e) => e.kind === ExternKind.func);
  let largest = sectionBytes;
  for (let f = 0; f < bodies.length; f++) {
    const { codeStart, end } = bodies[f] as Body;
    if (end - codeStart > largest) largest = end - codeStart;
  }
  let at = core.begin(
    largest,
    module.importedFunctionCount,
    bodies.length,
    types.length,
    globals.length,
    functionUses.length,
    exported.length,
  );
  const { buffer } = core.memory;
  const list = (count: number): Int32Array => {
    const values = new Int32Array(buffer, at, count);
    at += count * 4;
    return values;
  };
  const spans = list(bodies.length * 2);
  for (let f = 0; f < bodies.length; f++) {
    const { codeStart, end } = bodies[f] as Body;
    spans[f * 2] = codeStart;
    spans[f * 2 + 1] = end;
  }
  list(functionTypes.length).set(functionTypes);
  const params = list(types.length);
  types.forEach((type, t) => {
    params[t] = type.params.length;
  });
  list(types.length).set(canonicaliseTypes(types));
  const prices = list(globals.length).fill(0);
  for (const [global, functionIndex] of meter.prices) prices[global] = functionIndex + 1;
  const uses = list(functionUses.length);
  functionUses.forEach((use, i) => {
    uses[i] = use.functionIndex;
  });
  const exports = list(exported.length);
  exported.forEach((e, i) => {
    exports[i] = e.index;
  });
  core.setMeter(meter.refill, meter.begin, meter.remaining, meter.fuel, meter.depth, meter.stop);
  const { driver } = meter;
  if (driver !== undefined) core.setDrivers(driver.row, 2 + driver.drives.length);
}

/** Whether function references can pass between host and module. */
function hostHandlesFunctions(module: WasmModule): boolean {
  const funcref = ValType.funcref as number;
  const passes = module.types.map((t) => t.params.includes(funcref) || t.results.includes(funcref));
  return (
    module.imports.some((i) => i.kind === ExternKind.table) ||
    module.imports.some((i) => i.kind === ExternKind.global && i.global.valType === funcref) ||
    module.exports.some((e) => e.kind === ExternKind.table) ||
    module.exports.some(
      (e) => e.kind === ExternKind.global && module.globals[e.index]?.valType === funcref,
    ) ||
    // Of functions; those of blocks pass nothing to the host, and the meter adds some.
    (passes.includes(true) && module.functionTypes.some((type) => passes[type]))
  );
}
