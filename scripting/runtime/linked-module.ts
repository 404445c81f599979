import type { HostFunction, HostFunctionSpec, ValueType } from "./host-function.ts";

/** A host function of the linker's. */
export interface LinkedFunction {
  readonly module: string;
  readonly name: string;
  readonly spec: HostFunctionSpec;
  readonly run: HostFunction;
}

/** Imports that every AssemblyScript module may have, provided by the runtime itself. */
export interface RuntimeFunction {
  readonly module: "env";
  readonly name: "abort" | "trace" | "seed";
}

/** A memory that each instance gets a fresh one of. Sizes in 64 KiB pages. */
export interface LinkedMemory {
  readonly module: string;
  readonly name: string;
  readonly initialPages: number;
  readonly maximumPages: number;
}

/** A table that each instance gets a fresh one of. */
export interface LinkedTable {
  readonly module: string;
  readonly name: string;
  readonly element: "anyfunc" | "externref";
  readonly initial: number;
  readonly maximum: number;
}

/** A global; if it can be changed, each instance gets a fresh one. */
export interface LinkedGlobal {
  readonly module: string;
  readonly name: string;
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly value: number | bigint;
}

/** Marks what a linker has resolved; of no use outside of it. */
export const linked = Symbol("linked");

/** What a module's imports were resolved to. Only {@link Linker.prepare} makes one. */
export interface LinkedModule {
  readonly [linked]: true;
  /** The n-th imported function, in the module's order. */
  readonly functions: readonly (LinkedFunction | RuntimeFunction)[];
  readonly memories: readonly LinkedMemory[];
  readonly tables: readonly LinkedTable[];
  readonly globals: readonly LinkedGlobal[];
}

/** Whether a call of the guest can be made again: all that its host functions do is undone with it. */
export function isRepeatable({ functions }: LinkedModule): boolean {
  return functions.every((f) => !("spec" in f) || f.spec.repeatable === true);
}
