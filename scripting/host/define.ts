import type { HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import { hostPrices } from "./prices.ts";

type WasmType = "i32" | "f32" | "f64";

/** Defines one host function of a module at its price in the table. */
export type Define = (
  name: string,
  params: readonly WasmType[],
  results: readonly WasmType[],
  run: HostFunction,
  price?: keyof typeof hostPrices,
) => void;

/** Defines host functions under one module name; the price is that of `module.name` unless given. */
export function hostModule(linker: Linker, module: string): Define {
  return (name, params, results, run, price = `${module}.${name}` as keyof typeof hostPrices) => {
    // Those that take floats say themselves which column they don't fit.
    const spec = { params, results, fuel: hostPrices[price].fuel, anyFloat: true };
    linker.func(module, name, spec, run);
  };
}
