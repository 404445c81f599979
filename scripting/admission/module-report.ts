import {
  describeFuncType,
  ExternKind,
  externKindNames,
  type FuncType,
  type Import,
  SectionId,
  type SizeLimits,
  valTypeName,
  type WasmModule,
} from "../wasm/module.ts";
import { type AdmittedModule, pageBytes } from "./admit.ts";
import { type Feature, surveyCode } from "./code-survey.ts";

/** One thing that a module imports or exports. */
export interface ModuleItem {
  /** Two-level for an import; an export has no module. */
  readonly module?: string;
  readonly name: string;
  readonly kind: (typeof externKindNames)[number];
  /**
   * `(i32) -> f32`, `mut i32`, `1 to 16 pages`, `funcref, 2 or more`. Of more than 16 parameters or results
   * the first 16, and how many more there are.
   */
  readonly type: string;
}

/** An exported function, and what calling it can cost. */
export interface ExportReport extends ModuleItem {
  /**
   * Fuel that a call of a function costs at most, host functions' prices apart; `Infinity` for one that
   * can loop, recurse, call through a table or run an operation priced by its length. Undefined for what
   * is no function.
   */
  readonly fuelAtMost: number | undefined;
}

/** What a module wants and what it is made of: for a person, or a tool, to look at before it is trusted. */
export interface ModuleReport {
  readonly bytes: number;
  readonly imports: readonly ModuleItem[];
  readonly exports: readonly ExportReport[];
  /** Its memory, imported or its own; undefined when it has none. */
  readonly memory: { readonly initialBytes: number; readonly maximumBytes: number } | undefined;
  /** Whether top-level code runs when it is loaded. */
  readonly hasStart: boolean;
  /** What it uses beyond WebAssembly 1.0, by the proposals' names. */
  readonly features: readonly Feature[];
  /** Functions of its own, instructions in all of them, and bytes of the largest. */
  readonly functions: number;
  readonly instructions: number;
  readonly largestFunctionBytes: number;
  readonly loops: number;
  /** Values that it keeps in globals and tables, and bytes that it writes to memory when it is made. */
  readonly globals: number;
  readonly tableElements: number;
  readonly dataBytes: number;
  /** Bytes of names, debug information and other custom sections. */
  readonly customBytes: number;
}

/**
 * Looks through an admitted module. Takes about ten times as long as admission did, and a linear amount of
 * memory.
 */
export function describeModule({ module, bytes }: AdmittedModule): ModuleReport {
  const survey = surveyCode(module);
  const memory = module.memories[0];
  return {
    bytes: bytes.length,
    imports: module.imports.map((i) => importItem(module, i)),
    exports: module.exports.map((e) => ({
      name: e.name,
      kind: externKindNames[e.kind] as ModuleItem["kind"],
      type: exportType(module, e.kind, e.index),
      fuelAtMost: e.kind === ExternKind.func ? survey.fuelAtMost(e.index) : undefined,
    })),
    memory:
      memory === undefined
        ? undefined
        : {
            initialBytes: memory.min * pageBytes,
            maximumBytes: (memory.max ?? 65_536) * pageBytes,
          },
    hasStart: module.startFunction !== undefined,
    features: survey.features,
    functions: module.bodies.length,
    instructions: survey.instructions,
    largestFunctionBytes: module.bodies.reduce((most, b) => Math.max(most, b.end - b.start), 0),
    loops: survey.loops,
    globals: module.globals.length,
    tableElements: module.tables.reduce((sum, table) => sum + table.min, 0),
    dataBytes: sectionBytes(module, (s) => s.id === SectionId.data),
    customBytes: sectionBytes(module, (s) => s.id === SectionId.custom),
  };
}

function sectionBytes(
  module: WasmModule,
  wanted: (section: WasmModule["sections"][number]) => boolean,
): number {
  return module.sections.filter(wanted).reduce((sum, s) => sum + s.end - s.contentStart, 0);
}

function importItem(module: WasmModule, i: Import): ModuleItem {
  const kind = externKindNames[i.kind];
  const type =
    i.kind === ExternKind.func
      ? describeFuncType(module.types[i.typeIndex] as FuncType)
      : i.kind === ExternKind.memory
        ? describeSizes(i.memory, " pages")
        : i.kind === ExternKind.table
          ? `${valTypeName(i.table.refType)}, ${describeSizes(i.table, "")}`
          : describeGlobal(i.global);
  return { module: i.module, name: i.name, kind, type };
}

function exportType(module: WasmModule, kind: number, index: number): string {
  if (kind === ExternKind.func) {
    return describeFuncType(module.types[module.functionTypes[index] as number] as FuncType);
  }
  if (kind === ExternKind.memory) {
    return describeSizes(module.memories[index] as SizeLimits, " pages");
  }
  if (kind === ExternKind.table) {
    const table = module.tables[index];
    return table === undefined ? "" : `${valTypeName(table.refType)}, ${describeSizes(table, "")}`;
  }
  const global = module.globals[index];
  return global === undefined ? "" : describeGlobal(global);
}

function describeGlobal({ valType, mutable }: WasmModule["globals"][number]): string {
  return `${mutable ? "mut " : ""}${valTypeName(valType)}`;
}

function describeSizes({ min, max }: SizeLimits, unit: string): string {
  return max === undefined ? `${min}${unit} or more` : `${min} to ${max}${unit}`;
}
