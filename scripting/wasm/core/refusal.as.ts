/**
 * The host reads the instruction at `start`, in code that ends at `end`, says what is wrong with
 * it, and throws. Doesn't come back.
 */
@external("host", "refuseInstruction")
export declare function refuseInstruction(start: i32, end: i32): void;

/** What can be wrong with a body whose instructions can be read. */
export const enum BodyFault {
  /** "function body goes on behind its end" */
  behindEnd = 0,
  /** "unexpected end" */
  unexpectedEnd = 1,
  /** "blocks nest deeper than 1000", a limit. */
  tooDeep = 2,
}

/** The host throws the fault, found at `offset`. Doesn't come back. */
@external("host", "refuseBody")
export declare function refuseBody(fault: BodyFault, offset: i32): void;
