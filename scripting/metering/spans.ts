import { mediumLength, mediumValue, shortForms } from "../wasm/forms.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import type { MarkReader } from "../wasm/marks.ts";
import { Op } from "../wasm/opcodes.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { OffsetMapBuilder } from "./offsets.ts";

/**
 * Writes a body as spans of the original with the meter's code between them: what the reader passes is
 * pending, and copied once something else has to be written. Copies give locals their new places.
 */
export class SpanCopier {
  readonly out = new ByteWriter(4096);
  /** Start of the bytes read but not copied yet. */
  pending = 0;

  private readonly cursor: InstructionCursor;
  /** Locals from this one on move. */
  private firstMoved = 0;
  /** By how many places. */
  private shift = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly marks: MarkReader,
    private readonly offsets: OffsetMapBuilder,
  ) {
    this.cursor = new InstructionCursor(bytes);
  }

  /** Starts with an empty output at the original's `offset`. Locals from `firstMoved` on move by `shift`. */
  begin(offset: number, firstMoved: number, shift: number): void {
    this.out.clear();
    this.pending = offset;
    this.firstMoved = firstMoved;
    this.shift = shift;
  }

  /** Copies what is pending up to `offset`. */
  flush(offset: number): void {
    if (this.pending < offset) {
      this.offsets.copied(this.out.length, this.pending);
      if (this.shift === 0) this.out.copy(this.bytes, this.pending, offset);
      else this.copyShifted(this.pending, offset);
    }
    this.pending = offset;
  }

  private copyShifted(from: number, to: number): void {
    const { bytes, out, firstMoved, shift } = this;
    // A local's index takes a byte more at the most, in an instruction of two.
    out.reserve(2 * (to - from) + 16);
    const target = out.bytes;
    let end = out.length;
    let at = from;
    while (at < to) {
      const op = bytes[at] as number;
      const form = shortForms[op] as number;
      const size = form & 15;
      let byte = bytes[at + 1] as number;
      const first = byte & (form >> 4) & 0xff;
      const last = (bytes[at + size - 1] as number) & ((form >> 5) & 0x80);
      if (size !== 0 && (first | last) === 0) {
        if (op >= Op.localGet && op <= Op.localTee && byte >= firstMoved) byte += shift;
        if (byte < 0x80 || size !== 2) {
          target[end] = op;
          if (size > 1) {
            target[end + 1] = byte;
            for (let i = 2; i < size; i++) target[end + i] = bytes[at + i] as number;
          }
          end += size;
          at += size;
          continue;
        }
      }
      const medium = mediumLength(bytes, at);
      if (medium > 0) {
        let value = mediumValue(bytes, at, medium);
        if (op >= Op.localGet && op <= Op.localTee && value >= firstMoved) value += shift;
        if (value < 1 << (7 * (medium - 1))) {
          target[end] = op;
          target[end + 1] = (value & 0x7f) | 0x80;
          if (medium === 4) target[end + 2] = ((value >> 7) & 0x7f) | 0x80;
          target[end + medium - 1] = value >> (7 * (medium - 2));
          end += medium;
          at += medium;
          continue;
        }
      }
      out.length = end;
      at = this.copyLong(at);
      end = out.length;
    }
    out.length = end;
  }

  /** Copies the instruction at an offset, whatever its form; returns the next one's offset. */
  private copyLong(at: number): number {
    const { bytes, cursor, out, firstMoved, shift } = this;
    cursor.seek(at, bytes.length);
    cursor.next();
    const { op, a, end } = cursor;
    if (op >= Op.localGet && op <= Op.localTee && a >= firstMoved) {
      this.offsets.copied(out.length, at);
      out.pair(op, a + shift);
      this.offsets.copied(out.length, end);
    } else out.copy(bytes, at, end);
    return end;
  }

  /** Bytes written from here on stand before the instruction at `offset`. */
  insertAt(offset: number): void {
    this.flush(offset);
    this.offsets.inserted(this.out.length, offset);
  }

  /** Bytes written from here on stand for the current instruction, which isn't copied. */
  replace(): void {
    this.insertAt(this.marks.start);
    this.pending = this.marks.end;
  }

  /** Passes on the current instruction with another index behind its one-byte opcode. */
  replaceIndex(index: number): void {
    const { marks, out } = this;
    if (index === marks.a) return;
    this.flush(marks.start);
    this.offsets.copied(out.length, marks.start);
    const start = out.length;
    out.pair(marks.op, index);
    this.pending = marks.end;
    // What an index has grown by maps into the instruction, too.
    const grown = out.length - start - (marks.end - marks.start);
    if (grown > 0) this.offsets.copied(out.length - grown, marks.end - grown);
  }

  /** Bytes written next are the current instruction, in another form. */
  restate(): void {
    this.offsets.copied(this.out.length, this.marks.start);
  }

  /** Goes on with the bytes at `offset`, which may have been copied before. */
  resume(offset: number): void {
    this.pending = offset;
    this.offsets.inserted(this.out.length, offset);
  }
}
