import type { HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import type { ColumnAccess } from "../windows/column-access.ts";
import type { FrameConstant } from "../windows/frame-constant.ts";
import type { MessageAccess, MessageSend } from "../windows/message-access.ts";
import { hostPrices } from "./prices.ts";

type WasmType = "i32" | "f32" | "f64";

/** Defines one host function of a module at its price in the table. */
export type Define = (
  name: string,
  params: readonly WasmType[],
  results: readonly WasmType[],
  run: HostFunction,
  options?: DefineOptions,
) => void;

export interface DefineOptions {
  /** Default: the price of `module.name`. */
  readonly price?: keyof typeof hostPrices;
  /** What a script's policy has to allow. */
  readonly capability?: string;
  readonly fuelPerByte?: number;
  readonly column?: ColumnAccess;
  readonly constant?: FrameConstant;
  readonly message?: MessageAccess;
  readonly send?: MessageSend;
  readonly found?: true;
}

/** Defines host functions under one module name. */
export function hostModule(linker: Linker, module: string): Define {
  return (name, params, results, run, options = {}) => {
    const { price = `${module}.${name}` as keyof typeof hostPrices, ...rest } = options;
    // Those that take floats say themselves which column they don't fit.
    const spec = {
      params,
      results,
      fuel: hostPrices[price].fuel,
      anyFloat: true,
      columns: "none" as const,
      repeatable: true,
      ...rest,
    };
    linker.func(module, name, spec, run);
  };
}
