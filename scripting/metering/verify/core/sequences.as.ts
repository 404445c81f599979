import { emptyBlockType, Op } from "../../../wasm/op";
import { meter } from "./meter.as";

/** Bytes of the longest check that is known by its bytes. */
const maxCheckBytes: i32 = 24;
const maxShortIndex: i32 = 1 << 21;
/** Instructions of a check of the fuel. */
export const checkLength: i32 = 8;

// The check's bytes, and which of them count; the end of a charge, padded to 8 bytes, and the same
// of it.
const check: usize = memory.data(maxCheckBytes);
const checkMask: usize = memory.data(maxCheckBytes);
const charge: usize = memory.data(8);
const chargeMask: usize = memory.data(8);
/** Where each instruction of the check begins. */
const checkStarts: usize = memory.data(checkLength);

/**
 * The meter's most frequent sequences as they stand in a function, byte for byte, unless integers
 * are longer than they have to be. What matches is sure to be one; what doesn't may be one all the
 * same.
 */
@unmanaged
export class MeterSequences {
  /** Bytes of a check. */
  checkBytes: i32 = 0;
  /** Bytes of a charge behind its constant. */
  chargeBytes: i32 = 0;
  private to: usize = 0;

  /** Makes those of a function with that local for its fuel, if any. */
  begin(fuel: i32): void {
    for (let at = 0; at < maxCheckBytes; at += 8) {
      store<i64>(check + at, 0);
      store<i64>(checkMask + at, 0);
    }
    store<i64>(charge, 0);
    if (<u32>fuel >= <u32>maxShortIndex || <u32>meter.refill >= <u32>maxShortIndex) {
      // What is masked with 0 is never 1.
      store<i64>(check, 1);
      store<i64>(charge, 1);
      store<i64>(chargeMask, 0);
      return;
    }
    this.to = check;
    this.begins(0);
    this.put(Op.localGet);
    this.index(fuel);
    this.begins(1);
    this.put(Op.i32Const);
    this.put(0);
    this.begins(2);
    this.put(Op.i32LtS);
    this.begins(3);
    this.put(Op.if_);
    this.put(emptyBlockType);
    this.begins(4);
    this.put(Op.localGet);
    this.index(fuel);
    this.begins(5);
    this.put(Op.call);
    this.index(meter.refill);
    this.begins(6);
    this.put(Op.localSet);
    this.index(fuel);
    this.begins(7);
    this.put(Op.end);
    this.checkBytes = <i32>(this.to - check);
    for (let at = 0; at < this.checkBytes; at++) store<u8>(checkMask + at, 0xff);
    this.to = charge;
    this.put(Op.i32Sub);
    this.put(Op.localSet);
    this.index(fuel);
    this.chargeBytes = <i32>(this.to - charge);
    store<u64>(chargeMask, u64.MAX_VALUE >> ((8 - this.chargeBytes) << 3));
  }

  /** Whether a check stands at an address, in front of `stop`. */
  @inline isCheckAt(at: usize, stop: usize): bool {
    return (
      (load<u64>(at) & load<u64>(checkMask)) == load<u64>(check) && this.isWholeCheckAt(at, stop)
    );
  }

  /** Where instruction `n` of a check begins, behind its first byte. */
  @inline checkStart(n: i32): usize {
    return load<u8>(checkStarts + n);
  }

  /**
   * Whether a charge goes on at an address behind the `local.get` that it begins with; returns the
   * address of its `i32.sub`, or 0. It takes at least 1.
   */
  @inline chargeAt(at: usize, stop: usize): usize {
    if (load<u8>(at) != Op.i32Const) return 0;
    let behind = at + 2;
    const byte = <i32>load<u8>(at, 1);
    if (byte >= 0x40 || byte == 0) {
      // Of two bytes, or none of this.
      const next = <i32>load<u8>(at, 2);
      if (byte < 0x80 || next >= 0x40 || next == 0) return 0;
      behind = at + 3;
    }
    if ((load<u64>(behind) & load<u64>(chargeMask)) != load<u64>(charge)) return 0;
    return behind + this.chargeBytes <= stop ? behind : 0;
  }

  private isWholeCheckAt(at: usize, stop: usize): bool {
    return (
      (load<u64>(at, 8) & load<u64>(checkMask, 8)) == load<u64>(check, 8) &&
      (load<u64>(at, 16) & load<u64>(checkMask, 16)) == load<u64>(check, 16) &&
      at + this.checkBytes <= stop
    );
  }

  private begins(n: i32): void {
    store<u8>(checkStarts + n, this.to - check);
  }

  private put(byte: i32): void {
    store<u8>(this.to++, byte);
  }

  private index(value: i32): void {
    let left = value;
    for (; left >= 0x80; left >>= 7) this.put((left & 0x7f) | 0x80);
    this.put(left);
  }
}

export const sequences: MeterSequences = changetype<MeterSequences>(
  memory.data(offsetof<MeterSequences>()),
);
