import { meterModule, refillName } from "../metering/protocol.ts";
import type { HostContext, HostFunctionSpec } from "./host-function.ts";
import { type GuardedScript, guardHostFunction } from "./host-guard.ts";
import type { LinkedGlobal, LinkedModule } from "./linked-module.ts";
import { runtimeImports, type TextSource } from "./runtime-imports.ts";

export interface GuestImportParts {
  readonly linked: LinkedModule;
  readonly guard: GuardedScript;
  /** What a host function of a name is called with. */
  readonly contextFor: (spec: Pick<HostFunctionSpec, "fuelPerByte">, name: string) => HostContext;
  readonly refill: (remaining: number) => number;
  /** Whether faults may repeat what the guest says. */
  readonly repeatsText: boolean;
  /** Undefined when nobody listens. */
  readonly onTrace: ((text: string) => void) | undefined;
  /** The guest's texts, for the runtime's own functions. */
  readonly texts: TextSource;
}

/** What one script's instances are instantiated with, one after the other. */
export interface GuestImports {
  readonly imports: WebAssembly.Imports;
  /** Before each instantiation: memories, tables and globals of its own. */
  renew(): void;
}

export function guestImports(parts: GuestImportParts): GuestImports {
  const { linked, guard, contextFor } = parts;
  // Names are the guest's to choose, so nothing here may have a prototype.
  const imports: WebAssembly.Imports = Object.create(null);
  const moduleOf = (module: string): WebAssembly.ModuleImports => {
    imports[module] ??= Object.create(null) as WebAssembly.ModuleImports;
    return imports[module];
  };
  moduleOf(meterModule)[refillName] = parts.refill;
  const own = runtimeImports(guard, parts.texts, parts.repeatsText, parts.onTrace);
  for (const f of linked.functions) {
    moduleOf(f.module)[f.name] =
      "spec" in f
        ? guardHostFunction(guard, contextFor(f.spec, `${f.module}.${f.name}`), f)
        : own[f.name];
  }
  const renew = (): void => {
    for (const { module, name, initialPages, maximumPages } of linked.memories) {
      const sizes = { initial: initialPages, maximum: maximumPages };
      moduleOf(module)[name] = new WebAssembly.Memory(sizes);
    }
    for (const { module, name, element, initial, maximum } of linked.tables) {
      const sizes = { element: element as WebAssembly.TableKind, initial, maximum };
      moduleOf(module)[name] = new WebAssembly.Table(sizes);
    }
    for (const global of linked.globals) moduleOf(global.module)[global.name] = makeGlobal(global);
  };
  return { imports, renew };
}

function makeGlobal({ type, mutable, value }: LinkedGlobal): WebAssembly.Global {
  return new WebAssembly.Global({ value: type, mutable }, value);
}
