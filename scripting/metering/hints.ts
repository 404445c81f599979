import { ByteWriter } from "../wasm/writer.ts";
import { IntList } from "./plan.ts";

/** Custom section of the branch hinting proposal; it stands before the code. */
export const hintsSection = "metadata.code.branch_hint";

/**
 * Tells engines which of the meter's branches are hardly ever taken, so that they move what is behind
 * them out of the way: https://github.com/WebAssembly/branch-hinting. Engines that don't know the
 * section pass over it.
 */
export class BranchHints {
  /** By function: its index, the number of hints, then a position and a direction for each. */
  private readonly written = new ByteWriter(1024);
  private functions = 0;
  private readonly pending = new IntList();

  /** The `if` or `br_if` about to be written at `position` of a function's code is hardly ever taken. */
  unlikely(position: number): void {
    this.pending.push(position * 2);
  }

  /** …is nearly always taken. */
  likely(position: number): void {
    this.pending.push(position * 2 + 1);
  }

  /** Files what was noted, for a function whose code begins `shift` bytes into its body. */
  file(functionIndex: number, shift: number): void {
    const { pending, written } = this;
    if (pending.length === 0) return;
    this.functions++;
    written.u32(functionIndex);
    written.u32(pending.length);
    for (let i = 0; i < pending.length; i++) {
      const value = pending.at(i);
      written.u32((value >> 1) + shift);
      written.byte(1); // Bytes of the hint.
      written.byte(value & 1);
    }
    pending.length = 0;
  }

  /** The section's content; undefined when there are no hints. */
  content(): ByteWriter | undefined {
    if (this.functions === 0) return undefined;
    const out = new ByteWriter(this.written.length + 64);
    out.name(hintsSection);
    out.u32(this.functions);
    out.append(this.written);
    return out;
  }
}
