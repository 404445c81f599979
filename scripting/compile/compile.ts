import { withFields } from "../fields/fields-section.ts";
import {
  emit,
  loadToolchain,
  missingFile,
  newProgram,
  type Toolchain,
  takeDiagnostics,
} from "./asc.ts";
import { type Diagnostic, DiagnosticCode, fileDiagnostic } from "./diagnostics.ts";
import { declareFields } from "./field-declarations.ts";
import { messageOf, outsideReason, type ReadFile, SourceFiles } from "./files.ts";
import type { CodegenOptions } from "./options.ts";
import { type ScriptBinary, scriptNameOf } from "./source.ts";
import { finishSourceMap } from "./source-map.ts";

export {
  CompileError,
  type Diagnostic,
  DiagnosticCode,
  formatDiagnostic,
  formatDiagnostics,
} from "./diagnostics.ts";
export type { ReadFile } from "./files.ts";
export type { CodegenOptions } from "./options.ts";

export interface CompileOptions extends CodegenOptions {
  /** The script's path in the project, `scripts/patrol.ts`. */
  readonly entry: string;
  /** Reads a file of the project, by a path that never leads out of it. */
  readonly readFile: ReadFile;
  /**
   * Reads a file of `fusewire/sdk`, by its path in the sdk's folder (`index.ts`). Without it a script that
   * imports the sdk doesn't compile.
   */
  readonly sdk?: ReadFile;
  /** Default: the entry's base name. */
  readonly name?: string;
}

export type CompileResult = CompileSuccess | CompileFailure;

interface CompileOutcome {
  /** What the compile took, loading the compiler included. */
  readonly elapsedMs: number;
  /** Every project path that was asked for, found or not: what to watch. The sdk and the library aren't listed. */
  readonly files: readonly string[];
}

export interface CompileSuccess extends CompileOutcome {
  readonly ok: true;
  readonly binary: ScriptBinary;
  /** Warnings and hints; never errors. */
  readonly warnings: readonly Diagnostic[];
}

export interface CompileFailure extends CompileOutcome {
  readonly ok: false;
  /** At least one error, and whatever else the compiler had to say; at most 100. */
  readonly diagnostics: readonly Diagnostic[];
}

const MAX_DIAGNOSTICS = 100;

/**
 * Compiles a script and what it imports to a wasm module, in memory, in Node or a browser. Everything that can be
 * wrong with a script is a diagnostic: this doesn't throw or reject, not even when the compiler crashes.
 *
 * It blocks its thread for some tenths of a second, and a script can be written that keeps the compiler busy for
 * much longer: run it in a worker where either matters. After a `compilerCrash` start a new worker, because a
 * compiler that has crashed may do so again.
 */
export async function compile(options: CompileOptions): Promise<CompileResult> {
  const startMs = performance.now();
  const asked = new Set<string>();
  const { binary, diagnostics } = await compileEntry(options, asked);
  const outcome = { elapsedMs: performance.now() - startMs, files: [...asked] };
  return binary
    ? { ok: true, binary, warnings: capped(diagnostics), ...outcome }
    : { ok: false, diagnostics: capped(diagnostics), ...outcome };
}

interface Compiled {
  readonly binary?: ScriptBinary;
  readonly diagnostics: readonly Diagnostic[];
}

async function compileEntry(options: CompileOptions, asked: Set<string>): Promise<Compiled> {
  const entry = options.entry.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const fail = (code: number, message: string): Compiled => ({
    diagnostics: [fileDiagnostic(code, message, entry)],
  });
  const why = entryProblem(entry);
  if (why) return fail(DiagnosticCode.outsideProject, `Cannot compile '${entry}': ${why}.`);
  let toolchain: Toolchain;
  try {
    toolchain = await loadToolchain();
  } catch (error) {
    return fail(
      DiagnosticCode.compilerUnavailable,
      `Cannot load the compiler: ${messageOf(error)}`,
    );
  }
  const files = new SourceFiles(toolchain.standardLibrary, options.readFile, options.sdk, asked);
  try {
    return await build(toolchain, files, entry, options);
  } catch (error) {
    return fail(DiagnosticCode.compilerCrash, crashMessage(error));
  }
}

async function build(
  toolchain: Toolchain,
  files: SourceFiles,
  entry: string,
  options: CompileOptions,
): Promise<Compiled> {
  const program = newProgram(toolchain, options);
  const diagnostics: Diagnostic[] = [];
  const failed = (): boolean => {
    diagnostics.push(
      ...takeDiagnostics(toolchain, program, entry, (code, message) => {
        const missing = missingFile(code, message);
        return missing === undefined ? undefined : files.refusal(missing);
      }),
    );
    return diagnostics.some(({ severity }) => severity === "error");
  };

  await parseFiles(toolchain, program, files, entry);
  if (failed()) return { diagnostics };
  const declared = declareFields(toolchain, program);
  diagnostics.push(...declared.diagnostics);
  if (declared.diagnostics.length > 0) return { diagnostics };
  const name = options.name ?? scriptNameOf(entry);
  const emitted = emit(toolchain, program, options, `${name}.wasm.map`, failed);
  if (!emitted) return { diagnostics };
  const sourceMap = finishSourceMap(emitted.sourceMap, emitted.bytes, (path) =>
    toolchain.asc.getSource(program, path),
  );
  const bytes = withFields(emitted.bytes, declared.fields);
  return { binary: { name, file: entry, bytes, sourceMap }, diagnostics };
}

/** Parses the entry, then what it imports, then what that imports, until nothing is asked for any more. */
async function parseFiles(
  { asc }: Toolchain,
  program: ReturnType<typeof newProgram>,
  files: SourceFiles,
  entry: string,
): Promise<void> {
  let wanted = [entry.replace(/\.ts$/, "")];
  let isEntry = true;
  while (wanted.length > 0) {
    const found = await Promise.all(wanted.map((path) => files.find(path, isEntry)));
    wanted.forEach((path, index) => {
      const file = found[index];
      asc.parse(program, file?.text ?? null, file?.path ?? `${path}.ts`, isEntry);
    });
    isEntry = false;
    wanted = [];
    for (let next = asc.nextFile(program); next !== null; next = asc.nextFile(program))
      wanted.push(next);
  }
}

function crashMessage(error: unknown): string {
  return error instanceof RangeError
    ? `The compiler ran out of stack (${messageOf(error)}): is an expression nested very deeply, or does a generic instantiate itself without end?`
    : `The compiler crashed: ${messageOf(error)}`;
}

function entryProblem(entry: string): string {
  if (!entry.endsWith(".ts")) return "a script's file name ends in .ts";
  if (entry.startsWith("~lib/")) return "it is part of the library";
  return outsideReason(entry);
}

function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics;
  // Errors first, so that a flood of hints can't hide the reason.
  const rank = ({ severity }: Diagnostic) => (severity === "error" ? 0 : 1);
  const kept = [...diagnostics].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_DIAGNOSTICS - 1);
  const left = diagnostics.length - kept.length;
  const more = fileDiagnostic(DiagnosticCode.more, `${left} more diagnostics are not listed.`);
  return [...kept, { ...more, severity: "info" }];
}
