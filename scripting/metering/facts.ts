import { type FuncType, funcTypeKey, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";

/** What the analysis found out about every defined function. */
export interface FunctionFacts {
  readonly convention: Uint8Array;
  /** Cost of a whole call of a `fixed` function. */
  readonly fixedCost: Int32Array;
  /** 1 where the function can reach a counted one, so that depth has to be passed on to it. */
  readonly deep: Uint8Array;
  /** 1 where the function checks fuel and call depth. */
  readonly counted: Uint8Array;
  /** Defined functions, callees before callers (members of one cycle in any order). */
  readonly order: Int32Array;
  /** Cycle number of each function; two in one cycle share it. */
  readonly component: Int32Array;
  /** 1 for a function that a cycle of calls passes through. */
  readonly recursive: Uint8Array;
  /** By canonical type: 1 where an indirect call can reach a deep function. */
  readonly deepTypes: Uint8Array;
  readonly canonicalType: Int32Array;
  /** Functions that code takes references of, and no element segment or initialiser does. */
  readonly referencedByCode: Int32Array;
  /**
   * Whether table entries take and give back fuel like direct callees do, instead of by the global.
   * Only where the host never sees a function reference, and where types stay apart by it.
   */
  readonly threadsTables: boolean;
}

/** The type of an indirect call with fuel, and depth if any of its targets wants it, threaded. */
export function threadedIndirectType(
  module: WasmModule,
  facts: Pick<FunctionFacts, "deepTypes" | "canonicalType">,
  typeIndex: number,
): FuncType {
  const type = module.types[typeIndex] as FuncType;
  const deep = facts.deepTypes[facts.canonicalType[typeIndex] as number] === 1;
  const extra = deep ? [ValType.i32, ValType.i32] : [ValType.i32];
  return { params: [...type.params, ...extra], results: [...type.results, ValType.i32] };
}

/** Whether types stay apart when their indirect calls are threaded: with depth for some and not for others. */
export function threadedTypesDiffer(
  module: WasmModule,
  facts: Pick<FunctionFacts, "deepTypes" | "canonicalType">,
): boolean {
  const types = new Set(facts.canonicalType);
  const keys = new Set<string>();
  for (const type of types) keys.add(funcTypeKey(threadedIndirectType(module, facts, type)));
  return keys.size === types.size;
}
