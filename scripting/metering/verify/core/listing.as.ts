import { emptyBlockType, Op, ValType } from "../../../wasm/op";
import { InstructionCursor } from "../../../wasm/core/instructions.as";
import { formOf, integerForm, isShort, memoryForm, shortSizeAt } from "./forms.as";
import { input } from "./input.as";
import { meter } from "./meter.as";
import { sequences } from "./sequences.as";

/** Instructions whose place is known at a time: a power of 2. */
const windowLength: i32 = 64;
/** What stands there instead of an instruction: no opcode, and an immediate that ends. */
const nowhere: usize = memory.data<u8>([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00]);
/** Addresses of instructions; that of number `i` at `i` modulo the window's length. */
const starts: usize = memory.data(windowLength << 2);

const cursor: InstructionCursor = changetype<InstructionCursor>(
  memory.data(offsetof<InstructionCursor>()),
);

/**
 * The instructions of one body around the one that is being looked at, so that sequences can be
 * matched around it: 32 in front of it, which have been read, and the next 31, which are read when
 * they are asked for. What would be in front of the first instruction, or behind the last one, is
 * none at all.
 */
@unmanaged
export class Listing {
  /** Where the body's code begins, and ends. */
  first: usize = 0;
  stop: usize = 0;
  /** The last instruction that was read: those up to it can be asked for. */
  known: i32 = 0;

  /** Starts defined function `f`, whose first instruction is the only one known. */
  begin(f: i32): void {
    input.showBody(f);
    cursor.bytes = input.bytes;
    this.first = input.bytes + input.codeStart(f);
    this.stop = input.bytes + input.codeEnd(f);
    this.known = 0;
    const none = (<u64>nowhere << 32) | <u64>nowhere;
    const before = starts + (windowLength << 1);
    for (let at = 0; at < windowLength << 1; at += 8) store<u64>(before + at, none);
    this.put(0, this.first);
  }

  /** Says where instruction `i` stands. */
  @inline put(i: i32, at: usize): void {
    store<usize>(starts + (<usize>(i & (windowLength - 1)) << 2), at);
  }

  /** Says that instruction `i` is looked at, and where the next one stands. */
  @inline lookAt(i: i32, next: usize): void {
    this.put(i + 1, next >= this.stop ? nowhere : next);
    this.known = i + 1;
  }

  /** Address of instruction `i`. */
  @inline start(i: i32): usize {
    if (i > this.known) this.extend(i);
    return load<usize>(starts + (<usize>(i & (windowLength - 1)) << 2));
  }

  private extend(to: i32): void {
    for (let i = this.known; i < to; i++) {
      const at = this.start(i);
      const next = at == nowhere ? nowhere : at + this.sizeAt(at);
      this.put(i + 1, next == this.stop ? nowhere : next);
      this.known = i + 1;
    }
  }

  /** Bytes of the instruction at an address; one that can't be read refuses the module. */
  @inline sizeAt(at: usize): usize {
    const form = formOf(load<u8>(at));
    const size = shortSizeAt(at);
    const isQuick = isShort(form, load<i32>(at)) && this.isReadable(at) && at + size <= this.stop;
    return isQuick ? size : this.longSizeAt(at);
  }

  private longSizeAt(at: usize): usize {
    const form = formOf(load<u8>(at));
    const size = isShort(form, load<i32>(at)) ? 0 : mediumSize(at, form);
    if (size != 0 && at + size <= this.stop) return size;
    return input.bytes + this.whole(at).end - at;
  }

  /** Whether an instruction has no block type that has to be looked at. */
  @inline isReadable(at: usize): bool {
    const op = <i32>load<u8>(at);
    return op < Op.block || op > Op.if_ || isBlockType(load<u8>(at, 1));
  }

  /** The instruction at an address, with all of its immediates. Valid until any other is read. */
  whole(at: usize): InstructionCursor {
    cursor.read(<i32>(at - input.bytes), <i32>(this.stop - input.bytes));
    return cursor;
  }

  /**
   * Reads all of the function, and returns the offset of its instruction `i`, or of its last one.
   */
  offsetOf(i: i32): i32 {
    const end = <i32>(this.stop - input.bytes);
    let offset = 0;
    cursor.end = <i32>(this.first - input.bytes);
    for (let n = 0; cursor.end < end; n++) {
      cursor.read(cursor.end, end);
      if (n <= i) offset = cursor.start;
    }
    return offset;
  }

  /** Opcode of instruction `i`; of no meaning where there is none. */
  op(i: i32): i32 {
    return this.opAt(this.start(i));
  }

  opAt(at: usize): i32 {
    const op = <i32>load<u8>(at);
    return op < 0xfc || at == nowhere ? op : this.whole(at).op;
  }

  /** Its first immediate, where that is an integer. */
  @inline a(i: i32): i32 {
    return immediateAt(this.start(i));
  }

  /** Whether it has an opcode of one byte. */
  @inline is(i: i32, op: i32): bool {
    return load<u8>(this.start(i)) == op;
  }

  /** Whether it has an opcode of one byte, and that as its first immediate. */
  @inline has(i: i32, op: i32, a: i32): bool {
    const at = this.start(i);
    return load<u8>(at) == op && immediateAt(at) == a;
  }

  /**
   * The same of an instruction counted from the function's entry on, however far back; `a` is of no
   * meaning where an instruction has none.
   */
  entryHas(i: i32, op: i32, a: i32): bool {
    let at = this.first;
    for (let n = 0; n < i && at < this.stop; n++) at += this.sizeAt(at);
    return at < this.stop && <i32>load<u8>(at) == op && (op == Op.i32Sub || immediateAt(at) == a);
  }

  /** Whether `i` is the last one. */
  isLast(i: i32): bool {
    return this.start(i) != nowhere && this.start(i + 1) == nowhere;
  }

  /** Whether there is an instruction `i`. */
  exists(i: i32): bool {
    return this.start(i) != nowhere;
  }

  /** Whether instructions `[i, i + 8)` ask for more fuel if there is none left. */
  isCheck(i: i32, fuel: i32): bool {
    if (sequences.isCheckAt(this.start(i), this.stop)) return true;
    return (
      this.has(i, Op.localGet, fuel) &&
      this.has(i + 1, Op.i32Const, 0) &&
      this.is(i + 2, Op.i32LtS) &&
      this.has(i + 3, Op.if_, emptyBlockType - 0x80) &&
      this.has(i + 4, Op.localGet, fuel) &&
      this.has(i + 5, Op.call, meter.refill) &&
      this.has(i + 6, Op.localSet, fuel) &&
      this.is(i + 7, Op.end)
    );
  }
}

/** The integer behind an opcode of one byte. */
@inline
export function immediateAt(at: usize): i32 {
  const byte = <i32>load<u8>(at, 1);
  return byte < 0x40 ? byte : longImmediateAt(at);
}

function longImmediateAt(at: usize): i32 {
  const op = <i32>load<u8>(at);
  const signed = op == Op.i32Const || (op >= Op.block && op <= Op.if_);
  let value = 0;
  let shift = 0;
  let byte = 0;
  do {
    byte = <i32>load<u8>(++at);
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80 && shift < 35);
  const unused = signed && shift < 32 ? 32 - shift : 0;
  return (value << unused) >> unused;
}

/**
 * Bytes of an instruction that hasn't its shortest form, and whose only immediates are an integer
 * of up to four bytes and a small alignment; else 0. Doesn't look at any end.
 */
@inline
export function mediumSize(at: usize, form: i64): usize {
  let last: usize = 2;
  if (<i32>form == memoryForm) {
    if (load<u8>(at, 1) > 4) return 0;
    if (load<u8>(at, 2) < 0x80) return 3;
    last = 3;
  } else if (<i32>form != integerForm) return 0;
  // Up to there, no value is too large.
  if (load<u8>(at + last) < 0x80) return last + 1;
  if (load<u8>(at + last, 1) < 0x80) return last + 2;
  return load<u8>(at + last, 2) < 0x80 ? last + 3 : 0;
}

/** Whether the byte is a block type on its own; the others take the long way. */
@inline
function isBlockType(byte: i32): bool {
  return byte == emptyBlockType || (byte >= ValType.f64 && byte <= ValType.i32);
}

export const listing: Listing = changetype<Listing>(memory.data(offsetof<Listing>()));
