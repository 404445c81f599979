import { InstructionCursor } from "./instructions.ts";
import { WasmFormatError } from "./reader.ts";

/** Has an instruction that a core couldn't read say what is wrong with it, in code that ends at `end`. */
export function refuseInstruction(bytes: Uint8Array, start: number, end: number): never {
  new InstructionCursor(bytes, start, end).next();
  throw new WasmFormatError(start, "an index or a size in the instruction is out of range");
}

const bodyFaults = [
  { message: "function body goes on behind its end", reason: "malformed" },
  { message: "unexpected end", reason: "malformed" },
  { message: "blocks nest deeper than 1000", reason: "limit" },
] as const;

/** What is wrong with a body whose instructions can be read; the numbers are those of `core/refusal.as.ts`. */
export function refuseBody(fault: number, offset: number): never {
  const { message, reason } = bodyFaults[fault] as (typeof bodyFaults)[number];
  throw new WasmFormatError(offset, message, reason);
}
