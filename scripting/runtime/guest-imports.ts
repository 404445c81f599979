import { meterModule, refillName } from "../metering/protocol.ts";
import { type GuardedScript, guardHostFunction } from "./host-guard.ts";
import type { HostContext, LinkedModule } from "./linker.ts";
import { runtimeImports } from "./runtime-imports.ts";

export interface GuestImportParts {
  readonly linked: LinkedModule;
  readonly guard: GuardedScript;
  readonly context: HostContext;
  readonly refill: (remaining: number) => number;
  readonly onTrace: (text: string) => void;
  /** Sizes of an imported memory, in 64 KiB pages. */
  readonly initialPages: number;
  readonly maximumPages: number;
}

/** What one script's instances are instantiated with; serves all of them, one after the other. */
export function guestImports(parts: GuestImportParts): WebAssembly.Imports {
  const { linked, guard, context } = parts;
  // Names are the guest's to choose, so nothing here may have a prototype.
  const imports: WebAssembly.Imports = Object.create(null);
  const moduleOf = (module: string): WebAssembly.ModuleImports => {
    imports[module] ??= Object.create(null) as WebAssembly.ModuleImports;
    return imports[module];
  };
  moduleOf(meterModule)[refillName] = parts.refill;
  const own = runtimeImports(guard, context, parts.onTrace);
  for (const f of linked.functions) {
    moduleOf(f.module)[f.name] = "spec" in f ? guardHostFunction(guard, context, f) : own[f.name];
  }
  if (linked.memory !== undefined) {
    const { module, name } = linked.memory;
    // Read once for each instantiation, so every instance gets a memory of its own.
    Object.defineProperty(moduleOf(module), name, {
      enumerable: true,
      get: () =>
        new WebAssembly.Memory({ initial: parts.initialPages, maximum: parts.maximumPages }),
    });
  }
  return imports;
}
