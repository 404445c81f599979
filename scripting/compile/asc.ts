import type * as Assemblyscript from "assemblyscript";
import { memoryBaseBytes, withReservation } from "../windows/reservation.ts";
import { type Diagnostic, DiagnosticCode, fileDiagnostic, placeOf } from "./diagnostics.ts";
import type { CodegenOptions } from "./options.ts";

/** The AssemblyScript compiler's own API (`assemblyscript`), and its standard library, by name. */
export interface Toolchain {
  readonly asc: typeof Assemblyscript;
  readonly standardLibrary: Readonly<Record<string, string>>;
  /** AssemblyScript's version, "0.28.20". */
  readonly version: string;
}

let toolchain: Promise<Toolchain> | undefined;

/**
 * Loads AssemblyScript on first use: it is 14 MB of JavaScript, which a page that only runs scripts mustn't carry.
 * A failed load is tried again by the next call.
 */
export function loadToolchain(): Promise<Toolchain> {
  toolchain ??= importToolchain().catch((error: unknown) => {
    toolchain = undefined;
    throw error;
  });
  return toolchain;
}

async function importToolchain(): Promise<Toolchain> {
  const [asc, { libraryFiles: standardLibrary, version }] = await Promise.all([
    import("assemblyscript"),
    import("assemblyscript/asc"),
  ]);
  return { asc, standardLibrary, version };
}

type Program = Assemblyscript.Program;

/** A program with the standard library and the garbage collector parsed into it, ready for a script's files. */
export function newProgram(
  { asc, standardLibrary, version }: Toolchain,
  options: CodegenOptions,
): Program {
  const settings = asc.newOptions();
  asc.setTarget(settings, asc.Target.Wasm32);
  // The same as `asc --runtime incremental --debug --sourceMap`; debug keeps names, it doesn't change code.
  asc.setRuntime(settings, asc.Runtime.Incremental);
  asc.setStackSize(settings, asc.DEFAULT_STACK_SIZE);
  asc.setDebugInfo(settings, true);
  asc.setSourceMap(settings, true);
  asc.setMemoryBase(settings, memoryBaseBytes);
  asc.setExportRuntime(settings, options.exportRuntime === true);
  // Only makes the compiler export its runtime where a signature needs it; no bindings are written.
  asc.setBindingsHint(settings, (options.exportRuntime ?? "auto") === "auto");
  asc.setFeature(settings, asc.FEATURE_SIMD, true);
  asc.setOptimizeLevelHints(settings, ...levels(options));
  const [major = 0, minor = 0, patch = 0] = version
    .split(".")
    .map((part) => Number.parseInt(part, 10) || 0);
  asc.setBundleVersion(settings, major, minor, patch);

  const program = asc.newProgram(settings);
  for (const [name, text] of Object.entries(standardLibrary)) {
    // Files in folders are imported on demand.
    if (!name.includes("/")) asc.parse(program, text, `~lib/${name}.ts`, false);
  }
  asc.parse(
    program,
    standardLibrary["rt/index-incremental"] ?? null,
    "~lib/rt/index-incremental.ts",
    true,
  );
  return program;
}

/** What the emitter gives: the module, and its source map without the sources' text. */
export interface Emitted {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sourceMap: string;
}

/**
 * Compiles a program whose files have all been parsed. Null when it has errors, which {@link takeDiagnostics} gives.
 * Throws what the compiler throws when it crashes.
 */
export function emit(
  { asc }: Toolchain,
  program: Program,
  options: CodegenOptions,
  sourceMapUrl: string,
  onDiagnostics: () => boolean,
): Emitted | null {
  asc.initializeProgram(program);
  const module = asc.compile(program);
  try {
    if (onDiagnostics()) return null;
    if (!asc.validate(module)) throw new Error("it produced an invalid module");
    asc.optimize(module, ...levels(options), true, false);
    const binary = module.toBinary(sourceMapUrl);
    return {
      bytes: withReservation(new Uint8Array(binary.output)),
      sourceMap: binary.sourceMap ?? "",
    };
  } finally {
    module.dispose();
  }
}

/**
 * The diagnostics that came up since the last call. One without a place is about `entry`. `rewrite` may replace
 * a code and message, the place stays.
 */
export function takeDiagnostics(
  { asc }: Toolchain,
  program: Program,
  entry: string,
  rewrite: (code: number, message: string) => Diagnostic | undefined,
): Diagnostic[] {
  const taken: Diagnostic[] = [];
  for (let next = asc.nextDiagnostic(program); next; next = asc.nextDiagnostic(program)) {
    const { code, message } = rewrite(next.code, next.message) ?? next;
    const place = next.range && placeIn(next.range);
    const related = next.relatedRange && placeIn(next.relatedRange);
    taken.push({
      ...fileDiagnostic(code, message, entry),
      ...place,
      ...(related && { related }),
      severity: asc.isError(next) ? "error" : asc.isWarning(next) ? "warning" : "info",
    });
  }
  return taken;
}

/** Whether a message is AssemblyScript's way to say that `path` doesn't exist. */
export function missingFile(code: number, message: string): string | undefined {
  if (code !== DiagnosticCode.fileNotFound) return undefined;
  return /^File '(.*)' not found\.$/s.exec(message)?.[1];
}

function placeIn({ source, start, end }: Assemblyscript.Range) {
  return placeOf(source.normalizedPath, source.text, start, end);
}

function levels(options: CodegenOptions): [optimizeLevel: number, shrinkLevel: number] {
  return [options.optimizeLevel ?? 3, options.shrinkLevel ?? 0];
}
