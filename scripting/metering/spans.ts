import type { CodeIndex } from "../wasm/code.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import type { MarkReader } from "../wasm/marks.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { MeterLocals } from "./locals.ts";
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
  /** Accesses of locals that may move: the next one, and the end of the function's. */
  private f = 0;
  private use = 0;
  private endUse = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly code: CodeIndex,
    private readonly marks: MarkReader,
    private readonly locals: MeterLocals,
    private readonly offsets: OffsetMapBuilder,
  ) {
    this.cursor = new InstructionCursor(bytes);
  }

  /** Starts defined function `f`, whose locals are placed, with an empty output at the original's `offset`. */
  begin(f: number, offset: number): void {
    const { firstLocalStart } = this.code;
    this.f = f;
    this.out.clear();
    this.pending = offset;
    this.use = firstLocalStart[f] as number;
    this.endUse = this.locals.moved > 0 ? (firstLocalStart[f + 1] as number) : this.use;
  }

  /** Copies what is pending up to `offset`. */
  flush(offset: number): void {
    if (this.pending < offset) {
      this.offsets.copied(this.out.length, this.pending);
      if (this.use < this.endUse) this.copyMoved(offset);
      this.out.copy(this.bytes, this.pending, offset);
    }
    this.pending = offset;
  }

  /** Copies up to the last access of a local that moves in front of `offset`. */
  private copyMoved(offset: number): void {
    const { firstLocalUses } = this.code;
    const { bytes, out, cursor, locals } = this;
    for (; this.use < this.endUse; this.use++) {
      const at = firstLocalUses[this.use] as number;
      if (at >= offset) return;
      if (at < this.pending) continue; // Was left out.
      out.copy(bytes, this.pending, at);
      cursor.seek(at, bytes.length);
      cursor.next();
      const start = out.length;
      out.pair(cursor.op, locals.indexOf(cursor.a));
      this.pending = cursor.end;
      if (out.length - start !== cursor.end - at) {
        this.offsets.copied(start, at);
        this.offsets.copied(out.length, cursor.end);
      }
    }
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
    const { firstLocalUses, firstLocalStart } = this.code;
    const first = firstLocalStart[this.f] as number;
    while (this.use > first && (firstLocalUses[this.use - 1] as number) >= offset) this.use--;
    this.offsets.inserted(this.out.length, offset);
  }
}
