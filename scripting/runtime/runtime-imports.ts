import { GuestStop } from "./guest-stop.ts";
import type { HostContext, HostFunctionSpec } from "./host-function.ts";
import type { GuardedScript } from "./host-guard.ts";
import type { RuntimeFunction } from "./linked-module.ts";

export const runtimeSignatures = {
  abort: { params: ["i32", "i32", "i32", "i32"], results: [] },
  trace: { params: ["i32", "i32", "f64", "f64", "f64", "f64", "f64"], results: [] },
  seed: { params: [], results: ["f64"] },
} as const satisfies Record<RuntimeFunction["name"], Pick<HostFunctionSpec, "params" | "results">>;

/** Fuel of the runtime's own functions. */
export const runtimeFunctionFuel = 100;

/** The runtime's own function of a name, if it has one. */
export function runtimeFunction(module: string, name: string): RuntimeFunction | undefined {
  if (module !== "env" || !Object.hasOwn(runtimeSignatures, name)) return undefined;
  return { module, name: name as RuntimeFunction["name"] };
}

/** Longest abort message or trace text taken from a guest, in UTF-16 units. */
const maxTextLength = 500;

/**
 * `env.abort`, `env.trace` and `env.seed`, which every AssemblyScript module may import. The seed is a
 * constant: a script's `Math.random` is then the same in every run.
 */
export function runtimeImports(
  script: GuardedScript,
  context: HostContext,
  onTrace: (text: string) => void,
): Record<RuntimeFunction["name"], WebAssembly.ImportValue> {
  const text = (pointer: number): string => {
    if (pointer === 0) return "";
    try {
      return context.readString(pointer).slice(0, maxTextLength);
    } catch {
      // A forged pointer must not change which fault this is.
      return "(unreadable)";
    }
  };
  return {
    abort: (message: number, file: number, line: number, column: number) => {
      const where = file === 0 ? "" : ` at ${text(file)}:${line >>> 0}:${column >>> 0}`;
      throw script.stop(new GuestStop("abort", `${text(message) || "no message"}${where}`));
    },
    trace: (message: number, count: number, ...values: number[]) => {
      script.countHostCall();
      onTrace([text(message), ...values.slice(0, Math.max(0, Math.min(5, count)))].join(" "));
    },
    seed: () => {
      script.countHostCall();
      return 0x5eed;
    },
  };
}
