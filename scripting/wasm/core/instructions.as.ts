import { Immediate, Op, ValType } from "../op";
import { immediates } from "./immediates.as";
import { refuseInstruction } from "./refusal.as";

/**
 * Reads one instruction after the other into its own fields. Refuses every opcode and flag that it
 * doesn't know; reads never pass `limit`. Long forms of everything: hot loops look for short ones
 * first.
 */
@final
export class InstructionCursor {
  /** Offset of the instruction's first byte, and of the first one behind it. */
  start: i32 = 0;
  end: i32 = 0;
  /** The opcode; prefixed ones as `prefix << 16 | sub-opcode`. */
  op: i32 = 0;
  /** First immediate: index, label, block type (s33), i32 value, or number of `br_table` labels; 0 without any. */
  a: i32 = 0;
  /** Second immediate, where there is one: `call_indirect`'s table, `table.copy`'s source… */
  b: i32 = 0;
  /** Of a `br_table`: where its labels begin. */
  labels: i32 = 0;
  /** Where the module's bytes stand. */
  bytes: usize = 0;
  private limit: i32 = 0;

  /** Reads the instruction at `offset` of code that ends at `limit`. */
  read(offset: i32, limit: i32): void {
    this.start = offset;
    this.limit = limit;
    this.end = offset;
    this.a = 0;
    const op = this.byte();
    this.op = op;
    switch (immediates[op]) {
      case Immediate.none:
        return;
      case Immediate.label:
      case Immediate.index:
        this.a = this.u32();
        return;
      case Immediate.blockType:
        this.a = this.blockType();
        return;
      case Immediate.memoryAccess:
        this.memoryAccess();
        return;
      case Immediate.i32:
        this.a = this.s32();
        return;
      case Immediate.i64:
        this.skipS64();
        return;
      case Immediate.f32:
        this.skip(4);
        return;
      case Immediate.f64:
        this.skip(8);
        return;
      case Immediate.indexPair:
        this.a = this.u32();
        this.b = this.u32();
        return;
      case Immediate.labelTable:
        this.labelTable();
        return;
      case Immediate.memoryIndex:
        this.memoryIndex();
        return;
      case Immediate.valTypes:
        if (this.u32() != 1) this.refuse();
        this.a = this.byte();
        if (!isValType(this.a)) this.refuse();
        return;
      case Immediate.refType:
        this.a = this.byte();
        if (!isRefType(this.a)) this.refuse();
        return;
      case Immediate.prefixFc:
        this.prefixFc();
        return;
      case Immediate.prefixFd:
        this.prefixFd();
        return;
      default:
        this.refuse();
    }
  }

  /** Goes to the first label of the `br_table` just read; `nextLabel` reads the `a + 1` that it has. */
  beginLabels(): void {
    this.end = this.labels;
  }

  nextLabel(): i32 {
    return this.u32();
  }

  private refuse(): void {
    refuseInstruction(this.start, this.limit);
    unreachable();
  }

  private byte(): i32 {
    const at = this.end;
    if (at >= this.limit) this.refuse();
    this.end = at + 1;
    return <i32>load<u8>(this.bytes + at);
  }

  private skip(count: i32): void {
    if (count > this.limit - this.end) this.refuse();
    this.end += count;
  }

  private u32(): i32 {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.byte();
      if (shift == 28 && b > 0x0f) break;
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value;
    }
    this.refuse();
    return 0;
  }

  private s32(): i32 {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.byte();
      if (shift == 28) {
        // What is left of the sign has to repeat it.
        if (b > 0x07 && (b < 0x78 || b > 0x7f)) break;
        return value | (b << 28);
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    this.refuse();
    return 0;
  }

  /** A signed LEB of 33 bits: a type index, or one negative byte's worth. */
  private blockType(): i32 {
    let value: i64 = 0;
    for (let shift: i64 = 0; shift < 35; shift += 7) {
      const b: i64 = this.byte();
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        if (shift == 28 && b > 0x0f && b < 0x70) break;
        value = (value << (57 - shift)) >> (57 - shift);
        if (value >= 0 || value == -64) return <i32>value;
        if (value < -64 || !isValType(<i32>value & 0x7f)) break;
        return <i32>value;
      }
    }
    this.refuse();
    return 0;
  }

  private skipS64(): void {
    for (let i = 0; i < 10; i++) {
      const b = this.byte();
      if (i == 9 && b != 0x00 && b != 0x7f) break;
      if (b < 0x80) return;
    }
    this.refuse();
  }

  private memoryAccess(): void {
    this.a = this.u32();
    if (<u32>this.a > 4) this.refuse();
    this.b = this.u32();
  }

  private memoryIndex(): void {
    if (this.byte() != 0) this.refuse();
  }

  private labelTable(): void {
    const count = this.u32();
    // Each label takes a byte at least.
    if (<u32>count > <u32>(this.limit - this.end)) this.refuse();
    this.labels = this.end;
    for (let i = 0; i <= count; i++) this.u32();
    this.a = count;
  }

  private prefixFc(): void {
    const sub = this.u32();
    if (<u32>sub > 0x11) this.refuse();
    const op = 0xfc0000 | sub;
    this.op = op;
    switch (op) {
      case Op.memoryInit:
        this.a = this.u32();
        this.memoryIndex();
        return;
      case Op.memoryCopy:
        this.memoryIndex();
        this.memoryIndex();
        return;
      case Op.memoryFill:
        this.memoryIndex();
        return;
      case Op.tableInit:
      case Op.tableCopy:
        this.a = this.u32();
        this.b = this.u32();
        return;
      case Op.dataDrop:
      case Op.elemDrop:
      case Op.tableGrow:
      case Op.tableSize:
      case Op.tableFill:
        this.a = this.u32();
    }
  }

  private prefixFd(): void {
    const sub = this.u32();
    if (<u32>sub > 0xff || isUnassignedSimd(sub)) this.refuse();
    this.op = 0xfd0000 | sub;
    if (sub <= 11 || sub == 92 || sub == 93) this.memoryAccess();
    else if (sub == 12 || sub == 13) this.skip(16);
    else if (sub >= 21 && sub <= 34) this.skip(1);
    else if (sub >= 84 && sub <= 91) {
      this.memoryAccess();
      this.skip(1);
    }
  }
}

/** Whether a sub-opcode below 0x100 is one that no instruction has. */
function isUnassignedSimd(sub: i32): bool {
  switch (sub) {
    case 0x9a:
    case 0xa2:
    case 0xa5:
    case 0xa6:
    case 0xaf:
    case 0xb0:
    case 0xb2:
    case 0xb3:
    case 0xb4:
    case 0xbb:
    case 0xc2:
    case 0xc5:
    case 0xc6:
    case 0xcf:
    case 0xd0:
    case 0xd2:
    case 0xd3:
    case 0xd4:
    case 0xe2:
    case 0xee:
      return true;
    default:
      return false;
  }
}

function isRefType(byte: i32): bool {
  return byte == ValType.funcref || byte == ValType.externref;
}

function isValType(byte: i32): bool {
  return (byte >= ValType.v128 && byte <= ValType.i32) || isRefType(byte);
}
