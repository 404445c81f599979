import { Op } from "../wasm/opcodes.ts";
import type { InstructionWeights } from "../wasm/weights.ts";

/**
 * Fuel per instruction, by one-byte opcode. Wasmtime's table: 1 for everything but what generates
 * no code. Prefixed instructions cost {@link prefixedCost}.
 */
export const costs: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(1);
  for (const free of [
    Op.nop,
    Op.drop,
    Op.block,
    Op.loop,
    Op.unreachable,
    Op.return,
    Op.else,
    Op.end,
  ]) {
    table[free] = 0;
  }
  return table;
})();

/** Fuel per prefixed instruction (0xFC and SIMD), apart from what its length adds. */
export const prefixedCost = 1;

/** Both, for sums over plain code. */
export const costWeights: InstructionWeights = { short: costs, prefixed: prefixedCost };

/** Fuel of one instruction, apart from what its length adds. */
export function costOf(op: number): number {
  return op < 256 ? (costs[op] as number) : prefixedCost;
}

/**
 * Price of an operation whose time grows with a length on the stack:
 * `min(length, maxLength) << shiftLeft >>> shiftRight` fuel, on top of its instruction cost.
 * `maxLength << shiftLeft >>> shiftRight` stays at or below 2^29, so that one charge can't wrap an i32.
 */
export interface LengthPrice {
  readonly maxLength: number;
  readonly shiftLeft: number;
  readonly shiftRight: number;
}

/** A fuel for 8 bytes: about what memory bandwidth takes for them on first touch. */
const bytesPrice: LengthPrice = { maxLength: 0xffffffff, shiftLeft: 0, shiftRight: 3 };
/** 8 fuel an element: engines go through a call for each. Longer than any table can be: saturates. */
const elementsPrice: LengthPrice = { maxLength: 1 << 26, shiftLeft: 3, shiftRight: 0 };
/** A 64 KiB page at the price of writing its bytes. More than 65,536 pages always fail: saturates. */
const pagesPrice: LengthPrice = { maxLength: 1 << 16, shiftLeft: 13, shiftRight: 0 };

/** The operations that are priced by length before they run. */
export const lengthPrices: ReadonlyMap<number, LengthPrice> = new Map<number, LengthPrice>([
  [Op.memoryInit, bytesPrice],
  [Op.memoryCopy, bytesPrice],
  [Op.memoryFill, bytesPrice],
  [Op.memoryGrow, pagesPrice],
  [Op.tableInit, elementsPrice],
  [Op.tableCopy, elementsPrice],
  [Op.tableGrow, elementsPrice],
  [Op.tableFill, elementsPrice],
]);

/** Locals are zeroed at entry: a fuel for this many of them, charged with the entry. */
export const localsPerFuel = 8;

/** Fuel of entering a function with so many declared locals. */
export function entryCost(localCount: number): number {
  return Math.floor(localCount / localsPerFuel);
}
