import { LinkError, type LinkProblem } from "../errors.ts";
import { maxHostCallFuel } from "../metering/bounds.ts";
import { describeFuncType, ExternKind, externKindNames, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { nearestName } from "./nearest-name.ts";
import type { Script } from "./script.ts";

/** Types that cross between guest and host. */
export type ValueType = "i32" | "i64" | "f32" | "f64";

type HostValue<T> = T extends "i64" ? bigint : number;
type HostArguments<P extends readonly ValueType[]> = { -readonly [K in keyof P]: HostValue<P[K]> };
/** What a function without results returns is passed over. */
type HostResult<R extends readonly ValueType[]> = R extends readonly [infer T]
  ? HostValue<T>
  : unknown;

/** What a host function is called with, besides its arguments. Valid during the call only. */
export interface HostContext {
  readonly script: Script;
  /** Handle of the entity that the call is about; 0 when it is about none. */
  readonly entity: number;
  /** The guest's memory as it is now; a guest call or `memory.grow` may replace the buffer. */
  readonly memory: Uint8Array;
  /** Charges fuel beyond the function's price; stops the call when the budget can't pay. */
  charge(fuel: number): void;
  /**
   * An AssemblyScript string.
   * @throws HostError for a pointer outside of memory, or more than `payloadBytes`.
   */
  readString(pointer: number): string;
  /**
   * Allocates an AssemblyScript string in the guest, at the guest's expense.
   * @throws HostError above `payloadBytes`, or when the script doesn't export its runtime.
   */
  newString(text: string): number;
}

/** A host function without its signature in types; what the linker keeps. */
export type HostFunction = (context: HostContext, ...args: number[]) => unknown;

export interface HostFunctionSpec<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends readonly ValueType[] = readonly ValueType[],
> {
  readonly params: P;
  /** None or one. */
  readonly results: R;
  /**
   * Fuel for one call, charged before it runs: 0 to 2^20. The deadline is only looked at when fuel
   * is used up, so price a function like the guest instructions that would take as long (about one
   * a nanosecond).
   */
  readonly fuel: number;
  /** Calls allowed within one call from the host; default none but `hostCallsPerCall`. */
  readonly perCall?: number;
}

export interface LinkedFunction {
  readonly module: string;
  readonly name: string;
  readonly spec: HostFunctionSpec;
  readonly run: HostFunction;
}

/** What a module's imports were resolved to, in the module's order. */
export interface LinkedModule {
  /** The n-th imported function; `undefined` where the runtime itself provides it (`env.abort`). */
  readonly functions: readonly (LinkedFunction | RuntimeFunction)[];
  readonly memory: { readonly module: string; readonly name: string } | undefined;
}

/** Imports that every AssemblyScript module may have, provided by the runtime itself. */
export type RuntimeFunction = { readonly module: "env"; readonly name: "abort" | "trace" | "seed" };

const runtimeSignatures = {
  abort: { params: ["i32", "i32", "i32", "i32"], results: [] },
  trace: { params: ["i32", "i32", "f64", "f64", "f64", "f64", "f64"], results: [] },
  seed: { params: [], results: ["f64"] },
} as const satisfies Record<RuntimeFunction["name"], Pick<HostFunctionSpec, "params" | "results">>;

/** Fuel of the runtime's own functions. */
export const runtimeFunctionFuel = 100;

const typeBytes: Record<ValueType, number> = {
  i32: ValType.i32,
  i64: ValType.i64,
  f32: ValType.f32,
  f64: ValType.f64,
};

/**
 * The host functions that scripts may import, under two-level names. A name is defined once; a
 * module's imports are matched by name and type before anything of it is instantiated.
 */
export class Linker {
  readonly #functions = new Map<string, Map<string, LinkedFunction>>();
  readonly #memories = new Map<string, Set<string>>();

  /**
   * Defines a host function.
   * @throws TypeError for a bad signature, RangeError for a bad price or quota, and Error when the
   * name is taken.
   */
  func<const P extends readonly ValueType[], const R extends readonly ValueType[]>(
    module: string,
    name: string,
    spec: HostFunctionSpec<P, R>,
    run: (context: HostContext, ...args: HostArguments<P>) => HostResult<R>,
  ): this {
    this.#claim(module, name);
    checkSpec(module, name, spec);
    if (typeof run !== "function") throw new TypeError(`"${module}" "${name}": no function given`);
    const functions = this.#functions.get(module) ?? new Map<string, LinkedFunction>();
    this.#functions.set(module, functions);
    const kept = Object.freeze({ ...spec, params: [...spec.params], results: [...spec.results] });
    functions.set(name, { module, name, spec: kept, run: run as HostFunction });
    return this;
  }

  /** Defines a memory: a fresh one for each instance, capped by its limits. */
  memory(module: string, name: string): this {
    this.#claim(module, name);
    const memories = this.#memories.get(module) ?? new Set<string>();
    this.#memories.set(module, memories);
    memories.add(name);
    return this;
  }

  /**
   * Resolves a module's imports.
   * @throws LinkError that lists every import which can't be resolved.
   */
  resolve(module: WasmModule, script: string): LinkedModule {
    const problems: LinkProblem[] = [];
    const functions: (LinkedFunction | RuntimeFunction)[] = [];
    let memory: LinkedModule["memory"];
    for (const i of module.imports) {
      if (i.kind === ExternKind.func) {
        const type = module.types[i.typeIndex];
        const wanted = type === undefined ? "func" : `func ${describeFuncType(type)}`;
        const found =
          this.#functions.get(i.module)?.get(i.name) ?? runtimeFunction(i.module, i.name);
        if (found === undefined) {
          problems.push(this.#missing(i.module, i.name, wanted));
          continue;
        }
        const have = describeSignature(
          "spec" in found ? found.spec : runtimeSignatures[found.name],
        );
        if (have === wanted) functions.push(found);
        else problems.push({ module: i.module, name: i.name, wanted, found: have });
      } else if (i.kind === ExternKind.memory) {
        if (this.#memories.get(i.module)?.has(i.name)) memory = { module: i.module, name: i.name };
        else problems.push(this.#missing(i.module, i.name, "memory"));
      } else {
        problems.push(this.#missing(i.module, i.name, externKindNames[i.kind] ?? "unknown"));
      }
    }
    if (problems.length > 0) throw new LinkError(script, problems);
    return { functions, memory };
  }

  #claim(module: string, name: string): void {
    const taken =
      this.#functions.get(module)?.has(name) ||
      this.#memories.get(module)?.has(name) ||
      runtimeFunction(module, name) !== undefined;
    if (taken) throw new Error(`"${module}" "${name}" is already defined; nothing shadows another`);
  }

  #missing(module: string, name: string, wanted: string): LinkProblem {
    const names = this.#functions.get(module);
    const suggestion =
      names === undefined
        ? nearestName(module, this.#functions.keys())
        : nearestName(name, names.keys());
    return { module, name, wanted, ...(suggestion === undefined ? {} : { suggestion }) };
  }
}

function runtimeFunction(module: string, name: string): RuntimeFunction | undefined {
  if (module !== "env" || !Object.hasOwn(runtimeSignatures, name)) return undefined;
  return { module, name: name as RuntimeFunction["name"] };
}

function describeSignature(spec: Pick<HostFunctionSpec, "params" | "results">): string {
  return `func ${describeFuncType({
    params: spec.params.map((t) => typeBytes[t]),
    results: spec.results.map((t) => typeBytes[t]),
  })}`;
}

function checkSpec(module: string, name: string, spec: HostFunctionSpec): void {
  const where = `"${module}" "${name}"`;
  for (const type of [...spec.params, ...spec.results]) {
    if (!Object.hasOwn(typeBytes, type)) {
      throw new TypeError(`${where}: "${type}" is no type for host functions; i32 i64 f32 f64 are`);
    }
  }
  if (spec.results.length > 1) throw new TypeError(`${where}: more than one result`);
  const { fuel, perCall } = spec;
  if (!Number.isInteger(fuel) || fuel < 0 || fuel > maxHostCallFuel) {
    throw new RangeError(`${where}: fuel must be an integer from 0 to ${maxHostCallFuel}`);
  }
  if (perCall !== undefined && !(perCall >= 0)) {
    throw new RangeError(`${where}: perCall must be at least 0, not ${perCall}`);
  }
}
