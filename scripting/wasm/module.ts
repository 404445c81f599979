import type { ByteReader } from "./reader.ts";

export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

export const ExternKind = { func: 0, table: 1, memory: 2, global: 3 } as const;
export type ExternKindName = keyof typeof ExternKind;
export const externKindNames = ["func", "table", "memory", "global"] as const;

/** Bytes `[start, end)` of the module. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A function type: value types as the format's bytes. */
export interface FuncType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Sizes of a memory (in 64 KiB pages) or a table (in elements). */
export interface SizeLimits {
  readonly min: number;
  readonly max: number | undefined;
}

export interface TableType extends SizeLimits {
  readonly refType: number;
}

export interface GlobalType {
  readonly valType: number;
  readonly mutable: boolean;
}

export type Import = { readonly module: string; readonly name: string; readonly offset: number } & (
  | { readonly kind: 0; readonly typeIndex: number }
  | { readonly kind: 1; readonly table: TableType }
  | { readonly kind: 2; readonly memory: SizeLimits }
  | { readonly kind: 3; readonly global: GlobalType }
);

export interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
  readonly offset: number;
}

/** A function index written somewhere in `span` outside of code, as an LEB. */
export interface FunctionUse extends Span {
  readonly functionIndex: number;
}

/** A defined function: its type and where its body (locals and instructions) stands. */
export interface Body extends Span {
  /** Offset of the first instruction, behind the local declarations. */
  readonly codeStart: number;
  /** Count of declared locals, parameters not included. */
  readonly localCount: number;
}

/** One section as it stands in the module, in order. */
export interface Section extends Span {
  readonly id: number;
  /** A custom section's name; empty for the others. */
  readonly name: string;
  /** First byte of the content. */
  readonly contentStart: number;
  /** The same, but behind a custom section's name. */
  readonly dataStart: number;
}

/**
 * A parsed module: what metering and linking need to know of it, and where everything stands.
 * Function indices count imports first, as in the format.
 */
export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly FuncType[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** Type index of every function, imported ones first. */
  readonly functionTypes: readonly number[];
  readonly importedFunctionCount: number;
  readonly bodies: readonly Body[];
  /** Imported ones first. */
  readonly tables: readonly TableType[];
  readonly importedTableCount: number;
  readonly memories: readonly SizeLimits[];
  readonly importedMemoryCount: number;
  readonly globals: readonly GlobalType[];
  readonly importedGlobalCount: number;
  readonly startFunction: number | undefined;
  /** Function indices in element segments and initialisers, in module order. */
  readonly functionUses: readonly FunctionUse[];
  readonly dataCount: number | undefined;
  readonly dataSegmentCount: number;
  /** Elements that are written to tables when the module is instantiated. */
  readonly activeElementCount: number;
  /** Whether any signature, global or local is a vector. */
  readonly hasVectors: boolean;
}

/** A key of a function type, a character for each value type; equal types have equal keys. */
export function funcTypeKey({ params, results }: FuncType): string {
  return `${String.fromCharCode(...params)}>${String.fromCharCode(...results)}`;
}

/** First index of an equal type, for each type. */
export function canonicaliseTypes(types: readonly FuncType[]): Int32Array {
  const firstOf = new Map<string, number>();
  const canonical = new Int32Array(types.length);
  for (let t = 0; t < types.length; t++) {
    const key = funcTypeKey(types[t] as FuncType);
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, t);
    canonical[t] = first ?? t;
  }
  return canonical;
}

const valTypeNames = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

export function valTypeName(byte: number): string {
  return valTypeNames.get(byte) ?? `0x${byte.toString(16)}`;
}

/** Parameters, and results, that a description lists. */
const maxListedTypes = 16;

/** Each type is described once: thousands of imports and exports may have the same. */
const descriptions = new WeakMap<FuncType, string>();

/** `(i32, f32) -> i64`, for people: of long lists the first 16, and how many more there are. */
export function describeFuncType(type: FuncType): string {
  const known = descriptions.get(type);
  if (known !== undefined) return known;
  const result =
    type.results.length === 1
      ? valTypeName(type.results[0] as number)
      : `(${listTypes(type.results)})`;
  const description = `(${listTypes(type.params)}) -> ${result}`;
  descriptions.set(type, description);
  return description;
}

function listTypes(types: readonly number[]): string {
  const names = types.slice(0, maxListedTypes).map(valTypeName);
  if (types.length > maxListedTypes) names.push(`… and ${types.length - maxListedTypes} more`);
  return names.join(", ");
}

/** Local declarations as runs of `[count, value type]`, read from a body's start. */
export function readLocalRuns(reader: ByteReader): [count: number, valType: number][] {
  const runs: [number, number][] = [];
  for (let left = reader.u32(); left > 0; left--) runs.push([reader.u32(), reader.byte()]);
  return runs;
}
