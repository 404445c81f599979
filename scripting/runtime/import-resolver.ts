import { limitPages } from "../admission/admit.ts";
import type { LinkProblem } from "../errors.ts";
import type { ResourceLimits } from "../limits.ts";
import {
  describeFuncType,
  ExternKind,
  type FuncType,
  funcTypeKey,
  type GlobalType,
  type Import,
  type SizeLimits,
  type TableType,
  valTypeName,
  type WasmModule,
} from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { signatureType, typeByte, type ValueType } from "./host-function.ts";
import {
  type LinkedFunction,
  type LinkedGlobal,
  type LinkedMemory,
  type LinkedModule,
  type LinkedTable,
  linked,
  type RuntimeFunction,
} from "./linked-module.ts";
import { nearestName } from "./nearest-name.ts";
import { runtimeFunction, runtimeModule, runtimeSignatures } from "./runtime-imports.ts";

/** What a linker has under a name. */
export type Definition =
  | { readonly kind: "func"; readonly linked: LinkedFunction }
  | { readonly kind: "memory" }
  | { readonly kind: "table" }
  | {
      readonly kind: "global";
      readonly type: ValueType;
      readonly mutable: boolean;
      readonly value: number | bigint;
    };

type Definitions = ReadonlyMap<string, ReadonlyMap<string, Definition>>;

/** Engines' tables have no more elements than their index can name. */
const maxElements = 0xffff_ffff;

/** Imports that a near name is looked for; a module may have a thousand that fit nowhere. */
const maxSuggestions = 20;

/** Matches the imports of one module, and collects all that can't be. */
export class ImportResolver {
  readonly problems: LinkProblem[] = [];
  readonly #modules: Definitions;
  readonly #limits: ResourceLimits;
  readonly #granted: ReadonlySet<string> | undefined;
  #searches = 0;

  /** @param granted capabilities; undefined for all of them. */
  constructor(
    modules: Definitions,
    limits: ResourceLimits,
    granted: ReadonlySet<string> | undefined,
  ) {
    this.#modules = modules;
    this.#limits = limits;
    this.#granted = granted;
  }

  /** Of no use when there are problems. */
  resolve(module: WasmModule): LinkedModule {
    const functions: (LinkedFunction | RuntimeFunction)[] = [];
    const memories: LinkedMemory[] = [];
    const tables: LinkedTable[] = [];
    const globals: LinkedGlobal[] = [];
    const keep = <T>(list: T[], resolved: T | undefined): void => {
      if (resolved !== undefined) list.push(resolved);
    };
    for (const i of module.imports) {
      if (i.kind === ExternKind.func) {
        keep(functions, this.#function(i, module.types[i.typeIndex] as FuncType));
      } else if (i.kind === ExternKind.memory) keep(memories, this.#memory(i, i.memory));
      else if (i.kind === ExternKind.table) keep(tables, this.#table(i, i.table, tables));
      else keep(globals, this.#global(i, i.global));
    }
    return Object.freeze({ [linked]: true as const, functions, memories, tables, globals });
  }

  #function(i: Import, type: FuncType): LinkedFunction | RuntimeFunction | undefined {
    const wanted = describeFunction(type);
    const found = runtimeFunction(i.module, i.name) ?? this.#find(i, "func", wanted)?.linked;
    if (found === undefined) return undefined;
    const have = signatureType("spec" in found ? found.spec : runtimeSignatures[found.name]);
    // By what they are: their descriptions are cut.
    if (funcTypeKey(have) !== funcTypeKey(type)) {
      return this.#refuse(i, wanted, { found: describeFunction(have) });
    }
    const capability = "spec" in found ? found.spec.capability : undefined;
    if (capability === undefined || (this.#granted?.has(capability) ?? true)) return found;
    return this.#refuse(i, wanted, { capability });
  }

  #memory(i: Import, { min, max = Infinity }: SizeLimits): LinkedMemory | undefined {
    if (this.#find(i, "memory", "memory") === undefined) return undefined;
    const maximumPages = Math.min(limitPages(this.#limits), max);
    return { module: i.module, name: i.name, initialPages: min, maximumPages };
  }

  #table(
    i: Import,
    { min, max = Infinity, refType }: TableType,
    known: LinkedTable[],
  ): LinkedTable | undefined {
    if (this.#find(i, "table", "table") === undefined) return undefined;
    const element = refType === ValType.funcref ? "anyfunc" : "externref";
    const maximum = Math.min(this.#limits.tableElements, max, maxElements);
    const table = { module: i.module, name: i.name, element, initial: min, maximum } as const;
    // Imported twice it is the same table, and has to be right for both.
    const other = known.findIndex((t) => t.module === i.module && t.name === i.name);
    if (other < 0) return table;
    const shared = shareTable(known[other] as LinkedTable, table);
    if (shared === undefined) return this.#refuse(i, "table", { found: "another kind of table" });
    known[other] = shared;
    return undefined;
  }

  #global(i: Import, global: GlobalType): LinkedGlobal | undefined {
    const wanted = describeGlobal(global);
    const found = this.#find(i, "global", wanted);
    if (found === undefined) return undefined;
    const { type, mutable, value } = found;
    const have = describeGlobal({ valType: typeByte(type), mutable });
    if (have !== wanted) return this.#refuse(i, wanted, { found: have });
    return { module: i.module, name: i.name, type, mutable, value };
  }

  #find<K extends Definition["kind"]>(
    i: Import,
    kind: K,
    wanted: string,
  ): Extract<Definition, { kind: K }> | undefined {
    const names = this.#modules.get(i.module);
    const found = names?.get(i.name);
    if (found?.kind === kind) return found as Extract<Definition, { kind: K }>;
    if (found !== undefined) return this.#refuse(i, wanted, { found: found.kind });
    return this.#refuse(i, wanted, this.#suggest(i, names?.keys()));
  }

  /** A name near to the import's, or a module near to its module where there is none of that name. */
  #suggest(
    { module, name }: Import,
    names: Iterable<string> | undefined,
  ): Pick<LinkProblem, "suggestion" | "suggested"> {
    if (++this.#searches > maxSuggestions) return {};
    const isKnown = names !== undefined || module === runtimeModule;
    const own = module === runtimeModule ? Object.keys(runtimeSignatures) : [];
    const suggestion = isKnown
      ? nearestName(name, [...(names ?? []), ...own])
      : nearestName(module, [...this.#modules.keys(), runtimeModule]);
    return suggestion === undefined ? {} : { suggestion, suggested: isKnown ? "name" : "module" };
  }

  #refuse(
    { module, name }: Import,
    wanted: string,
    why: Pick<LinkProblem, "found" | "suggestion" | "suggested" | "capability">,
  ): undefined {
    this.problems.push({ module, name, wanted, ...why });
  }
}

/** The table that two imports of one name can share, if any can. */
function shareTable(a: LinkedTable, b: LinkedTable): LinkedTable | undefined {
  const initial = Math.max(a.initial, b.initial);
  const maximum = Math.min(a.maximum, b.maximum);
  return a.element === b.element && initial <= maximum ? { ...a, initial, maximum } : undefined;
}

/** `global i32`, `global mut f64`. */
function describeFunction(type: FuncType): string {
  return `func ${describeFuncType(type)}`;
}

function describeGlobal({ valType, mutable }: GlobalType): string {
  return `global ${mutable ? "mut " : ""}${valTypeName(valType)}`;
}
