import { Immediate, Op, ValType } from "./op.ts";
import {
  deniedProposal,
  firstRelaxedSimdOpcode,
  immediates,
  lastRelaxedSimdOpcode,
  lastSimdOpcode,
  unassignedSimdOpcodes,
} from "./opcodes.ts";
import { ByteReader, WasmFormatError } from "./reader.ts";

/**
 * Reads a sequence of instructions one after the other into its own fields, so that a walk over a
 * module allocates nothing per instruction. Refuses every opcode and flag that it doesn't know.
 */
export class InstructionCursor {
  readonly reader: ByteReader;
  /** Offset of the instruction's first byte. */
  start = 0;
  /** The opcode; prefixed ones as `prefix << 16 | sub-opcode`. */
  op = 0;
  /** First immediate: index, label, block type (s33), i32 value, or number of `br_table` labels. */
  a = 0;
  /** Second immediate, where there is one: `call_indirect`'s table, `table.copy`'s source… */
  b = 0;
  /** Labels of the last `br_table`, the default one last; valid up to index `a`. */
  labels = new Uint32Array(16);

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.reader = new ByteReader(bytes, offset, end);
  }

  get done(): boolean {
    return this.reader.offset >= this.reader.end;
  }

  /** Offset just behind the instruction. */
  get end(): number {
    return this.reader.offset;
  }

  seek(offset: number, end: number): void {
    this.reader.offset = offset;
    this.reader.end = end;
  }

  /** Reads the next instruction. */
  next(): void {
    const reader = this.reader;
    const start = reader.offset;
    this.start = start;
    const op = reader.byte();
    this.op = op;
    const kind = immediates[op] as number;
    if (kind === Immediate.none) return;
    // Nearly all immediates have one byte; the rest, and what is wrong, goes the long way.
    const at = start + 1;
    if (at < reader.end) {
      const byte = reader.bytes[at] as number;
      if (byte < 0x80) {
        if (kind === Immediate.index || kind === Immediate.label) {
          this.a = byte;
          reader.offset = at + 1;
          return;
        }
        if (kind === Immediate.i32) {
          this.a = (byte << 25) >> 25;
          reader.offset = at + 1;
          return;
        }
        if (kind === Immediate.memoryAccess && byte <= 4 && at + 1 < reader.end) {
          const offset = reader.bytes[at + 1] as number;
          if (offset < 0x80) {
            this.a = byte;
            this.b = offset;
            reader.offset = at + 2;
            return;
          }
        }
      }
    }
    this.immediatesOf(op, kind);
  }

  private immediatesOf(op: number, kind: number): void {
    const { reader, start } = this;
    switch (kind) {
      case Immediate.label:
      case Immediate.index:
        this.a = reader.u32();
        return;
      case Immediate.blockType:
        this.a = this.blockType();
        return;
      case Immediate.memoryAccess:
        this.memoryAccess();
        return;
      case Immediate.i32:
        this.a = reader.s32();
        return;
      case Immediate.i64:
        reader.skipS64();
        return;
      case Immediate.f32:
        reader.skip(4);
        return;
      case Immediate.f64:
        reader.skip(8);
        return;
      case Immediate.indexPair:
        this.a = reader.u32();
        this.b = reader.u32();
        return;
      case Immediate.labelTable:
        this.labelTable();
        return;
      case Immediate.memoryIndex:
        this.memoryIndex();
        return;
      case Immediate.valTypes:
        this.valTypes();
        return;
      case Immediate.refType:
        this.a = this.refType();
        return;
      case Immediate.prefixFc:
        this.prefixFc();
        return;
      case Immediate.prefixFd:
        this.prefixFd();
        return;
      case Immediate.denied:
        throw new WasmFormatError(start, `${deniedProposal(op)} instruction`, "denied");
      default:
        throw new WasmFormatError(start, `unknown opcode 0x${op.toString(16)}`, "unknown");
    }
  }

  private blockType(): number {
    const at = this.reader.offset;
    const type = this.reader.s33();
    if (type >= 0 || type === -64) return type;
    if (type < -64) this.reader.fail("block type", at);
    checkValType(type & 0x7f, at);
    return type;
  }

  private memoryAccess(): void {
    const at = this.reader.offset;
    const align = this.reader.u32();
    // Bit 6 says that a memory index follows: multi-memory.
    if (align >= 0x40 && align < 0x80) {
      throw new WasmFormatError(at, "multi-memory access", "denied");
    }
    if (align > 4) this.reader.fail(`alignment 2^${align}`, at);
    const offsetAt = this.reader.offset;
    this.a = align;
    try {
      this.b = this.reader.u32();
    } catch (error) {
      // A broken LEB within the code is one of 64 bits; at its end, the code is cut off.
      if (!(error instanceof WasmFormatError) || this.done) throw error;
      throw new WasmFormatError(offsetAt, "memory offset above 32 bits (memory64?)", "denied");
    }
  }

  private memoryIndex(): void {
    const at = this.reader.offset;
    if (this.reader.byte() !== 0) throw new WasmFormatError(at, "multi-memory index", "denied");
  }

  private labelTable(): void {
    const count = this.reader.u32();
    // Each label takes a byte at least, so a count beyond the body is refused before allocating.
    if (count > this.reader.end - this.reader.offset) this.reader.fail("br_table too long");
    if (count >= this.labels.length) this.labels = new Uint32Array((count + 1) * 2);
    for (let i = 0; i <= count; i++) this.labels[i] = this.reader.u32();
    this.a = count;
  }

  private valTypes(): void {
    const at = this.reader.offset;
    if (this.reader.u32() !== 1) this.reader.fail("select wants one type", at);
    this.a = this.reader.byte();
    checkValType(this.a, at + 1);
  }

  private refType(): number {
    const at = this.reader.offset;
    const type = this.reader.byte();
    if (isRefType(type)) return type;
    // Not of one negative byte: a type index.
    if (type < 0x40 || type >= 0x80) {
      throw new WasmFormatError(at, "function-references heap type", "denied");
    }
    checkValType(type, at);
    return this.reader.fail(`heap type 0x${type.toString(16)} is no reference`, at);
  }

  private prefixFc(): void {
    const reader = this.reader;
    const sub = reader.u32();
    this.op = 0xfc0000 | sub;
    switch (this.op) {
      case Op.memoryInit:
        this.a = reader.u32();
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
        this.a = reader.u32();
        this.b = reader.u32();
        return;
      case Op.dataDrop:
      case Op.elemDrop:
      case Op.tableGrow:
      case Op.tableSize:
      case Op.tableFill:
        this.a = reader.u32();
        return;
      default:
        // 0 to 7 are the saturating conversions, without immediates.
        if (sub > 7) {
          throw new WasmFormatError(this.start, `unknown opcode 0xfc ${sub}`, "unknown");
        }
    }
  }

  private prefixFd(): void {
    const reader = this.reader;
    const sub = reader.u32();
    if (sub >= firstRelaxedSimdOpcode && sub <= lastRelaxedSimdOpcode) {
      throw new WasmFormatError(this.start, "relaxed SIMD instruction", "denied");
    }
    if (sub > lastSimdOpcode || unassignedSimdOpcodes.has(sub)) {
      throw new WasmFormatError(this.start, `unknown opcode 0xfd ${sub}`, "unknown");
    }
    this.op = 0xfd0000 | sub;
    if (sub <= 11 || sub === 92 || sub === 93) this.memoryAccess();
    else if (sub === 12 || sub === 13) reader.skip(16);
    else if (sub >= 21 && sub <= 34) reader.skip(1);
    else if (sub >= 84 && sub <= 91) {
      this.memoryAccess();
      reader.skip(1);
    }
  }
}

/** Whether the byte is a value type of an allowed feature. */
export function isValType(byte: number): boolean {
  return (byte >= ValType.v128 && byte <= ValType.i32) || isRefType(byte);
}

/** Refuses a value type that isn't of an allowed feature, naming the proposal where it is known. */
export function checkValType(byte: number, offset: number): void {
  if (isValType(byte)) return;
  const type = `value type 0x${byte.toString(16)}`;
  if (byte === 0x63 || byte === 0x64) {
    throw new WasmFormatError(offset, `function-references or GC ${type}`, "denied");
  }
  if (byte === 0x69 || byte === 0x74)
    throw new WasmFormatError(offset, `exceptions ${type}`, "denied");
  if (byte === 0x68 || byte === 0x75) {
    throw new WasmFormatError(offset, `stack switching ${type}`, "denied");
  }
  if (byte >= 0x6a && byte <= 0x78) throw new WasmFormatError(offset, `GC ${type}`, "denied");
  throw new WasmFormatError(offset, `unknown ${type}`, "unknown");
}

/** Whether the byte is a reference type of an allowed feature. */
export function isRefType(byte: number): boolean {
  return byte === ValType.funcref || byte === ValType.externref;
}
