import { VerifyError } from "../../errors.ts";
import { ExternKind, type FuncType, funcTypeKey, type WasmModule } from "../../wasm/module.ts";
import { ValType } from "../../wasm/opcodes.ts";
import type { FuelHolder } from "./holders.ts";

/** Whether function references can pass between host and module. */
export function hostHandlesFunctions(module: WasmModule): boolean {
  const funcref = ValType.funcref as number;
  // Of functions; those of blocks pass nothing to the host, and the meter adds some.
  const signatures = [...new Set(module.functionTypes)].map(
    (type) => module.types[type] as FuncType,
  );
  return (
    module.imports.some((i) => i.kind === ExternKind.table) ||
    module.imports.some((i) => i.kind === ExternKind.global && i.global.valType === funcref) ||
    module.exports.some((e) => e.kind === ExternKind.table) ||
    module.exports.some(
      (e) => e.kind === ExternKind.global && module.globals[e.index]?.valType === funcref,
    ) ||
    signatures.some((t) => [...t.params, ...t.results].includes(funcref))
  );
}

/**
 * How the functions in tables take their fuel. Either all go by the global, or all take it as a
 * parameter; then the host must not see them, and those of one type agree on depth, so that no
 * indirect call can pass one thing for another.
 */
export class TableConvention {
  threaded: boolean | undefined;
  private readonly deepOf = new Map<string, boolean>();

  constructor(
    private readonly module: WasmModule,
    private readonly hostHandles: boolean,
  ) {}

  add(functionIndex: number, holder: FuelHolder | undefined): void {
    const threaded = holder?.threaded === true;
    const fail = (message: string): never => {
      throw new VerifyError(functionIndex, 0, message);
    };
    this.threaded ??= threaded;
    if (threaded !== this.threaded) fail("functions in tables differ in how they take their fuel");
    if (!threaded) return;
    if (this.hostHandles) fail("takes fuel as a parameter, yet can be reached from outside");
    const key = this.keyOf(this.module.functionTypes[functionIndex] as number);
    const deep = (holder?.depth ?? -1) >= 0;
    if ((this.deepOf.get(key) ?? deep) !== deep) fail("functions of one type differ in depth");
    this.deepOf.set(key, deep);
  }

  isDeep(typeIndex: number): boolean {
    return this.deepOf.get(this.keyOf(typeIndex)) === true;
  }

  private keyOf(typeIndex: number): string {
    return funcTypeKey(this.module.types[typeIndex] as FuncType);
  }
}
