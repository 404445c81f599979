/** Why a guest call was stopped. Fuel stops are deterministic and replayable; deadline stops are not. */
export type FaultKind =
  | "out-of-fuel"
  | "deadline"
  | "memory-limit"
  | "stack-overflow"
  | "host-call-limit"
  | "trap"
  | "abort"
  | "host-error";

/** The one table from kind to text; `detail` completes a fault's message. */
export const faultTexts: Readonly<Record<FaultKind, string>> = {
  "out-of-fuel": "used up its fuel",
  deadline: "ran past its deadline",
  "memory-limit": "needed more memory than its limit",
  "stack-overflow": "called too deep",
  "host-call-limit": "called the host too often",
  trap: "trapped",
  abort: "aborted",
  "host-error": "was refused by a host function",
};

/** A place in a script's source. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line itself, when the source map carries it. */
  readonly lineText?: string;
}

/** One guest frame of a stopped call, innermost first. */
export interface GuestFrame {
  /** The function's name from the name section, or `wasm-function[n]`, n as in the original module. */
  readonly functionName: string;
  readonly location?: SourceLocation;
}

/**
 * A stopped guest call. A value, never thrown at the host. Where it happened is worked out when it is
 * first asked for: that takes longer than stopping the call does.
 */
export interface Fault {
  readonly kind: FaultKind;
  /** One sentence for the author: what happened, with the figures. */
  readonly message: string;
  /** The script's name. */
  readonly script: string;
  /** The export that was called. */
  readonly entry: string;
  /** The innermost function of the script's own. */
  readonly functionName: string | undefined;
  /** Undefined without a source map. */
  readonly location: SourceLocation | undefined;
  /** Guest frames, innermost first, at most {@link maxStackFrames}. */
  readonly stack: readonly GuestFrame[];
  /**
   * Fuel charged to the call until it stopped, its entries from inside of host functions included. A trap, a
   * stack overflow and a memory limit leave what ran since the last host function or slice uncounted: it
   * was that much at least.
   */
  readonly fuelUsed: number;
  /** Wall-clock time of the call until it stopped, in milliseconds. */
  readonly elapsedMs: number;
}

/** Guest frames kept in a fault; a deep recursion must not buy time through its own report. */
export const maxStackFrames = 16;

/** What a script does while it is loaded faulted (its top-level code, or a hook), so it was not. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly fault: Fault;

  constructor(fault: Fault) {
    const what = fault.entry === "start" ? "its top-level code" : fault.entry;
    super(`${fault.script}: ${what} was stopped: ${formatFault(fault)}`);
    this.fault = fault;
  }
}

/** `kind: message, in function at file:line:column`. */
export function formatFault(fault: Fault): string {
  const at = fault.location;
  const where = at === undefined ? "" : ` at ${at.file}:${at.line}:${at.column}`;
  const inFunction = fault.functionName === undefined ? "" : `, in ${fault.functionName}`;
  return `${fault.kind}: ${fault.message}${inFunction}${where}`;
}
