import { InstructionCursor } from "../wasm/instructions.ts";
import { type Body, ExternKind, type WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";

const firstLoad = 0x28;
const firstStore = 0x36;
const lastStore = 0x3e;
const firstVectorStore = 0xfd000b;

/** What functions, and all that they may call, do. */
export interface Reach {
  /** Whether it may leave memory, globals or tables other than they were. */
  readonly changesState: boolean;
  /** Whether it may write memory. */
  readonly writesMemory: boolean;
}

/** The imported functions that a defined one may call, by itself or by others; through a table it may reach all. */
export function importsReached(module: WasmModule, f: number): ReadonlySet<number> {
  const seen = new Uint8Array(module.bodies.length);
  const found = new Set<number>();
  const open: number[] = [];
  const visit = (index: number): void => {
    const g = index - module.importedFunctionCount;
    if (g < 0) found.add(index);
    else if (seen[g] === 0) {
      seen[g] = 1;
      open.push(g);
    }
  };
  visit(f + module.importedFunctionCount);
  const cursor = new InstructionCursor(module.bytes);
  for (let g = open.pop(); g !== undefined; g = open.pop()) {
    const { codeStart, end } = module.bodies[g] as Body;
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      const { op, a } = cursor;
      if (op === Op.call || op === Op.returnCall) visit(a);
      else if (op === Op.callIndirect || op === Op.returnCallIndirect) {
        for (let any = 0; any < module.functionTypes.length; any++) visit(any);
      }
    }
  }
  return found;
}

/** Follows calls from all exported functions; a call through a table may reach all others. */
export function reachOf(module: WasmModule): Reach {
  const seen = new Uint8Array(module.bodies.length);
  const open: number[] = [];
  let changesState = false;
  let writesMemory = false;
  const visit = (f: number): void => {
    if (f < 0 || f >= seen.length || seen[f] === 1) return;
    seen[f] = 1;
    open.push(f);
  };
  for (const { kind, index } of module.exports) {
    if (kind === ExternKind.func) visit(index - module.importedFunctionCount);
  }
  const cursor = new InstructionCursor(module.bytes);
  for (let f = open.pop(); f !== undefined; f = open.pop()) {
    const { codeStart, end } = module.bodies[f] as Body;
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      const { op, a } = cursor;
      if (op >= firstLoad && op <= lastStore) {
        if (op >= firstStore) writesMemory = true;
        continue;
      }
      switch (op) {
        case Op.call:
        case Op.returnCall:
          visit(a - module.importedFunctionCount);
          break;
        case Op.callIndirect:
        case Op.returnCallIndirect:
          for (let g = 0; g < seen.length; g++) visit(g);
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
      }
    }
  }
  return { changesState: changesState || writesMemory, writesMemory };
}
