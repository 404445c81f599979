import type { CodeIndex } from "../wasm/code.ts";
import { ExternKind, funcTypeKey, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/opcodes.ts";

/**
 * The call graph, condensed. Indirect calls go through one node for each function type, which leads
 * to every function of that type that a reference can reach; so the graph stays linear in the
 * module. Where the host handles function references, a table may hold any exported function, and then
 * types lead to those too.
 */
export interface CallGraph {
  /** Defined functions, callees before callers (members of one cycle in any order). */
  readonly order: Uint32Array;
  /** 1 for a defined function that a cycle of calls passes through. */
  readonly recursive: Uint8Array;
  /** Cycle number of each node; two functions in one cycle share it. */
  readonly component: Int32Array;
  /** Canonical type of each type index: equal function types share one. */
  readonly canonicalType: Int32Array;
  /** Canonical type → defined functions that an indirect call through it can reach. */
  readonly indirectTargets: ReadonlyMap<number, readonly number[]>;
  /** Canonical types of imported functions that an indirect call can reach. */
  readonly hostTypes: ReadonlySet<number>;
}

export function buildCallGraph(module: WasmModule, code: CodeIndex): CallGraph {
  const imported = module.importedFunctionCount;
  const functions = module.bodies.length;
  const canonicalType = canonicaliseTypes(module);
  const { indirectTargets, hostTypes } = findIndirectTargets(module, code, canonicalType);

  const typeCount = module.types.length;
  const nodeCount = functions + typeCount;
  /** Calls the visitor for each successor of a node. Nodes past the functions are types. */
  const successorCount = (node: number): number =>
    node < functions
      ? (code.callStart[node + 1] as number) - (code.callStart[node] as number)
      : (indirectTargets.get(node - functions)?.length ?? 0);
  const successor = (node: number, i: number): number => {
    if (node >= functions) return indirectTargets.get(node - functions)?.[i] ?? -1;
    const callee = code.callees[(code.callStart[node] as number) + i] as number;
    if (callee < 0) return functions + (canonicalType[-1 - callee] as number);
    return callee < imported ? -1 : callee - imported;
  };

  return {
    ...condense(nodeCount, functions, successorCount, successor),
    canonicalType,
    indirectTargets,
    hostTypes,
  };
}

function canonicaliseTypes(module: WasmModule): Int32Array {
  const firstOf = new Map<string, number>();
  const canonical = new Int32Array(module.types.length);
  for (const [i, type] of module.types.entries()) {
    const key = funcTypeKey(type);
    const first = firstOf.get(key) ?? i;
    firstOf.set(key, first);
    canonical[i] = first;
  }
  return canonical;
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

function findIndirectTargets(
  module: WasmModule,
  code: CodeIndex,
  canonicalType: Int32Array,
): Pick<CallGraph, "indirectTargets" | "hostTypes"> {
  const reachable = new Set(code.referenced);
  if (hostHandlesFunctions(module)) {
    for (const e of module.exports) if (e.kind === ExternKind.func) reachable.add(e.index);
  }
  const targets = new Map<number, number[]>();
  const hostTypes = new Set<number>();
  for (const index of reachable) {
    const type = canonicalType[module.functionTypes[index] as number] as number;
    const list = targets.get(type);
    if (index < module.importedFunctionCount) hostTypes.add(type);
    else if (list === undefined) targets.set(type, [index - module.importedFunctionCount]);
    else list.push(index - module.importedFunctionCount);
  }
  return { indirectTargets: targets, hostTypes };
}

/** Tarjan's strongly connected components, with its own stack: call graphs get deep. */
function condense(
  nodeCount: number,
  functions: number,
  successorCount: (node: number) => number,
  successor: (node: number, i: number) => number,
): Pick<CallGraph, "order" | "recursive" | "component"> {
  const order = new Uint32Array(functions);
  let ordered = 0;
  const recursive = new Uint8Array(functions);
  const component = new Int32Array(nodeCount).fill(-1);
  const index = new Int32Array(nodeCount);
  const low = new Int32Array(nodeCount);
  const edge = new Int32Array(nodeCount);
  const onStack = new Uint8Array(nodeCount);
  const path = new Int32Array(nodeCount);
  const stack = new Int32Array(nodeCount);
  let visited = 0;
  let stacked = 0;
  let components = 0;

  for (let root = 0; root < nodeCount; root++) {
    if (index[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    const open = (node: number): void => {
      index[node] = low[node] = ++visited;
      stack[stacked++] = node;
      onStack[node] = 1;
    };
    open(root);
    while (depth >= 0) {
      const node = path[depth] as number;
      const i = edge[node] as number;
      if (i < successorCount(node)) {
        edge[node] = i + 1;
        const next = successor(node, i);
        if (next < 0) continue;
        if (next === node && node < functions) recursive[node] = 1;
        if (index[next] === 0) {
          open(next);
          path[++depth] = next;
        } else if (onStack[next] === 1) {
          low[node] = Math.min(low[node] as number, index[next] as number);
        }
        continue;
      }
      depth--;
      if (depth >= 0) {
        const parent = path[depth] as number;
        low[parent] = Math.min(low[parent] as number, low[node] as number);
      }
      if (low[node] !== index[node]) continue;
      const first = stacked;
      let member: number;
      do {
        member = stack[--stacked] as number;
        onStack[member] = 0;
        component[member] = components;
        if (member < functions) order[ordered++] = member;
      } while (member !== node);
      if (first - stacked > 1) {
        for (let s = stacked; s < first; s++) {
          const inCycle = stack[s] as number;
          if (inCycle < functions) recursive[inCycle] = 1;
        }
      }
      components++;
    }
  }
  return { order, recursive, component };
}
