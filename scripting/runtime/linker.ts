import type { AdmittedModule } from "../admission/admit.ts";
import { LinkError } from "../errors.ts";
import {
  checkSpec,
  type HostArguments,
  type HostContext,
  type HostFunction,
  type HostFunctionSpec,
  type HostResult,
  isValueType,
  type ValueType,
} from "./host-function.ts";
import { type Definition, ImportResolver } from "./import-resolver.ts";
import type { LinkedModule } from "./linked-module.ts";
import { runtimeFunction } from "./runtime-imports.ts";

export interface GlobalSpec {
  readonly type: ValueType;
  /** Whether the guest may change it; each instance then gets one of its own. Default false. */
  readonly mutable?: boolean;
}

/** Who links, and what it may import beyond what needs no capability. */
export interface LinkOptions {
  /** Who asks, for messages. Default: "the module". */
  readonly name?: string;
  /** Capabilities that were granted; `"all"` for every one. Default: none. */
  readonly capabilities?: "all" | readonly string[];
}

/**
 * What scripts may import, under two-level names. A name is defined once; a module's imports are
 * matched by name and type before anything of it is instantiated.
 */
export class Linker {
  readonly #modules = new Map<string, Map<string, Definition>>();

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
    checkSpec(module, name, spec);
    if (typeof run !== "function") throw new TypeError(`"${module}" "${name}": no function given`);
    const kept = Object.freeze({ ...spec, params: [...spec.params], results: [...spec.results] });
    const linked = { module, name, spec: kept, run: run as HostFunction };
    return this.#define(module, name, { kind: "func", linked });
  }

  /** Defines a memory: a fresh one for each instance, capped by its limits. */
  memory(module: string, name: string): this {
    return this.#define(module, name, { kind: "memory" });
  }

  /** Defines a table: a fresh one for each instance, of what the module says, capped by its limits. */
  table(module: string, name: string): this {
    return this.#define(module, name, { kind: "table" });
  }

  /**
   * Defines a global.
   * @param value what it begins with: a bigint for an i64, a number for all else.
   * @throws TypeError for a type or value that doesn't fit.
   */
  global(module: string, name: string, spec: GlobalSpec, value: number | bigint): this {
    const where = `"${module}" "${name}"`;
    if (!isValueType(spec.type)) {
      throw new TypeError(`${where}: "${spec.type}" is no type for globals; i32 i64 f32 f64 are`);
    }
    if (typeof value !== (spec.type === "i64" ? "bigint" : "number")) {
      throw new TypeError(`${where}: ${typeof value} is no value of an ${spec.type}`);
    }
    const mutable = spec.mutable === true;
    return this.#define(module, name, { kind: "global", type: spec.type, mutable, value });
  }

  /** Whether a host function of that name is defined. */
  has(module: string, name: string): boolean {
    return this.#modules.get(module)?.get(name)?.kind === "func";
  }

  /** Every capability that a function asks for. */
  get capabilities(): readonly string[] {
    const found = new Set<string>();
    for (const names of this.#modules.values()) {
      for (const definition of names.values()) {
        const asked = definition.kind === "func" ? definition.linked.spec.capability : undefined;
        if (asked !== undefined) found.add(asked);
      }
    }
    return [...found];
  }

  /**
   * Columns that functions read for whom they are granted to, and that a script hasn't that grant for, or that are hidden
   * from it: it is to see none of what they hold.
   * @param redacted functions, as `module.name`.
   */
  hiddenColumns(
    capabilities: "all" | readonly string[],
    redacted: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const granted = capabilities === "all" ? undefined : new Set(capabilities);
    const hidden = new Set<string>();
    for (const [module, names] of this.#modules) {
      for (const [name, definition] of names) {
        if (definition.kind !== "func") continue;
        const { capability, column } = definition.linked.spec;
        if (column?.kind !== "get") continue;
        const isGranted = capability === undefined || granted?.has(capability) !== false;
        if (!isGranted || redacted.has(`${module}.${name}`)) hidden.add(column.field);
      }
    }
    return hidden;
  }

  /**
   * Resolves a module's imports, once for as many instances as are wanted.
   * @throws LinkError that lists every import which can't be resolved, or isn't granted.
   */
  prepare(admitted: AdmittedModule, options: LinkOptions = {}): LinkedModule {
    const { name = "the module", capabilities = [] } = options;
    const granted = capabilities === "all" ? undefined : new Set(capabilities);
    const resolver = new ImportResolver(this.#modules, admitted.limits, granted);
    const linked = resolver.resolve(admitted.module);
    if (resolver.problems.length > 0) throw new LinkError(name, resolver.problems);
    return linked;
  }

  #define(module: string, name: string, definition: Definition): this {
    const names = this.#modules.get(module) ?? new Map<string, Definition>();
    if (names.has(name) || runtimeFunction(module, name) !== undefined) {
      throw new Error(`"${module}" "${name}" is already defined; nothing shadows another`);
    }
    this.#modules.set(module, names);
    names.set(name, definition);
    return this;
  }
}
