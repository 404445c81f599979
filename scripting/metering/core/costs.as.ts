import { localsPerFuel } from "../bounds";
import { Bytes } from "../../wasm/core/memory.as";
import { Op } from "../../wasm/op";

/**
 * Fuel per instruction, by one-byte opcode. Wasmtime's table: 1 for everything but what generates
 * no code. Prefixed instructions cost {@link prefixedCost}.
 */
export const costs: Bytes = changetype<Bytes>(memory.data(256));
memory.fill(changetype<usize>(costs), 1, 256);
costs[Op.nop] = 0;
costs[Op.drop] = 0;
costs[Op.block] = 0;
costs[Op.loop] = 0;
costs[Op.unreachable] = 0;
costs[Op.return_] = 0;
costs[Op.else_] = 0;
costs[Op.end] = 0;

/** Fuel per prefixed instruction (0xFC and SIMD), apart from what its length adds. */
export const prefixedCost: i32 = 1;

/** Fuel of one instruction, apart from what its length adds. */
export function costOf(op: i32): i32 {
  return op < 256 ? costs[op] : prefixedCost;
}

/** Fuel of entering a function with so many declared locals. */
export function entryCost(localCount: i32): i32 {
  return localCount / localsPerFuel;
}
