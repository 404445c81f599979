import {
  decodedMappings,
  originalPositionFor,
  sourceContentFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { SourceMapV3 } from "../compile/source.ts";
import { type GuestFrame, maxStackFrames, type SourceLocation } from "../fault.ts";
import type { MeteredModule } from "../metering/meter.ts";
import { SectionId } from "../wasm/module.ts";
import { readFunctionNames } from "../wasm/names.ts";

/** `wasm://wasm/3f2a:wasm-function[12]:0x1a3` in V8 and JavaScriptCore, `…:wasm-function[12]:0x1a3` in SpiderMonkey. */
const framePattern = /wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;

/** Turns an engine's stack traces into a script's source positions. */
export class Locator {
  readonly #metered: MeteredModule;
  readonly #sourceMap: SourceMapV3 | undefined;
  #trace: TraceMap | undefined;
  #names: Map<number, string> | undefined;

  constructor(metered: MeteredModule, sourceMap: SourceMapV3 | undefined) {
    this.#metered = metered;
    this.#sourceMap = sourceMap;
  }

  /** The guest frames of a stack trace, innermost first; of the innermost module only. */
  frames(stack: string | undefined): GuestFrame[] {
    const frames: GuestFrame[] = [];
    let module: string | undefined;
    for (const line of (stack ?? "").split("\n")) {
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

  /** Where an offset in the original module comes from. */
  locate(originalOffset: number): SourceLocation | undefined {
    if (this.#sourceMap === undefined) return undefined;
    this.#trace ??= new TraceMap({ ...this.#sourceMap, version: 3 });
    const position = originalPositionFor(this.#trace, { line: 1, column: originalOffset });
    if (position.source === null) return undefined;
    const text = sourceContentFor(this.#trace, position.source)?.split("\n")[position.line - 1];
    return {
      file: position.source,
      line: position.line,
      column: position.column + 1,
      ...(text === undefined ? {} : { lineText: text }),
    };
  }

  #frame(meteredFunction: number, meteredOffset: number): GuestFrame | undefined {
    const original = this.#metered.originalFunction(meteredFunction);
    const offset = this.#metered.offsets.toOriginal(meteredOffset);
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
    const { module } = this.#metered.admitted;
    const start = module.bodies[functionIndex - module.importedFunctionCount]?.codeStart;
    const segments = this.#trace === undefined ? undefined : decodedMappings(this.#trace)[0];
    if (start === undefined || segments === undefined || this.#isLibraryFunction(functionIndex)) {
      return location;
    }
    let nearest = -1;
    for (const [column, source] of segments) {
      if (column > offset) break;
      if (column < start || source === undefined) continue;
      if (!isLibrary(this.#sourceMap?.sources[source] ?? libraryPrefix)) nearest = column;
    }
    return nearest < 0 ? location : this.locate(nearest);
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
    const { module } = this.#metered.admitted;
    const section = module.sections.find((s) => s.id === SectionId.custom && s.name === "name");
    if (section === undefined) return new Map();
    return readFunctionNames(module.bytes, section.dataStart, section.end);
  }
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
