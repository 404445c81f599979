import { InstructionCursor } from "../wasm/instructions.ts";
import { ExternKind, type WasmModule } from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";

/**
 * Why a module's state is more than its memory and its numbers in globals, so that it can't be kept and
 * set again; undefined when it isn't. Looks at every instruction.
 */
export function unkeepableState(module: WasmModule): string | undefined {
  const { globals, imports } = module;
  const references = [ValType.funcref, ValType.externref, ValType.v128] as number[];
  if (globals.some((g) => g.mutable && references.includes(g.valType))) {
    return "a global holds a reference or a vector";
  }
  if (imports.some((i) => i.kind === ExternKind.global && i.global.mutable)) {
    return "it changes an imported global";
  }
  const cursor = new InstructionCursor(module.bytes);
  for (const { codeStart, end } of module.bodies) {
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      switch (cursor.op) {
        case Op.tableSet:
        case Op.tableGrow:
        case Op.tableFill:
        case Op.tableCopy:
        case Op.tableInit:
          return "it changes its tables";
        case Op.dataDrop:
        case Op.elemDrop:
          return "it drops segments";
      }
    }
  }
  return undefined;
}
