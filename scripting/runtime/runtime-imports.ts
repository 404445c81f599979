import { GuestStop } from "./guest-stop.ts";
import type { GuestStrings } from "./guest-strings.ts";
import type { HostFunctionSpec } from "./host-function.ts";
import type { GuardedScript } from "./host-guard.ts";
import type { RuntimeFunction } from "./linked-module.ts";

/** Whose module they are in. */
export const runtimeModule = "env";

export const runtimeSignatures = {
  abort: { params: ["i32", "i32", "i32", "i32"], results: [] },
  trace: { params: ["i32", "i32", "f64", "f64", "f64", "f64", "f64"], results: [] },
  seed: { params: [], results: ["f64"] },
} as const satisfies Record<RuntimeFunction["name"], Pick<HostFunctionSpec, "params" | "results">>;

/** Fuel of the runtime's own functions; `trace` costs that and its text. */
export const runtimeFunctionFuel = 100;

/** Fuel of each UTF-16 unit that `trace` gets to see, whether anybody listens or not. */
const traceFuelPerUnit = 2;

/** The runtime's own function of a name, if it has one. */
export function runtimeFunction(module: string, name: string): RuntimeFunction | undefined {
  if (module !== runtimeModule || !Object.hasOwn(runtimeSignatures, name)) return undefined;
  return { module, name: name as RuntimeFunction["name"] };
}

/** Longest abort message or trace text taken from a guest, in UTF-16 units. */
const maxTextLength = 500;

/** What AssemblyScript's standard library aborts with (std/assembly/util/error.ts): says nothing of a guest's data. */
const standardMessages: ReadonlySet<string> = new Set([
  "Index out of range",
  "Value out of range",
  "Invalid length",
  "Array is empty",
  "Element type must be nullable if array is holey",
  "Not implemented",
  "Key does not exist",
  "Allocation too large",
  "Object already pinned",
  "Object is not pinned",
  "URI malformed",
  "Invalid Date",
  "Unpaired surrogate",
  "unexpected null",
]);

/** What the runtime's own functions need of the script that calls them. */
export interface TextSource {
  /** Throws GuestStop when the budget can't pay. */
  charge(fuel: number): void;
  readonly strings: () => GuestStrings;
}

/**
 * `env.abort`, `env.trace` and `env.seed`, which every AssemblyScript module may import. The seed is a
 * constant: a script's `Math.random` is then the same in every run.
 * @param repeatsText whether a fault may repeat what the guest says.
 * @param onTrace undefined when nobody listens.
 */
export function runtimeImports(
  script: GuardedScript,
  source: TextSource,
  repeatsText: boolean,
  onTrace: ((text: string) => void) | undefined,
): Record<RuntimeFunction["name"], WebAssembly.ImportValue> {
  /** Units of a text that are taken; undefined where there is none, at a forged pointer. */
  const lengthOf = (pointer: number): number | undefined => {
    if (pointer === 0) return 0;
    try {
      return source.strings().startLength(pointer, maxTextLength);
    } catch {
      // A forged pointer must not change which fault this is.
      return undefined;
    }
  };
  const text = (pointer: number, length = lengthOf(pointer)): string => {
    if (length === undefined) return "(unreadable)";
    return length === 0 ? "" : source.strings().start(pointer, length);
  };
  return {
    abort: (message: number, file: number, line: number, column: number) => {
      script.reachHost();
      const at = `${line >>> 0}:${column >>> 0}`;
      const where = file === 0 ? "" : ` at ${repeatsText ? `${text(file)}:` : ""}${at}`;
      const said = text(message) || "no message";
      const isKnown = message === 0 || standardMessages.has(said);
      const shown = repeatsText || isKnown ? said : "it says why, which isn't repeated (guestText)";
      throw script.stop(new GuestStop("abort", `${shown}${where}`));
    },
    trace: (message: number, count: number, ...values: number[]) => {
      script.countHostCall();
      const length = lengthOf(message);
      // The same whether anybody listens or not: a call's fuel is no host's business.
      source.charge((length ?? 0) * traceFuelPerUnit);
      if (onTrace === undefined) return;
      const shown = values.slice(0, Math.max(0, Math.min(5, count)));
      onTrace([text(message, length), ...shown].join(" "));
    },
    seed: () => {
      script.countHostCall();
      return 0x5eed;
    },
  };
}
