/**
 * A source map, version 3, as AssemblyScript writes it for a wasm module: everything is on generated
 * line 1, and a generated column is a byte offset in the module.
 */
export interface SourceMapV3 {
  version: 3;
  file?: string;
  /** Project paths such as `scripts/patrol.ts`, or `~lib/…` for the standard library and the sdk. */
  sources: string[];
  /** The text of each source; null where it was left out. */
  sourcesContent?: (string | null)[];
  names: string[];
  mappings: string;
}

/** A compiled script: what a compiler hands to the script system, and what hot reload replaces. */
export interface ScriptBinary {
  /** The name the script is known by, `patrol`. */
  readonly name: string;
  /** The entry file's path from the project root, `scripts/patrol.ts`. */
  readonly file: string;
  /** The wasm module, not yet admitted or metered. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Maps byte offsets in `bytes` to source lines. Without it faults name functions only. */
  readonly sourceMap?: SourceMapV3;
}

/** `scripts/patrol.ts` → `patrol`: the name of a script that wasn't given one. */
export function scriptNameOf(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return base.replace(/\.ts$/, "");
}
