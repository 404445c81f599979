import type { Fault, FaultKind, GuestFrame, SourceLocation } from "../fault.ts";
import { type Locator, pickLocation } from "./locate.ts";

type Place = Pick<Fault, "functionName" | "location" | "stack">;

/**
 * A fault whose place is worked out from the error's stack when it is first asked for. The getters are the
 * class's: an object with getters of its own has a hidden class to itself, which keeps all that it refers to
 * until the next full garbage collection.
 */
class GuestFault implements Fault {
  readonly kind: FaultKind;
  readonly message: string;
  readonly script: string;
  readonly entry: string;
  readonly fuelUsed: number;
  readonly elapsedMs: number;
  readonly #locator: Locator;
  /** The error keeps the instance that it was thrown in alive, until the place was asked for. */
  #unplaced: Error | undefined;
  #stack: readonly GuestFrame[] | undefined;

  constructor(locator: Locator, error: Error | undefined, what: Omit<Fault, keyof Place>) {
    this.kind = what.kind;
    this.message = what.message;
    this.script = what.script;
    this.entry = what.entry;
    this.fuelUsed = what.fuelUsed;
    this.elapsedMs = what.elapsedMs;
    this.#locator = locator;
    this.#unplaced = error;
  }

  get functionName(): string | undefined {
    return pickLocation(this.stack)?.functionName;
  }

  get location(): SourceLocation | undefined {
    return pickLocation(this.stack)?.location;
  }

  get stack(): readonly GuestFrame[] {
    if (this.#stack === undefined) {
      this.#stack = this.#locator.frames(this.#unplaced);
      this.#unplaced = undefined;
    }
    return this.#stack;
  }

  /** For JSON: the place is no property of its own. */
  toJSON(): Fault {
    const { kind, message, script, entry, functionName, location, stack } = this;
    const { fuelUsed, elapsedMs } = this;
    return { kind, message, script, entry, functionName, location, stack, fuelUsed, elapsedMs };
  }
}

/** The fault of a call that an error has stopped. */
export function createFault(
  locator: Locator,
  error: Error | undefined,
  what: Omit<Fault, keyof Place>,
): Fault {
  return new GuestFault(locator, error, what);
}
