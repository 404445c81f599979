import type { WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import { type FuelHolder, paramsOf } from "./holders.ts";
import type { Listing } from "./listing.ts";
import type { MeterIndices } from "./verify.ts";

/** Whether it is `begin` or `remaining`, and nothing else. */
export function isOwnFunction(l: Listing, meter: MeterIndices, functionIndex: number): boolean {
  const begins =
    l.length === 7 &&
    l.is(0, Op.localGet, 1) &&
    l.is(1, Op.globalSet, meter.depth) &&
    l.is(2, Op.localGet, 0) &&
    l.is(3, Op.globalSet, meter.fuel) &&
    l.is(4, Op.i32Const, 0) &&
    l.is(5, Op.globalSet, meter.stop);
  const reads = l.length === 2 && l.is(0, Op.globalGet, meter.fuel);
  return functionIndex === meter.begin ? begins : reads;
}

/** Whether a function works on the fuel global; without holding fuel, only thunks do. */
export function usesFuelGlobal(l: Listing, meter: MeterIndices): boolean {
  for (let i = 0; i < l.length; i++) {
    if (l.is(i, Op.globalGet, meter.fuel) || l.is(i, Op.globalSet, meter.fuel)) return true;
  }
  return false;
}

/**
 * A thunk charges (or hands over) the fuel global, passes its parameters on, and returns. Returns
 * the first instruction that doesn't belong, or -1.
 */
export function strayInThunk(
  l: Listing,
  meter: MeterIndices,
  module: WasmModule,
  f: number,
  holderOf: (functionIndex: number) => FuelHolder,
): number {
  let i = 0;
  let charged = false;
  let price = -1;
  if (l.is(0, Op.globalGet, meter.fuel) && l.is(2, Op.i32Sub)) {
    const constant = l.is(1, Op.i32Const) && (l.a[1] as number) >= 0;
    const priced = l.is(1, Op.globalGet) && meter.prices.has(l.a[1] as number);
    if (priced) price = l.a[1] as number;
    if (!constant && !priced) return 1;
    if (!l.is(3, Op.globalSet, meter.fuel)) return 2;
    charged = true;
    i = 4;
  }
  const params = paramsOf(module, f);
  for (let p = 0; p < params; p++) if (!l.is(i++, Op.localGet, p)) return i - 1;
  if (!charged) {
    if (!l.is(i++, Op.globalGet, meter.fuel)) return i - 1;
    if (l.is(i, Op.globalGet, meter.depth)) i++;
  }
  const callee = l.a[i] as number;
  const own = callee === meter.begin || callee === meter.remaining;
  if (!l.is(i, Op.call) || callee === meter.refill || own) return i;
  const to = holderOf(callee);
  const imported = callee < module.importedFunctionCount;
  if (imported ? meter.prices.get(price) !== callee : price >= 0) return i;
  if (to.threaded === charged || (to.fuel >= 0 && !to.threaded)) return i;
  if (to.threaded && to.depth >= 0 !== l.is(i - 1, Op.globalGet, meter.depth)) return i;
  i++;
  if (!charged && !l.is(i++, Op.globalSet, meter.fuel)) return i - 1;
  return i === l.length - 1 ? -1 : i;
}
