import { InstructionCursor } from "./instructions.ts";
import type { WasmModule } from "./module.ts";
import { Op } from "./opcodes.ts";
import { WasmFormatError } from "./reader.ts";

/** Nesting of blocks beyond which a body is refused; compilers stay below a few hundred. */
const maxNesting = 1_000;

/** What one walk over all bodies found; arrays are indexed by defined function. */
export interface CodeIndex {
  /** `callees[callStart[f] .. callStart[f + 1])` are the call sites of defined function `f`. */
  readonly callStart: Uint32Array;
  /** A function index; or `-1 - type index` for an indirect call through that type. */
  readonly callees: Int32Array;
  /** 1 where the function makes a tail call. */
  readonly hasTailCall: Uint8Array;
  /** Whether any function makes an indirect tail call. */
  readonly hasIndirectTailCall: boolean;
  /** 1 where the function has a `loop`. */
  readonly hasLoop: Uint8Array;
  /** 1 where the function has an operation whose time grows with a length on the stack. */
  readonly hasLengthOperation: Uint8Array;
  /** Functions that can be reached through a reference: in `ref.func` or an element segment. */
  readonly referenced: ReadonlySet<number>;
}

/**
 * Walks every body once: knows every opcode, nests properly, ends where it should.
 * @throws WasmFormatError with the offset.
 */
export function indexCode(module: WasmModule): CodeIndex {
  const count = module.bodies.length;
  const callStart = new Uint32Array(count + 1);
  let callees = new Int32Array(256);
  let calls = 0;
  const hasTailCall = new Uint8Array(count);
  let hasIndirectTailCall = false;
  const hasLoop = new Uint8Array(count);
  const hasLengthOperation = new Uint8Array(count);
  const referenced = new Set<number>(module.functionUses.map((use) => use.functionIndex));
  const cursor = new InstructionCursor(module.bytes);

  const addCall = (callee: number): void => {
    if (calls === callees.length) {
      const grown = new Int32Array(calls * 2);
      grown.set(callees);
      callees = grown;
    }
    callees[calls++] = callee;
  };

  for (let f = 0; f < count; f++) {
    const body = module.bodies[f] as (typeof module.bodies)[number];
    callStart[f] = calls;
    cursor.seek(body.codeStart, body.end);
    let depth = 1;
    while (depth > 0) {
      cursor.next();
      switch (cursor.op) {
        case Op.loop:
          hasLoop[f] = 1;
          depth++;
          break;
        case Op.if:
        case Op.block:
          depth++;
          break;
        case Op.end:
          depth--;
          break;
        case Op.returnCall:
          hasTailCall[f] = 1;
          addCall(cursor.a);
          break;
        case Op.call:
          addCall(cursor.a);
          break;
        case Op.returnCallIndirect:
          hasTailCall[f] = 1;
          hasIndirectTailCall = true;
          addCall(-1 - cursor.a);
          break;
        case Op.callIndirect:
          addCall(-1 - cursor.a);
          break;
        case Op.refFunc:
          referenced.add(cursor.a);
          break;
        case Op.memoryGrow:
        case Op.memoryInit:
        case Op.memoryCopy:
        case Op.memoryFill:
        case Op.tableInit:
        case Op.tableCopy:
        case Op.tableGrow:
        case Op.tableFill:
          hasLengthOperation[f] = 1;
          break;
      }
      if (depth > maxNesting) {
        throw new WasmFormatError(cursor.start, `blocks nest deeper than ${maxNesting}`, "limit");
      }
    }
    if (cursor.end !== body.end) {
      throw new WasmFormatError(cursor.end, "function body goes on behind its end");
    }
  }
  callStart[count] = calls;
  return {
    callStart,
    callees: callees.subarray(0, calls),
    hasTailCall,
    hasIndirectTailCall,
    hasLoop,
    hasLengthOperation,
    referenced,
  };
}
