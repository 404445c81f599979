import type { ByteWriter } from "../wasm/writer.ts";

/** Custom section of the branch hinting proposal; it stands before the code. */
export const hintsSection = "metadata.code.branch_hint";

/**
 * Tells engines which of the meter's branches are hardly ever taken, so that they move what is behind
 * them out of the way: https://github.com/WebAssembly/branch-hinting. Engines that don't know the
 * section pass over it.
 */
export interface BranchHints {
  /** By function: its index, the number of hints, then a position and a direction for each. */
  readonly bytes: Uint8Array;
  /** How many functions have any. */
  readonly functions: number;
}

/** Writes the section's content. */
export function writeHints(out: ByteWriter, { bytes, functions }: BranchHints): void {
  out.name(hintsSection);
  out.u32(functions);
  out.copy(bytes, 0, bytes.length);
}
