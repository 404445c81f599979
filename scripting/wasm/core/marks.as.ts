import { InstructionCursor } from "./instructions.as";
import { Ints } from "./memory.as";

/*
 * The instructions of a module's bodies that decide what runs next, call, take a length or a
 * reference: its marks. What stands between two of them is plain code, of which a weight is known.
 * Each takes three entries: where it starts; opcode, length and the weight in front of it, packed;
 * its first immediate.
 */

export const entriesPerMark: i32 = 3;

const opcodeBits: i32 = 9;
const lengthBits: i32 = 4;
/** Plain code that weighs this much is parted by a {@link pauseOp}. */
export const maxRunWeight: i32 = 4_096;
/** Opcode of a mark without an instruction. */
export const pauseOp: i32 = 0x1ff;
/** Set in a packed opcode whose prefix is 0xFC. */
const prefixed: i32 = 0x100;

/** Packs a mark's second entry. Lengths that don't fit are found out again. */
export function packMark(op: i32, bytes: i32, weight: i32): i32 {
  const code = op < prefixed || op == pauseOp ? op : prefixed | (op & 0xff);
  const length = bytes < 1 << lengthBits ? bytes : 0;
  return code | (length << opcodeBits) | (weight << (opcodeBits + lengthBits));
}

/** The mark that was last read with all of its immediates. */
const wholeMark: InstructionCursor = changetype<InstructionCursor>(
  memory.data(offsetof<InstructionCursor>()),
);

/** Goes through the marks of one function after the other. */
@unmanaged
export class MarkReader {
  /** The module's bytes, their count, and all entries. */
  bytes: usize = 0;
  byteCount: i32 = 0;
  entries: Ints = changetype<Ints>(0);
  /** Offset of the mark's first byte, and of the first one behind it. */
  start: i32 = 0;
  end: i32 = 0;
  /** Its opcode, as the cursor has it; or {@link pauseOp}. Not set by `nextCode`. */
  op: i32 = 0;
  /** Its first immediate, as the cursor has it. */
  a: i32 = 0;
  /** Plain code in front of the mark: where it begins, and its weight. */
  runStart: i32 = 0;
  weight: i32 = 0;
  /** Where the next mark stands among the entries. */
  position: i32 = 0;

  /** Goes to in front of the mark at `position`; the one before it ends at `end`. */
  seek(position: i32, end: i32): void {
    this.position = position;
    this.end = end;
  }

  /** Goes to the next mark, and returns its opcode. */
  @inline next(): i32 {
    const code = this.nextCode();
    const op = code < prefixed || code == pauseOp ? code : 0xfc0000 | (code & 0xff);
    this.op = op;
    return op;
  }

  /**
   * Goes to the next mark, and returns its opcode in nine bits, for tables: a one-byte opcode,
   * 0x100 and what follows 0xFC, or {@link pauseOp}.
   */
  @inline nextCode(): i32 {
    const entries = this.entries;
    const at = this.position;
    this.position = at + entriesPerMark;
    const start = entries[at];
    const packed = entries[at + 1];
    const code = packed & ((1 << opcodeBits) - 1);
    const length = (packed >> opcodeBits) & ((1 << lengthBits) - 1);
    this.runStart = this.end;
    this.weight = packed >>> (opcodeBits + lengthBits);
    this.start = start;
    this.a = entries[at + 2];
    this.end = start + length;
    if (length == 0 && code != pauseOp) this.end = this.whole().end;
    return code;
  }

  /** The mark with all of its immediates. Valid until it is asked for again. */
  whole(): InstructionCursor {
    const cursor = wholeMark;
    cursor.bytes = this.bytes;
    cursor.read(this.start, this.byteCount);
    return cursor;
  }
}
