import type { FaultKind } from "../fault.ts";

/** Frames that a stop's stack trace has: the host's own, between the guest and the stop, come first. */
const traceFrames = 64;

/**
 * Thrown through guest code to stop it. Guests can't catch it: exception handling is denied at
 * admission. Never reaches the host's own code; a script's entry turns it into a fault.
 */
export class GuestStop extends Error {
  override readonly name = "GuestStop";
  readonly kind: FaultKind;
  /** What the engine threw, when it wasn't this: its stack is the guest's. */
  thrown: Error | undefined;

  constructor(kind: FaultKind, message: string) {
    // V8 keeps 10 unless it is told otherwise; a page may have said less. Frozen, it stays as it is.
    const before: unknown = Error.stackTraceLimit;
    Reflect.set(Error, "stackTraceLimit", traceFrames);
    super(message);
    Reflect.set(Error, "stackTraceLimit", before);
    this.kind = kind;
  }
}

/** What a stopped call left in the stop global, and what was thrown: which kind of fault it is. */
export function classifyTrap(thrown: unknown, stopReason: number): [FaultKind, string] {
  if (stopReason === 1 || isStackExhaustion(thrown)) {
    return ["stack-overflow", "calls nested deeper than callDepth allows"];
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (stopReason === 2) {
    return ["memory-limit", `a memory.grow past memoryBytes failed, then: ${text}`];
  }
  return ["trap", text];
}

/** The engine's own stack ran out: V8 and JavaScriptCore throw RangeError, SpiderMonkey InternalError. */
export function isStackExhaustion(thrown: unknown): boolean {
  if (thrown instanceof RangeError) return /call stack/i.test(thrown.message);
  return thrown instanceof Error && thrown.name === "InternalError";
}
