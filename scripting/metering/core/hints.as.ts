import { IntList } from "../../wasm/core/list.as";
import { ByteWriter } from "../../wasm/core/writer.as";

/** Most bytes that a hint takes, and what stands in front of a function's. */
const hintBytes: i32 = 7;
const functionBytes: i32 = 10;

const writtenHints: ByteWriter = changetype<ByteWriter>(memory.data(offsetof<ByteWriter>()));
const pendingHints: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));

/**
 * Tells engines which of the meter's branches are hardly ever taken, so that they move what is
 * behind them out of the way: https://github.com/WebAssembly/branch-hinting.
 */
@unmanaged
export class BranchHints {
  /** By function: its index, the number of hints, then a position and a direction for each. */
  @inline get written(): ByteWriter {
    return writtenHints;
  }
  /** How many functions have any. */
  functions: i32 = 0;
  @inline private get pending(): IntList {
    return pendingHints;
  }

  begin(marks: i32): void {
    this.written.begin(marks << 1);
    this.functions = 0;
    this.pending.begin(256);
  }

  /** The `if` or `br_if` about to be written at `position` is hardly ever taken. */
  @inline unlikely(position: i32): void {
    this.pending.push(position << 1);
  }

  /** …is nearly always taken. */
  @inline likely(position: i32): void {
    this.pending.push((position << 1) | 1);
  }

  /** Files what was noted, for a function in whose body positions are greater by `shift`. */
  file(functionIndex: i32, shift: i32): void {
    const pending = this.pending;
    const written = this.written;
    const count = pending.length;
    if (count == 0) return;
    this.functions++;
    written.reserve(functionBytes + count * hintBytes);
    written.u32(functionIndex);
    written.u32(count);
    const values = pending.values;
    for (let i = 0; i < count; i++) {
      const value = values[i];
      written.u32((value >>> 1) + shift);
      written.byte(1); // Bytes of the hint.
      written.byte(value & 1);
    }
    pending.length = 0;
  }
}

export const hints: BranchHints = changetype<BranchHints>(memory.data(offsetof<BranchHints>()));
