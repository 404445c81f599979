import { type ASUtil, instantiateSync } from "@assemblyscript/loader";
import { HostError } from "../errors.ts";
import { ExternKind, SectionId } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { ByteWriter } from "../wasm/writer.ts";

/** Functions of AssemblyScript's exported runtime, with their arities. */
const runtimeFunctions = { __new: 2, __pin: 1, __unpin: 1, __collect: 0 } as const;
const runtimeTypesText = "__new(i32, i32) -> i32, __pin(i32) -> i32, __unpin(i32), __collect()";
/** Where it keeps what it knows of classes. */
const runtimeTypes = "__rtti_base";

/**
 * AssemblyScript's loader on a guest. It takes a whole module and turns export names into object paths,
 * which an untrusted module's names must not reach (an export named `constructor#x` would end up on
 * `Object.prototype`). So it is given a bridge: a constant module that imports the guest's memory and
 * allocator and exports them under the names the loader knows. What the guest doesn't export throws a
 * HostError when it is used.
 * @throws HostError for exports of those names that are something else.
 */
export function bridgeToLoader(
  memory: WebAssembly.Memory,
  guestExports: WebAssembly.Exports,
): ASUtil {
  const own = (name: string): WebAssembly.ExportValue | undefined =>
    Object.hasOwn(guestExports, name) ? guestExports[name] : undefined;
  const guest: Record<string, WebAssembly.ImportValue> = { memory };
  for (const name of Object.keys(runtimeFunctions)) {
    const exported = own(name);
    guest[name] = typeof exported === "function" ? exported : missingRuntime;
  }
  const types = own(runtimeTypes);
  const base: unknown = types instanceof WebAssembly.Global ? types.value : 0;
  guest[runtimeTypes] = typeof base === "number" ? base : 0;
  try {
    return instantiateSync(bridgeModule(), { guest }).exports;
  } catch (thrown) {
    if (!(thrown instanceof WebAssembly.LinkError)) throw thrown;
    throw new HostError(
      `the script exports functions named like AssemblyScript's runtime, of other types: ${runtimeTypesText}`,
    );
  }
}

function missingRuntime(): never {
  throw new HostError("the script doesn't export its runtime: compile it with exportRuntime");
}

let compiledBridge: WebAssembly.Module | undefined;

/** Imports `guest.memory` and the runtime's functions and types; exports them again. */
function bridgeModule(): WebAssembly.Module {
  if (compiledBridge !== undefined) return compiledBridge;
  const names = Object.entries(runtimeFunctions);
  const types = new ByteWriter();
  types.u32(names.length);
  const imports = new ByteWriter();
  imports.u32(names.length + 2);
  const exports = new ByteWriter();
  exports.u32(names.length + 2);
  for (const [i, [name, arity]] of names.entries()) {
    types.byte(0x60);
    types.u32(arity);
    for (let p = 0; p < arity; p++) types.byte(ValType.i32);
    const hasResult = name === "__new" || name === "__pin";
    types.u32(hasResult ? 1 : 0);
    if (hasResult) types.byte(ValType.i32);
    imports.name("guest");
    imports.name(name);
    imports.byte(ExternKind.func);
    imports.u32(i);
    exports.name(name);
    exports.byte(ExternKind.func);
    exports.u32(i);
  }
  imports.name("guest");
  imports.name("memory");
  imports.byte(ExternKind.memory);
  imports.byte(0);
  imports.u32(0);
  exports.name("memory");
  exports.byte(ExternKind.memory);
  exports.u32(0);
  imports.name("guest");
  imports.name(runtimeTypes);
  imports.byte(ExternKind.global);
  imports.byte(ValType.i32);
  imports.byte(0);
  exports.name(runtimeTypes);
  exports.byte(ExternKind.global);
  exports.u32(0);
  const out = new ByteWriter();
  for (const b of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(b);
  out.section(SectionId.type, types);
  out.section(SectionId.import, imports);
  out.section(SectionId.export, exports);
  compiledBridge = new WebAssembly.Module(out.view() as BufferSource);
  return compiledBridge;
}
