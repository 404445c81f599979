import { Objection } from "../objections";

/** The host throws what it has in words for it. Doesn't come back. */
@external("host", "refuse")
declare function refuseAt(functionIndex: i32, offset: i32, objection: i32): void;

/** Refuses the module for what stands in a function; index -1 when it is about none. */
export function refuse(functionIndex: i32, offset: i32, objection: Objection): void {
  refuseAt(functionIndex, offset, objection);
  unreachable();
}
