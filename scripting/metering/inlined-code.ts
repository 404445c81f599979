import type { InlinedFunction } from "./thunks.ts";

/** Knows what stands in drivers of other functions. Offsets are those in a metered module. */
export class InlinedCode {
  readonly #functions: readonly InlinedFunction[];
  /** Where drivers and the like begin, and where all code does. */
  readonly #ownBase: number;
  readonly #codeStart: number;

  constructor(functions: readonly InlinedFunction[], ownBase: number, codeStart: number) {
    this.#functions = functions.filter(({ pieces }) => pieces.length > 0);
    this.#ownBase = ownBase;
    this.#codeStart = codeStart;
  }

  /** The function, of the original module, that the code at an offset is of; undefined where it is no other's. */
  calleeAt(offset: number): number | undefined {
    return this.#follow(offset)?.callee;
  }

  /** Where the same code stands in its own function; the offset itself where it is no other's. */
  ownOffset(offset: number): number {
    return this.#follow(offset)?.own ?? offset;
  }

  #follow(offset: number): { readonly callee: number; readonly own: number } | undefined {
    const at = offset - this.#ownBase;
    const inlined = this.#functions.find(({ start, end }) => at >= start && at < end);
    if (inlined === undefined) return undefined;
    const { pieces, start, callee } = inlined;
    const piece = pieces.findLast((each) => start + each.at <= at);
    if (piece === undefined) return undefined;
    return { callee, own: this.#codeStart + piece.from + at - start - piece.at };
  }
}
