import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";

/** All instructions of a module, one function's behind the other's. */
export interface Code {
  readonly starts: Int32Array;
  /** Prefixed ones as `prefix << 16 | sub-opcode`. */
  readonly ops: Int32Array;
  /** Labels of each `br`, `br_if` and `br_table`. */
  readonly labels: ReadonlyMap<number, readonly number[]>;
  /** Defined functions, in order. */
  readonly functions: readonly FunctionCode[];
}

export interface FunctionCode {
  /** Bytes `[start, end)` of its instructions. */
  readonly start: number;
  readonly end: number;
  /** Its first instruction, and how many they are. */
  readonly first: number;
  readonly count: number;
}

/** Decodes all bodies of a module. */
export function decode(bytes: Uint8Array): Code {
  const { bodies } = parseModule(bytes);
  const cursor = new InstructionCursor(bytes);
  // Every instruction has a byte at least.
  const starts = new Int32Array(bytes.length);
  const ops = new Int32Array(bytes.length);
  const labels = new Map<number, readonly number[]>();
  let length = 0;
  const functions = bodies.map(({ codeStart, end }) => {
    const first = length;
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      starts[length] = cursor.start;
      ops[length] = cursor.op;
      if (cursor.op === Op.br || cursor.op === Op.brIf) labels.set(length, [cursor.a]);
      else if (cursor.op === Op.brTable) {
        labels.set(length, [...cursor.labels.subarray(0, cursor.a + 1)]);
      }
      length++;
    }
    return { start: codeStart, end, first, count: length - first };
  });
  return { starts: starts.subarray(0, length), ops: ops.subarray(0, length), labels, functions };
}
