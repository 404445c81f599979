import {
  type CompileOptions,
  type CompileResult,
  compile,
} from "../../scripting/compile/compile.ts";
import { formatDiagnostics } from "../../scripting/compile/diagnostics.ts";
import type { ScriptBinary } from "../../scripting/compile/source.ts";

/** Compiles the first of some files, which are all there is. */
export function compileFiles(
  files: Readonly<Record<string, string>>,
  options: Partial<CompileOptions> = {},
): Promise<CompileResult> {
  const entry = Object.keys(files)[0] ?? "";
  return compile({ entry, readFile: (path) => files[path] ?? null, ...options });
}

/** The compiled script; fails with the diagnostics when there is none. */
export function binaryOf(result: CompileResult): ScriptBinary {
  if (!result.ok) throw new Error(formatDiagnostics(result.diagnostics));
  return result.binary;
}

/** The names of what a compiled script exports. */
export async function exportsOf({ bytes }: ScriptBinary): Promise<string[]> {
  return WebAssembly.Module.exports(await WebAssembly.compile(bytes)).map(({ name }) => name);
}
