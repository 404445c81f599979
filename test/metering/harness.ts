import wabtFactory from "wabt";
import { admit, Linker, meter, ScriptRuntime, verify } from "../../scripting/index.ts";
import type { ResourceLimits } from "../../scripting/limits.ts";
import type { Script } from "../../scripting/runtime/script.ts";

const wabt = await wabtFactory();
const features = {
  tail_call: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
  simd: true,
};

/** Assembles a module written as text. */
export function wasm(text: string): Uint8Array {
  const module = wabt.parseWat("test.wat", text, features);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** A module's text, as wabt prints it. */
export function wat(bytes: Uint8Array): string {
  const module = wabt.readWasm(bytes, { ...features, readDebugNames: true });
  try {
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}

/** Admitted, metered and verified. */
export function metered(bytes: Uint8Array): Uint8Array {
  const result = meter(admit(bytes));
  verify(result.bytes);
  return result.bytes;
}

/** Loads a module written as text. */
export async function load(
  text: string,
  limits: Partial<ResourceLimits> = {},
  linker = new Linker(),
): Promise<Script> {
  return new ScriptRuntime({ linker, limits }).load(wasm(text), { name: "test" });
}
