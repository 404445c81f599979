import { code } from "../../wasm/core/code.as";
import { InstructionCursor } from "../../wasm/core/instructions.as";
import { Ints } from "../../wasm/core/memory.as";
import { input } from "./input.as";
import { locals } from "./locals.as";
import { offsets } from "./offsets.as";
import { marks, out } from "./output.as";

const cursor: InstructionCursor = changetype<InstructionCursor>(
  memory.data(offsetof<InstructionCursor>()),
);

/** Behind all offsets. */
const nowhere: i32 = i32.MAX_VALUE;

/**
 * Writes a body as spans of the original with the meter's code between them: what the reader passes
 * is pending, and copied once something else has to be written. Copies give locals their new
 * places.
 */
@unmanaged
export class SpanCopier {
  /** Start of the bytes read but not copied yet. */
  pending: i32 = 0;
  private bytes: usize = 0;
  private firstLocalUses: Ints = changetype<Ints>(0);
  /** Accesses of locals that may move: the function's first one, the next one, and their end. */
  private firstUse: i32 = 0;
  private use: i32 = 0;
  private endUse: i32 = 0;
  /** Offset of the next one; `nowhere` behind the last. */
  private nextUse: i32 = 0;

  /** Starts a module. */
  begin(): void {
    this.bytes = input.bytes;
    this.firstLocalUses = code.firstLocalUses;
    cursor.bytes = input.bytes;
  }

  /** Starts defined function `f`, whose locals are placed, at the original's `offset`. */
  open(f: i32, offset: i32): void {
    this.pending = offset;
    this.firstUse = code.firstLocalStart[f];
    this.endUse = locals.moved > 0 ? code.firstLocalStart[f + 1] : this.firstUse;
    this.seekUse(this.firstUse);
  }

  @inline private seekUse(use: i32): void {
    this.use = use;
    this.nextUse = use < this.endUse ? this.firstLocalUses[use] : nowhere;
  }

  /** Copies what is pending up to `offset`. */
  @inline flush(offset: i32): void {
    if (this.pending < offset) this.copyPending(offset);
    this.pending = offset;
  }

  private copyPending(offset: i32): void {
    const from = this.pending;
    const at = out.at;
    offsets.copied(out.length, from);
    out.copy(this.bytes + from, offset - from);
    if (this.nextUse < offset) this.moveLocals(from, offset, at);
  }

  /** The bytes `[from, offset)` were copied to `to`: gives locals in them their new places. */
  private moveLocals(from: i32, offset: i32, to: usize): void {
    if (locals.areShort && this.moveShort(from, offset, to)) return;
    out.at = to;
    const rest = this.copyMoved(from, offset);
    out.copy(this.bytes + rest, offset - rest);
  }

  /** The same where new indices take a byte; false when one of the old ones takes more. */
  private moveShort(from: i32, offset: i32, to: usize): bool {
    const uses = this.firstLocalUses;
    const bytes = this.bytes;
    const endUse = this.endUse;
    const firstMoved = locals.firstMoved;
    const moved = locals.moved;
    const way = locals.movedTo - firstMoved;
    let use = this.use;
    for (; use < endUse; use++) {
      const at = uses[use];
      if (at >= offset) break;
      if (at < from) continue; // Was left out.
      const local = <i32>load<u8>(bytes + at, 1);
      if (local >= 0x80) return false;
      if (<u32>(local - firstMoved) < <u32>moved) store<u8>(to + (at - from), local + way, 1);
    }
    this.seekUse(use);
    return true;
  }

  /**
   * Copies from `from` on, up to the last access of a local that moves in front of `offset`;
   * indices may change their length. Returns where that leaves off.
   */
  private copyMoved(from: i32, offset: i32): i32 {
    const uses = this.firstLocalUses;
    const bytes = this.bytes;
    const endUse = this.endUse;
    let use = this.use;
    for (; use < endUse; use++) {
      const at = uses[use];
      if (at >= offset) break;
      if (at < from) continue; // Was left out.
      out.copy(bytes + from, at - from);
      cursor.read(at, input.byteCount);
      const start = out.length;
      out.pair(cursor.op, locals.indexOf(cursor.a));
      from = cursor.end;
      if (out.length - start != from - at) {
        offsets.reserve(64);
        offsets.copied(start, at);
        offsets.copied(out.length, from);
      }
    }
    this.seekUse(use);
    return from;
  }

  /** Bytes written from here on stand before the instruction at `offset`. */
  insertAt(offset: i32): void {
    this.flush(offset);
    offsets.inserted(out.length, offset);
  }

  /** Bytes written from here on stand for the current instruction, which isn't copied. */
  @inline replace(): void {
    this.insertAt(marks.start);
    this.pending = marks.end;
  }

  /** Passes on the current instruction with another index behind its one-byte opcode. */
  @inline replaceIndex(index: i32): void {
    if (index != marks.a) this.writeIndex(index);
  }

  private writeIndex(index: i32): void {
    const start = marks.start;
    const end = marks.end;
    this.flush(start);
    const position = out.length;
    offsets.copied(position, start);
    out.pair(marks.op, index);
    this.pending = end;
    // What an index has grown by maps into the instruction, too.
    const grown = out.length - position - (end - start);
    if (grown > 0) offsets.copied(out.length - grown, end - grown);
  }

  /** Bytes written next are the current instruction, in another form. */
  @inline restate(): void {
    offsets.copied(out.length, marks.start);
  }

  /** Goes on with the bytes at `offset`, which may have been copied before. */
  resume(offset: i32): void {
    this.pending = offset;
    const uses = this.firstLocalUses;
    let use = this.use;
    while (use > this.firstUse && uses[use - 1] >= offset) use--;
    this.seekUse(use);
    offsets.inserted(out.length, offset);
  }
}

export const spans: SpanCopier = changetype<SpanCopier>(memory.data(offsetof<SpanCopier>()));
