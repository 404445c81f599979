import { reset } from "../../../wasm/core/memory.as";
import { Objection } from "../objections";
import { verifier } from "./body.as";
import { depthReaders } from "./depth.as";
import { frames } from "./frames.as";
import { holders } from "./holders.as";
import { input, Reach } from "./input.as";
import { meter } from "./meter.as";
import { order } from "./order.as";
import { refuse } from "./refusal.as";
import { states } from "./state.as";
import { stretches } from "./stretches.as";
import { tables } from "./tables.as";

/**
 * Starts a load, and returns where the host writes its lists, in the order of `VerifierInput`: all
 * i32, one behind the other.
 * @param pieceBytes of the largest among the bodies and the sections of claims and order.
 */
export function begin(
  pieceBytes: i32,
  importedFunctions: i32,
  bodyCount: i32,
  typeCount: i32,
  globalCount: i32,
  useCount: i32,
  exportCount: i32,
): usize {
  reset();
  input.pieceBytes = pieceBytes;
  input.importedFunctions = importedFunctions;
  input.bodyCount = bodyCount;
  input.functionCount = importedFunctions + bodyCount;
  input.typeCount = typeCount;
  input.globalCount = globalCount;
  input.useCount = useCount;
  input.exportCount = exportCount;
  return input.allocate();
}

/** Says which functions and globals are the meter's. */
export function setMeter(
  refill: i32,
  begin: i32,
  remaining: i32,
  fuel: i32,
  depth: i32,
  stop: i32,
): void {
  meter.refill = refill;
  meter.begin = begin;
  meter.remaining = remaining;
  meter.fuel = fuel;
  meter.depth = depth;
  meter.stop = stop;
  setDrivers(0, 0);
}

/** Says which functions are the drivers' and their readers: so many from one on. */
export function setDrivers(first: i32, count: i32): void {
  meter.firstDriver = first;
  meter.driverCount = count;
}

/**
 * Verifies every function, callees first, so that what a callee leaves unchecked is known to its
 * callers. The claims begin at an offset, with a byte for each function, and the order of calls
 * stands at `[orderStart, orderEnd)`; negative starts say that they are missing.
 */
export function verify(claims: i32, orderStart: i32, orderEnd: i32, hostHandles: bool): void {
  holders.begin(claims);
  for (let i = 0; i < input.exportCount; i++) {
    const index = input.exports[i];
    if (holders.isThreaded(index - input.importedFunctions)) {
      refuse(index, 0, Objection.threadedOutside);
    }
  }
  for (let i = 0; i < input.useCount; i++) {
    input.reach[input.uses[i]] |= Reach.referenced | Reach.tabled;
  }
  // A host that handles function references may put any exported one into a table.
  for (let i = 0; hostHandles && i < input.exportCount; i++) {
    input.reach[input.exports[i]] |= Reach.tabled;
  }
  order.begin(orderStart, orderEnd);
  tables.begin(hostHandles);
  depthReaders.begin();
  stretches.begin();
  states.begin();
  frames.begin();
  for (let i = 0; i < input.bodyCount; i++) verifier.run(order.sequence[i]);
}
