import type { InstructionCursor } from "../wasm/instructions.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { OffsetMapBuilder } from "./offsets.ts";

/**
 * Writes a body as spans of the original with the meter's code between them: what the cursor passes is
 * pending, and copied once something else has to be written.
 */
export class SpanCopier {
  readonly out = new ByteWriter(4096);
  /** Start of the bytes read but not copied yet. */
  pending = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly cursor: InstructionCursor,
    private readonly offsets: OffsetMapBuilder,
  ) {}

  /** Starts with an empty output at the original's `offset`. */
  begin(offset: number): void {
    this.out.clear();
    this.pending = offset;
  }

  /** Copies what is pending up to `offset`. */
  flush(offset: number): void {
    if (this.pending < offset) {
      this.offsets.copied(this.out.length, this.pending);
      this.out.copy(this.bytes, this.pending, offset);
    }
    this.pending = offset;
  }

  /** Bytes written from here on stand before the instruction at `offset`. */
  insertAt(offset: number): void {
    this.flush(offset);
    this.offsets.inserted(this.out.length, offset);
  }

  /** Bytes written from here on stand for the current instruction, which isn't copied. */
  replace(): void {
    this.insertAt(this.cursor.start);
    this.pending = this.cursor.end;
  }

  /** Passes on the current instruction with another index behind its one-byte opcode. */
  replaceIndex(index: number): void {
    const { cursor, out } = this;
    if (index === cursor.a) return;
    this.flush(cursor.start);
    this.offsets.copied(out.length, cursor.start);
    out.byte(cursor.op);
    out.u32(index);
    this.pending = cursor.end;
  }

  /** Bytes written next are the current instruction, in another form. */
  restate(): void {
    this.offsets.copied(this.out.length, this.cursor.start);
  }

  /** Goes on with the bytes at `offset`, which may have been copied before. */
  resume(offset: number): void {
    this.pending = offset;
    this.offsets.inserted(this.out.length, offset);
  }
}
