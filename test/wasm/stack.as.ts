import { prefixedStackDelta, stackDelta } from "../../scripting/wasm/core/stack.as";

export function shortDelta(op: i32): i32 {
  return stackDelta[op];
}

export function prefixedDelta(op: i32): i32 {
  return prefixedStackDelta(op);
}
