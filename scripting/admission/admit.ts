import { AdmissionError } from "../errors.ts";
import { limitProfiles, type ResourceLimits, resolveLimits } from "../limits.ts";
import { core } from "../metering/meter-core.ts";
import { reservedPrefix } from "../metering/protocol.ts";
import { shownText } from "../shown-text.ts";
import type { Body, WasmModule } from "../wasm/module.ts";
import { parseModule } from "../wasm/parse.ts";
import { WasmFormatError } from "../wasm/reader.ts";
import { checkRoom, maxSections } from "./engine-limits.ts";

const made = Symbol("admitted");

/** A module that may be metered. Only {@link admit} makes one. */
export interface AdmittedModule {
  readonly [made]: true;
  /** A copy of the bytes that were admitted; later changes to the caller's don't reach it. */
  readonly bytes: Uint8Array;
  readonly limits: ResourceLimits;
  readonly module: WasmModule;
}

export interface AdmitOptions {
  /** Sizes are held against these; memory and tables are capped by them. Default: `production`. */
  readonly limits?: Partial<ResourceLimits>;
}

export const pageBytes = 65_536;

/** Whole pages that a memory limit allows; 65,536 are the most that 32 bits can address. */
export function limitPages(limits: ResourceLimits): number {
  return Math.min(65_536, Math.floor(limits.memoryBytes / pageBytes));
}

/**
 * Decides, before anything runs, whether a module may run: parses all of it, refuses denied
 * features by name, unknown opcodes, reserved names and sizes above the limits, and has the
 * engine validate it.
 * @throws AdmissionError with code and offset.
 * @throws TypeError when `bytes` is no byte array; RangeError for limits that make no sense.
 */
export function admit(
  bytes: ArrayBufferLike | ArrayBufferView,
  options: AdmitOptions = {},
): AdmittedModule {
  const limits = resolveLimits(limitProfiles.production, options.limits);
  return admitCopy(copyBytes(bytes, limits), limits);
}

/** Admits bytes that nobody else can change. */
export function admitCopy(copy: Uint8Array, limits: ResourceLimits): AdmittedModule {
  try {
    const module = parseModule(copy, maxSections);
    checkSizes(module, limits);
    checkRoom(module);
    checkNames(module);
    core.scan(module);
    if (!WebAssembly.validate(copy as BufferSource)) {
      throw new AdmissionError("invalid", 0, engineReason(copy));
    }
    return { [made]: true, bytes: copy, limits, module };
  } catch (error) {
    if (error instanceof WasmFormatError) throw asAdmissionError(error);
    throw error;
  } finally {
    core.rest();
  }
}

/** What the host itself has made of an admitted module, under the same limits. */
export function admitLowered({ limits }: AdmittedModule, bytes: Uint8Array): AdmittedModule {
  return { [made]: true, bytes, limits, module: parseModule(bytes) };
}

/**
 * The bytes of a module as they are now.
 * @throws AdmissionError when they are more than the limits allow; TypeError when they are no byte array.
 */
export function copyBytes(
  bytes: ArrayBufferLike | ArrayBufferView,
  limits: ResourceLimits,
): Uint8Array {
  const isBuffer =
    bytes instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" && bytes instanceof SharedArrayBuffer);
  if (!isBuffer && !ArrayBuffer.isView(bytes)) {
    throw new TypeError("admit wants the module's bytes: an ArrayBuffer or a view of one");
  }
  if (bytes.byteLength > limits.moduleBytes) {
    throw new AdmissionError(
      "too-large",
      0,
      `the module has ${bytes.byteLength} bytes, moduleBytes allows ${limits.moduleBytes}`,
    );
  }
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.slice();
}

function checkSizes(module: WasmModule, limits: ResourceLimits): void {
  const pages = limitPages(limits);
  for (const memory of module.memories) {
    if (memory.min > pages) {
      throw new AdmissionError(
        "too-large",
        0,
        `the module starts with ${memory.min * pageBytes} bytes of memory, ` +
          `memoryBytes allows ${pages * pageBytes}`,
      );
    }
  }
  for (const table of module.tables) {
    if (table.min > limits.tableElements) {
      throw new AdmissionError(
        "too-large",
        0,
        `a table starts with ${table.min} elements, tableElements allows ${limits.tableElements}`,
      );
    }
  }
  if (module.activeElementCount > limits.tableElements) {
    throw new AdmissionError(
      "too-large",
      0,
      `tables are filled with ${module.activeElementCount} elements, ` +
        `tableElements allows ${limits.tableElements}`,
    );
  }
  for (let i = 0; i < module.bodies.length; i++) {
    const body = module.bodies[i] as Body;
    if (body.end - body.start > limits.functionBytes) {
      throw new AdmissionError(
        "too-large",
        body.start,
        `function ${i + module.importedFunctionCount} has ${body.end - body.start} bytes, ` +
          `functionBytes allows ${limits.functionBytes}`,
      );
    }
  }
}

function checkNames(module: WasmModule): void {
  const reserved = (name: string, offset: number, what: string): void => {
    if (!name.startsWith(reservedPrefix)) return;
    throw new AdmissionError(
      "reserved-name",
      offset,
      `the ${what} "${shownText(name)}" takes a name reserved for the meter ("${reservedPrefix}…")`,
    );
  };
  for (const i of module.imports) {
    reserved(i.module, i.offset, "import module");
    reserved(i.name, i.offset, "import");
  }
  for (const e of module.exports) reserved(e.name, e.offset, "export");
}

/** Longest reason of an engine's, in UTF-16 units: there are names of the guest's in it. */
const maxReason = 300;

/** The engine's own words for why it refuses, without the name of the API that says them. */
function engineReason(bytes: Uint8Array): string {
  try {
    new WebAssembly.Module(bytes as BufferSource);
  } catch (error) {
    if (error instanceof Error) {
      return shownText(error.message.replace(/^WebAssembly\.Module\(\): /, ""), maxReason);
    }
  }
  return "the engine refuses it";
}

const codes = {
  malformed: "malformed",
  unknown: "unknown-opcode",
  denied: "denied-feature",
  limit: "too-large",
} as const;

function asAdmissionError(error: WasmFormatError): AdmissionError {
  const denied = error.reason === "denied" ? "denied feature: " : "";
  return new AdmissionError(codes[error.reason], error.offset, denied + error.message);
}
