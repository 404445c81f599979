import type { AdmittedModule } from "../admission/admit.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import { type GuestFrame, maxStackFrames, type SourceLocation } from "../fault.ts";
import type { MeteredModule } from "../metering/meter.ts";
import { SectionId, type WasmModule } from "../wasm/module.ts";
import { readFunctionNames } from "../wasm/names.ts";
import type { LoweredModule } from "../windows/module-lowering.ts";
import { ScriptMap } from "./script-map.ts";

/** `wasm://wasm/3f2a:wasm-function[12]:0x1a3` in V8 and JavaScriptCore, `…:wasm-function[12]:0x1a3` in SpiderMonkey. */
const framePattern = /wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;

/** Turns an engine's stack traces into a script's source positions. */
export class Locator {
  readonly #metered: MeteredModule;
  readonly #map: ScriptMap | undefined;
  readonly #lowered: LoweredModule | undefined;
  /** As it came; offsets and functions are looked up in it. */
  readonly #module: WasmModule;
  #names: Map<number, string> | undefined;

  constructor(
    metered: MeteredModule,
    lowered: LoweredModule | undefined,
    original: AdmittedModule,
    sourceMap: SourceMapV3 | undefined,
  ) {
    this.#metered = metered;
    this.#map = sourceMap === undefined ? undefined : new ScriptMap(sourceMap);
    this.#lowered = lowered;
    this.#module = original.module;
  }

  /** The guest frames of an error's stack trace, innermost first; of the innermost module only. */
  frames(error: Error | undefined): GuestFrame[] {
    const frames: GuestFrame[] = [];
    let module: string | undefined;
    for (const line of traceOf(error).split("\n")) {
      const match = framePattern.exec(line);
      if (match === null) continue;
      const before = line.slice(0, match.index);
      const url = before.slice(Math.max(before.lastIndexOf(" "), before.lastIndexOf("(")) + 1);
      module ??= url;
      if (url !== module) break;
      const frame = this.#frame(Number(match[1]), Number.parseInt(match[2] as string, 16));
      if (frame !== undefined) frames.push(frame);
      if (frames.length === maxStackFrames) break;
    }
    return frames;
  }

  /** Where an offset in the original module comes from; undefined where no source map says. Never throws. */
  locate(originalOffset: number): SourceLocation | undefined {
    return this.#map?.locate(originalOffset);
  }

  #frame(meteredFunction: number, meteredOffset: number): GuestFrame | undefined {
    let original = this.#metered.originalFunction(meteredFunction, meteredOffset);
    let offset = this.#metered.offsets.toOriginal(meteredOffset);
    if (this.#lowered !== undefined && original !== undefined && offset !== undefined) {
      original = this.#lowered.originalFunction(original);
      offset = this.#lowered.offsets.toOriginal(offset);
    }
    // Thunks and the meter's own functions are no frames of the guest.
    if (original === undefined || offset === undefined) return undefined;
    const location = this.#locateInFunction(original, offset);
    const functionName = this.functionName(original);
    return location === undefined ? { functionName } : { functionName, location };
  }

  /**
   * A library's code may be inlined into the script's function, a bounds check for one: then the
   * place that it was inlined at says more, and that is what stands before it.
   */
  #locateInFunction(functionIndex: number, offset: number): SourceLocation | undefined {
    const location = this.locate(offset);
    if (location === undefined || !isLibrary(location.file)) return location;
    const module = this.#module;
    const start = module.bodies[functionIndex - module.importedFunctionCount]?.codeStart;
    if (start === undefined || this.#isLibraryFunction(functionIndex)) return location;
    const nearest = this.#map?.lastBefore(offset, start, (source) => !isLibrary(source));
    return nearest === undefined ? location : (this.locate(nearest) ?? location);
  }

  #isLibraryFunction(index: number): boolean {
    this.#names ??= this.#readNames();
    return isLibrary(this.#names.get(index) ?? "");
  }

  /** A function's name; the index is the original module's. */
  functionName(index: number): string {
    this.#names ??= this.#readNames();
    const name = this.#names.get(index);
    if (name === undefined) return `wasm-function[${index}]`;
    return name.slice(name.lastIndexOf("/") + 1).slice(0, maxNameLength);
  }

  #readNames(): Map<number, string> {
    const module = this.#module;
    const section = module.sections.find((s) => s.id === SectionId.custom && s.name === "name");
    if (section === undefined) return new Map();
    return readFunctionNames(module.bytes, section.dataStart, section.end);
  }
}

/**
 * An error's stack trace without its message, which V8 puts in front of it: a message may be a guest's
 * text, and look like frames.
 */
function traceOf(error: Error | undefined): string {
  const stack: unknown = error?.stack;
  const message: unknown = error?.message;
  if (typeof stack !== "string") return "";
  if (typeof message !== "string" || message === "") return stack;
  const at = stack.indexOf(message);
  // Only `name: ` stands before it, on the same line.
  return at < 0 || stack.lastIndexOf("\n", at) >= 0 ? stack : stack.slice(at + message.length);
}

/** Sources that come with the compiler, and not with the script. */
const libraryPrefix = "~lib/";

function isLibrary(name: string): boolean {
  return name.startsWith(libraryPrefix);
}

/** Longest function name in a fault, in UTF-16 units. */
const maxNameLength = 200;

/** The innermost position in the script's own files; failing that, in the standard library. */
export function pickLocation(frames: readonly GuestFrame[]): GuestFrame | undefined {
  const own = frames.find((f) => f.location !== undefined && !isLibrary(f.location.file));
  return own ?? frames.find((f) => f.location !== undefined) ?? frames[0];
}
