import { InstructionCursor } from "./instructions.ts";

/**
 * The instructions of a module's bodies that decide what runs next, call, take a length or a reference: its
 * marks. What stands between two of them is plain code, of which a weight is known. Each takes three
 * entries of `entries`: where it starts; opcode, length and the weight in front of it, packed; its
 * first immediate.
 */
export interface Marks {
  readonly entries: Int32Array;
  /** Marks of defined function `f` are entries `[starts[f], starts[f + 1])`. */
  readonly starts: Uint32Array;
}

export const entriesPerMark = 3;

const opcodeBits = 9;
const lengthBits = 4;
/** Plain code that weighs this much is parted by a {@link pauseOp}. */
export const maxRunWeight = 4_096;
/** Opcode of a mark without an instruction. */
export const pauseOp = 0x1ff;
/** Set in a packed opcode whose prefix is 0xFC. */
const prefixed = 0x100;

/** How many marks there are. */
export function markCount(marks: Marks): number {
  return marks.entries.length / entriesPerMark;
}

/** Packs a mark's second entry. Lengths that don't fit are found out again. */
export function packMark(op: number, bytes: number, weight: number): number {
  const code = op < prefixed || op === pauseOp ? op : prefixed | (op & 0xff);
  const length = bytes < 1 << lengthBits ? bytes : 0;
  return code | (length << opcodeBits) | (weight << (opcodeBits + lengthBits));
}

/** Goes through the marks of one function after the other, without allocating. */
export class MarkReader {
  /** Offset of the mark's first byte, and of the first one behind it. */
  start = 0;
  end = 0;
  /** Its opcode, as {@link InstructionCursor} has it; or {@link pauseOp}. */
  op = 0;
  /** Its first immediate, as {@link InstructionCursor} has it. */
  a = 0;
  /** Plain code in front of the mark: where it begins, and its weight. */
  runStart = 0;
  weight = 0;
  /** Where the next mark stands among the entries. */
  position = 0;
  private readonly cursor: InstructionCursor;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly marks: Marks,
  ) {
    this.cursor = new InstructionCursor(bytes);
  }

  /** Goes in front of defined function `f`, whose code starts at an offset. */
  open(f: number, codeStart: number): void {
    this.seek(this.marks.starts[f] as number, codeStart);
  }

  /** Goes to in front of the mark at `position`; the one before it ends at `end`. */
  seek(position: number, end: number): void {
    this.position = position;
    this.end = end;
  }

  next(): void {
    const { entries } = this.marks;
    const at = this.position;
    this.position = at + entriesPerMark;
    const packed = entries[at + 1] as number;
    const code = packed & ((1 << opcodeBits) - 1);
    const length = (packed >> opcodeBits) & ((1 << lengthBits) - 1);
    this.runStart = this.end;
    this.weight = packed >>> (opcodeBits + lengthBits);
    this.start = entries[at] as number;
    this.a = entries[at + 2] as number;
    this.op = code < prefixed || code === pauseOp ? code : 0xfc0000 | (code & 0xff);
    this.end = this.start + length;
    if (length === 0 && code !== pauseOp) this.end = this.whole().end;
  }

  /** The mark with all of its immediates. Valid until it is asked for again. */
  whole(): InstructionCursor {
    const { cursor } = this;
    cursor.seek(this.start, this.bytes.length);
    cursor.next();
    return cursor;
  }
}
