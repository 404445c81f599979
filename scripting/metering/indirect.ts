import { ExternKind, type FunctionUse, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";

/** What indirect calls can reach. Types are canonical ones: equal function types share the first index. */
export interface IndirectTargets {
  /** Defined functions by type: those of type `t` are `functions[starts[t] .. starts[t + 1])`. */
  readonly starts: Int32Array;
  readonly functions: Int32Array;
  /** 1 by type where an imported function is among them. */
  readonly hostTypes: Uint8Array;
}

/**
 * Whether function references can pass between host and module: in a table, a global, or a
 * signature that mentions them.
 */
export function hostHandlesFunctions(module: WasmModule): boolean {
  const isFuncref = (valType: number): boolean => valType === ValType.funcref;
  return (
    module.importedTableCount > 0 ||
    module.exports.some((e) => e.kind === ExternKind.table) ||
    module.exports.some(
      (e) => e.kind === ExternKind.global && isFuncref(module.globals[e.index]?.valType ?? 0),
    ) ||
    module.types.some((t) => t.params.some(isFuncref) || t.results.some(isFuncref)) ||
    module.globals.slice(0, module.importedGlobalCount).some((g) => isFuncref(g.valType))
  );
}

/**
 * Every function that a reference can reach, by its type. Where the host handles function references, a
 * table may hold any exported function.
 * @param referencedByCode functions that code takes references of.
 */
export function findIndirectTargets(
  module: WasmModule,
  referencedByCode: Int32Array,
  canonicalType: Int32Array,
  hostHandles: boolean,
): IndirectTargets {
  const { functionTypes, functionUses, importedFunctionCount } = module;
  const typeOf = (index: number): number => canonicalType[functionTypes[index] as number] as number;
  const types = module.types.length;
  const hostTypes = new Uint8Array(types);
  const starts = new Int32Array(types + 1);
  const isReachable = new Uint8Array(functionTypes.length);
  const reachable: number[] = [];
  const reach = (index: number): void => {
    if (isReachable[index] === 1) return;
    isReachable[index] = 1;
    if (index < importedFunctionCount) hostTypes[typeOf(index)] = 1;
    else {
      reachable.push(index);
      starts[typeOf(index) + 1] = (starts[typeOf(index) + 1] as number) + 1;
    }
  };
  for (let i = 0; i < functionUses.length; i++) {
    reach((functionUses[i] as FunctionUse).functionIndex);
  }
  for (let i = 0; i < referencedByCode.length; i++) reach(referencedByCode[i] as number);
  if (hostHandles) {
    for (const e of module.exports) if (e.kind === ExternKind.func) reach(e.index);
  }
  for (let t = 0; t < types; t++) starts[t + 1] = (starts[t + 1] as number) + (starts[t] as number);
  const functions = new Int32Array(reachable.length);
  const next = starts.slice();
  for (const index of reachable) {
    const type = typeOf(index);
    functions[next[type] as number] = index - importedFunctionCount;
    next[type] = (next[type] as number) + 1;
  }
  return { starts, functions, hostTypes };
}
