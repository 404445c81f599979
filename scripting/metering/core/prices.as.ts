import { Op } from "../../wasm/op";

/**
 * Price of an operation whose time grows with a length on the stack: `min(length, maxLength) <<
 * shiftLeft >>> shiftRight` fuel, on top of its instruction cost. `maxLength << shiftLeft >>>
 * shiftRight` stays at or below 2^29, so that no charge wraps an i32.
 */
@final
export class LengthPrice {
  constructor(
    /** Unsigned; the greatest one bounds nothing. */
    readonly maxLength: u32,
    readonly shiftLeft: i32,
    readonly shiftRight: i32,
  ) {}
}

/** A fuel for 8 bytes: about what memory bandwidth takes for them on first touch. */
const bytesPrice: LengthPrice = new LengthPrice(u32.MAX_VALUE, 0, 3);
/** 8 fuel an element: engines go through a call for each. Longer than any table: saturates. */
const elementsPrice: LengthPrice = new LengthPrice(1 << 26, 3, 0);
/** A 64 KiB page at the price of writing its bytes. More than 65,536 always fail: saturates. */
const pagesPrice: LengthPrice = new LengthPrice(1 << 16, 13, 0);

/** The price of an operation that is priced by length before it runs; null for others. */
export function lengthPrice(op: i32): LengthPrice | null {
  switch (op) {
    case Op.memoryInit:
    case Op.memoryCopy:
    case Op.memoryFill:
      return bytesPrice;
    case Op.memoryGrow:
      return pagesPrice;
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableGrow:
    case Op.tableFill:
      return elementsPrice;
    default:
      return null;
  }
}
