import { Bytes, Ints } from "./memory.as";

/** What one walk over all bodies found; arrays are indexed by defined function. */
@unmanaged
export class CodeIndex {
  /** Marks of defined function `f` are entries `[starts[f], starts[f + 1])`. */
  entries: Ints = changetype<Ints>(0);
  entryCount: i32 = 0;
  starts: Ints = changetype<Ints>(0);
  /**
   * Offsets of the instructions of each defined function `f` that access one of its first two
   * declared locals: `firstLocalUses[firstLocalStart[f] .. firstLocalStart[f + 1])`, ascending.
   */
  firstLocalUses: Ints = changetype<Ints>(0);
  firstLocalStart: Ints = changetype<Ints>(0);
  /** `callees[callStart[f] .. callStart[f + 1])` are the call sites of defined function `f`. */
  callStart: Ints = changetype<Ints>(0);
  /** A function index; or `-1 - type index` for an indirect call through that type. */
  callees: Ints = changetype<Ints>(0);
  /** 1 where the function makes a tail call. */
  hasTailCall: Bytes = changetype<Bytes>(0);
  /** Whether any function makes an indirect tail call. */
  hasIndirectTailCall: bool = false;
  /** 1 where the function has a `loop`. */
  hasLoop: Bytes = changetype<Bytes>(0);
  /** 1 where the function has an operation whose time grows with a length on the stack. */
  hasLengthOperation: Bytes = changetype<Bytes>(0);
  /** 1 where the function has a vector instruction. */
  hasVector: Bytes = changetype<Bytes>(0);
  /** Most blocks open at a time in any function, itself included. */
  deepestNesting: i32 = 0;
  /** Most values that stand on the function's operand stack at a time; an upper bound. */
  mostOperands: Ints = changetype<Ints>(0);
  /** Most parameters and results together of what the function calls. */
  callArea: Ints = changetype<Ints>(0);
  /** Functions in `ref.func` that weren't in `input.referenced` before, in the order of the code. */
  references: Ints = changetype<Ints>(0);
  referenceCount: i32 = 0;
}

export const code: CodeIndex = changetype<CodeIndex>(memory.data(offsetof<CodeIndex>()));
