import { type ASUtil, instantiateSync } from "@assemblyscript/loader";
import { HostError } from "../errors.ts";
import { ExternKind, SectionId } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { ByteWriter } from "../wasm/writer.ts";

/** Functions of AssemblyScript's exported runtime, with their arities. */
const runtimeFunctions = { __new: 2, __pin: 1, __unpin: 1, __collect: 0 } as const;

/**
 * AssemblyScript's loader reads and writes a guest's strings. It takes a whole module and turns
 * export names into object paths, which an untrusted module's names must not reach (an export named
 * `constructor#x` would end up on `Object.prototype`). So it is given a bridge: a constant module that
 * imports the guest's memory and allocator and exports them under the names the loader knows.
 */
export class GuestStrings {
  readonly #memory: WebAssembly.Memory;
  readonly #guestExports: WebAssembly.Exports;
  /** Bytes that one string may have. */
  payloadBytes = 0;
  #loader: ASUtil | undefined;

  constructor(memory: WebAssembly.Memory, guestExports: WebAssembly.Exports) {
    this.#memory = memory;
    this.#guestExports = guestExports;
  }

  /** @throws HostError for a bad pointer or a string above the payload limit. */
  read(pointer: number): string {
    const address = pointer >>> 0;
    const { buffer } = this.#memory;
    if (address < 4 || address > buffer.byteLength || (address & 1) !== 0) {
      throw new HostError(`no string at 0x${address.toString(16)}: outside of the guest's memory`);
    }
    // The loader takes the length from the object's header: the u32 before it, rounded down to 4.
    const byteLength = new DataView(buffer).getUint32((address - 4) & ~3, true);
    if (byteLength > buffer.byteLength - address) {
      throw new HostError(`no string at 0x${address.toString(16)}: its length leaves the memory`);
    }
    if (byteLength > this.payloadBytes) {
      throw new HostError(
        `a string of ${byteLength} bytes, payloadBytes allows ${this.payloadBytes}`,
      );
    }
    return this.#bridge().__getString(address);
  }

  /** Allocates in the guest; call it where the guest's budget is running. */
  create(text: string): number {
    if (text.length * 2 > this.payloadBytes) {
      throw new HostError(
        `a string of ${text.length * 2} bytes, payloadBytes allows ${this.payloadBytes}`,
      );
    }
    const pointer = this.#bridge().__newString(text) >>> 0;
    return pointer;
  }

  pin(pointer: number): number {
    return this.#bridge().__pin(pointer) >>> 0;
  }

  #bridge(): ASUtil {
    if (this.#loader !== undefined) return this.#loader;
    const guest: Record<string, WebAssembly.ImportValue> = { memory: this.#memory };
    for (const name of Object.keys(runtimeFunctions)) {
      const own = Object.hasOwn(this.#guestExports, name) ? this.#guestExports[name] : undefined;
      guest[name] = typeof own === "function" ? own : missingRuntime;
    }
    this.#loader = instantiateSync(bridgeModule(), { guest }).exports;
    return this.#loader;
  }
}

function missingRuntime(): never {
  throw new HostError("the script doesn't export its runtime: compile it with exportRuntime");
}

let compiledBridge: WebAssembly.Module | undefined;

/** Imports `guest.memory` and the runtime's functions; exports them again. */
function bridgeModule(): WebAssembly.Module {
  if (compiledBridge !== undefined) return compiledBridge;
  const names = Object.entries(runtimeFunctions);
  const types = new ByteWriter();
  types.u32(names.length);
  const imports = new ByteWriter();
  imports.u32(names.length + 1);
  const exports = new ByteWriter();
  exports.u32(names.length + 1);
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
  const out = new ByteWriter();
  for (const b of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(b);
  out.section(SectionId.type, types);
  out.section(SectionId.import, imports);
  out.section(SectionId.export, exports);
  compiledBridge = new WebAssembly.Module(out.view() as BufferSource);
  return compiledBridge;
}
