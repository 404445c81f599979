import type { Fault, GuestFrame } from "../fault.ts";
import { type Locator, pickLocation } from "./locate.ts";

type Place = Pick<Fault, "functionName" | "location" | "stack">;

/** A fault whose place is worked out from the error's stack when it is first asked for. */
export function createFault(
  locator: Locator,
  error: Error | undefined,
  what: Omit<Fault, keyof Place>,
): Fault {
  // The error keeps the instance that it was thrown in alive, until then.
  let unplaced = error;
  let stack: readonly GuestFrame[] | undefined;
  let innermost: GuestFrame | undefined;
  const place = (): readonly GuestFrame[] => {
    if (stack === undefined) {
      stack = locator.frames(unplaced);
      innermost = pickLocation(stack);
      unplaced = undefined;
    }
    return stack;
  };
  return {
    ...what,
    get functionName() {
      place();
      return innermost?.functionName;
    },
    get location() {
      place();
      return innermost?.location;
    },
    get stack() {
      return place();
    },
  };
}
