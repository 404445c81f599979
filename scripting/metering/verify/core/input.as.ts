import { allocate, Bytes, Ints, newBytes } from "../../../wasm/core/memory.as";

/** Zeros behind the bytes that are shown. */
const bytesBehind: i32 = 32;

/** The host copies bytes `[start, end)` of the module to an address. */
@external("host", "copyBytes")
declare function copyBytes(start: i32, end: i32, to: usize): void;

/** How a function can be reached other than by a call, as bits. */
export const enum Reach {
  /** Something outside of code refers to it. */
  referenced = 1,
  /** A table may hold it. */
  tabled = 2,
}

/** The module as its host has parsed it. Function indices count imports first, as in the format. */
@unmanaged
export class VerifierInput {
  /**
   * A piece of its bytes is shown at a time, so that the core stays small: what stands at offset
   * `o` can be read at `bytes + o`, and behind the piece there are zeros, so that what stands there
   * can be looked at as a whole.
   */
  bytes: usize = 0;
  /** Bytes of the largest piece. */
  pieceBytes: i32 = 0;
  private room: usize = 0;
  private shownStart: i32 = 0;
  private shownEnd: i32 = 0;
  importedFunctions: i32 = 0;
  /** Defined functions. */
  bodyCount: i32 = 0;
  functionCount: i32 = 0;
  typeCount: i32 = 0;
  globalCount: i32 = 0;
  useCount: i32 = 0;
  exportCount: i32 = 0;
  /** Where the code of each body begins, and where it ends. */
  bodies: Ints = changetype<Ints>(0);
  /** Type index of every function. */
  functionTypes: Ints = changetype<Ints>(0);
  /** By type index: how many parameters, and the first equal type. */
  typeParams: Ints = changetype<Ints>(0);
  canonicalTypes: Ints = changetype<Ints>(0);
  /** By global: 1 + the imported function that it is the price of; 0 for every other one. */
  prices: Ints = changetype<Ints>(0);
  /**
   * Functions that elements and initialisers refer to, and those that are exported, in the module's
   * order.
   */
  uses: Ints = changetype<Ints>(0);
  exports: Ints = changetype<Ints>(0);
  /** By function index: bits of {@link Reach}. */
  reach: Bytes = changetype<Bytes>(0);

  /**
   * Makes room for lists and a piece. Returns where the lists stand, each behind the other as
   * above.
   */
  allocate(): usize {
    const types = this.typeCount << 2;
    const bodies = allocate(
      (this.bodyCount << 3) + (this.functionCount << 2) + types + types +
        (this.globalCount << 2) + (this.useCount << 2) + (this.exportCount << 2),
    );
    this.bodies = changetype<Ints>(bodies);
    const functionTypes = bodies + (<usize>this.bodyCount << 3);
    this.functionTypes = changetype<Ints>(functionTypes);
    const typeParams = functionTypes + (<usize>this.functionCount << 2);
    this.typeParams = changetype<Ints>(typeParams);
    this.canonicalTypes = changetype<Ints>(typeParams + types);
    const prices = typeParams + types + types;
    this.prices = changetype<Ints>(prices);
    const uses = prices + (<usize>this.globalCount << 2);
    this.uses = changetype<Ints>(uses);
    this.exports = changetype<Ints>(uses + (<usize>this.useCount << 2));
    this.reach = newBytes(this.functionCount);
    this.room = allocate(this.pieceBytes + bytesBehind);
    this.shownEnd = -1;
    return bodies;
  }

  /** Shows bytes `[start, end)`; what was shown before is gone. */
  show(start: i32, end: i32): void {
    if (start == this.shownStart && end == this.shownEnd) return;
    this.shownStart = start;
    this.shownEnd = end;
    this.bytes = this.room - start;
    copyBytes(start, end, this.room);
    memory.fill(this.bytes + end, 0, bytesBehind);
  }

  /** Shows the code of a body. */
  @inline showBody(f: i32): void {
    this.show(this.codeStart(f), this.codeEnd(f));
  }

  @inline codeStart(f: i32): i32 {
    return this.bodies[f << 1];
  }

  @inline codeEnd(f: i32): i32 {
    return this.bodies[(f << 1) + 1];
  }

  /** Type index of a defined function. */
  @inline typeOf(f: i32): i32 {
    return this.functionTypes[this.importedFunctions + f];
  }

  /** The first type equal to one, by which its kind is known; -1 for an index without a type. */
  canonical(typeIndex: i32): i32 {
    return <u32>typeIndex < <u32>this.typeCount ? this.canonicalTypes[typeIndex] : -1;
  }

  /** Whether functions are defined ones. */
  @inline isDefined(f: i32): bool {
    return <u32>f < <u32>this.bodyCount;
  }

  /** Number of a defined function's parameters. */
  paramsOf(f: i32): i32 {
    return this.typeParams[this.typeOf(f)];
  }

  isReferenced(functionIndex: i32): bool {
    return (
      <u32>functionIndex < <u32>this.functionCount &&
      (this.reach[functionIndex] & Reach.referenced) != 0
    );
  }
}

export const input: VerifierInput = changetype<VerifierInput>(
  memory.data(offsetof<VerifierInput>()),
);
