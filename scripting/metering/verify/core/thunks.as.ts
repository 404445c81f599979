import { Op } from "../../../wasm/op";
import { holders } from "./holders.as";
import { input } from "./input.as";
import { immediateAt, listing as l } from "./listing.as";
import { meter } from "./meter.as";

/** Whether the function that was read is `begin` or `remaining`, and nothing else. */
export function isOwnFunction(functionIndex: i32): bool {
  if (functionIndex != meter.begin) return l.isLast(1) && l.has(0, Op.globalGet, meter.fuel);
  return (
    l.isLast(6) &&
    l.has(0, Op.localGet, 1) &&
    l.has(1, Op.globalSet, meter.depth) &&
    l.has(2, Op.localGet, 0) &&
    l.has(3, Op.globalSet, meter.fuel) &&
    l.has(4, Op.i32Const, 0) &&
    l.has(5, Op.globalSet, meter.stop)
  );
}

/**
 * Reads all of a function, and says whether it works on the fuel global; without holding fuel, only
 * thunks do.
 */
export function usesFuelGlobal(): bool {
  let uses = false;
  for (let at = l.first; at < l.stop; at += l.sizeAt(at)) {
    const op = <i32>load<u8>(at);
    if (op != Op.globalGet && op != Op.globalSet) continue;
    if (immediateAt(at) == meter.fuel) uses = true;
  }
  return uses;
}

/**
 * A thunk charges (or hands over) the fuel global, passes its parameters on, and returns. Returns
 * the first instruction that doesn't belong, or -1.
 */
export function strayInThunk(f: i32): i32 {
  let i = 0;
  let charged = false;
  let price = -1;
  if (l.has(0, Op.globalGet, meter.fuel) && l.is(2, Op.i32Sub)) {
    const constant = l.is(1, Op.i32Const) && l.a(1) >= 0;
    const priced = l.is(1, Op.globalGet) && meter.isPrice(l.a(1));
    if (priced) price = l.a(1);
    if (!constant && !priced) return 1;
    if (!l.has(3, Op.globalSet, meter.fuel)) return 2;
    charged = true;
    i = 4;
  }
  const params = input.paramsOf(f);
  for (let p = 0; p < params; p++) if (!l.has(i++, Op.localGet, p)) return i - 1;
  if (!charged) {
    if (!l.has(i++, Op.globalGet, meter.fuel)) return i - 1;
    if (l.has(i, Op.globalGet, meter.depth)) i++;
  }
  if (!l.is(i, Op.call)) return i;
  const callee = l.a(i);
  if (callee == meter.refill || meter.isOwn(callee)) return i;
  const to = callee - input.importedFunctions;
  const imported = callee < input.importedFunctions;
  if (imported ? price < 0 || meter.pricedBy(price) != callee : price >= 0) return i;
  const threaded = holders.isThreaded(to);
  if (threaded == charged || (holders.fuel(to) >= 0 && !threaded)) return i;
  const deep = holders.depth(to) >= 0;
  if (threaded && deep != l.has(i - 1, Op.globalGet, meter.depth)) return i;
  i++;
  if (!charged && !l.has(i++, Op.globalSet, meter.fuel)) return i - 1;
  return l.isLast(i) ? -1 : i;
}
