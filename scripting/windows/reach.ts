import { InstructionCursor } from "../wasm/instructions.ts";
import { type Body, ExternKind, type WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";

const firstLoad = 0x28;
const firstStore = 0x36;
const lastStore = 0x3e;
const firstVectorLoad = 0xfd0000;
const firstVectorStore = 0xfd000b;
/** By the host's word, the host writes strings and arrays where this says. */
const allocator = "__new";

/** What functions, and all that they may call, do. */
export interface Reach {
  /** Whether it may leave memory, globals or tables other than they were. */
  readonly changesState: boolean;
  /** Whether it may write memory. */
  readonly writesMemory: boolean;
  /** Whether it may write memory, have the host write there, tell how long it is, or read it as vectors. */
  readonly usesMemory: boolean;
}

/**
 * Follows calls from some functions on, and shows every instruction of those defined here; a call through a table may
 * reach all others.
 * @param see opcode and first immediate.
 */
function follow(
  module: WasmModule,
  from: Iterable<number>,
  see: (op: number, a: number) => void,
): void {
  const { bodies, importedFunctionCount } = module;
  const seen = new Uint8Array(bodies.length);
  const open: number[] = [];
  const visit = (f: number): void => {
    if (f < 0 || f >= seen.length || seen[f] === 1) return;
    seen[f] = 1;
    open.push(f);
  };
  for (const index of from) visit(index - importedFunctionCount);
  const cursor = new InstructionCursor(module.bytes);
  for (let f = open.pop(); f !== undefined; f = open.pop()) {
    const { codeStart, end } = bodies[f] as Body;
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      const { op, a } = cursor;
      see(op, a);
      if (op === Op.call || op === Op.returnCall) visit(a - importedFunctionCount);
      else if (op === Op.callIndirect || op === Op.returnCallIndirect) {
        for (let g = 0; g < seen.length; g++) visit(g);
      }
    }
  }
}

/** The imported functions that a defined one may call, by itself or by others; through a table it may reach all. */
export function importsReached(module: WasmModule, f: number): ReadonlySet<number> {
  const { importedFunctionCount } = module;
  const found = new Set<number>();
  follow(module, [f + importedFunctionCount], (op, a) => {
    if (op === Op.call || op === Op.returnCall) {
      if (a < importedFunctionCount) found.add(a);
    } else if (op === Op.callIndirect || op === Op.returnCallIndirect) {
      for (let index = 0; index < importedFunctionCount; index++) found.add(index);
    }
  });
  return found;
}

/** What all exported functions do. */
export function reachOf(module: WasmModule): Reach {
  let changesState = false;
  let writesMemory = false;
  let asksSize = false;
  let readsVectors = false;
  const exported = module.exports
    .filter(({ kind }) => kind === ExternKind.func)
    .map(({ index }) => index);
  follow(module, exported, (op) => {
    if (op >= firstLoad && op <= lastStore) {
      if (op >= firstStore) writesMemory = true;
      return;
    }
    switch (op) {
      case Op.memorySize:
        asksSize = true;
        break;
      case Op.memoryGrow:
      case Op.memoryCopy:
      case Op.memoryFill:
      case Op.memoryInit:
      case firstVectorStore:
        writesMemory = true;
        break;
      case Op.globalSet:
      case Op.tableSet:
      case Op.tableGrow:
      case Op.tableFill:
      case Op.tableCopy:
      case Op.tableInit:
      case Op.dataDrop:
      case Op.elemDrop:
        changesState = true;
        break;
      default:
        // Stores of a vector's lanes.
        if (op >= 0xfd0058 && op <= 0xfd005b) writesMemory = true;
        // Loads of vectors, of their lanes, and of parts.
        if (op >= firstVectorLoad && op < firstVectorStore) readsVectors = true;
        if (op >= 0xfd0054 && op <= 0xfd005d) readsVectors = true;
    }
  });
  const allocates = module.exports.some(({ name }) => name === allocator);
  const usesMemory = writesMemory || asksSize || readsVectors || allocates;
  return { changesState: changesState || writesMemory, writesMemory, usesMemory };
}
