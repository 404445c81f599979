import { InstructionCursor } from "../wasm/instructions.ts";
import { ExternKind, type WasmModule } from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";

/** What there is to keep of a module's state. */
export interface KeptState {
  /** Why its state can't be kept at all; undefined when it can. */
  readonly unkeepable: string | undefined;
  /** Whether its code changes its tables. */
  readonly changesTables: boolean;
  /** Why its state means nothing outside of its instance, so that it can't be saved. */
  readonly unsavable: string | undefined;
}

/** Looks at every instruction for what a module's state is beyond memory and numbers in globals. */
export function surveyState(module: WasmModule): KeptState {
  let unkeepable: string | undefined;
  let changesTables = false;
  const { globals, imports, importedGlobalCount } = module;
  const holds = (types: number[]): boolean =>
    globals.some((g, i) => i >= importedGlobalCount && g.mutable && types.includes(g.valType));
  if (holds([ValType.v128])) unkeepable = "a global holds a vector";
  if (imports.some((i) => i.kind === ExternKind.global && i.global.mutable)) {
    unkeepable ??= "it changes an imported global";
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
          changesTables = true;
          break;
        case Op.dataDrop:
        case Op.elemDrop:
          unkeepable ??= "it drops segments";
      }
    }
  }
  let unsavable = unkeepable;
  if (changesTables) unsavable ??= "it changes its tables";
  if (holds([ValType.funcref, ValType.externref])) unsavable ??= "a global holds a reference";
  return { unkeepable, changesTables, unsavable };
}
