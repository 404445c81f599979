import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A module that a package brings along. */
export interface ShippedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Modules of real programs, from 10 KB to 10 MB, out of packages that are installed anyway: C and C++
 * through Emscripten and wasi-sdk.
 */
export async function shippedModules(): Promise<ShippedModule[]> {
  const file = (name: string, path: string): ShippedModule => ({
    name,
    bytes: readFileSync(require.resolve(path)),
  });
  const pixi = require.resolve("pixi.js").replace(/pixi\.js\/lib\/.*/, "pixi.js");
  return [
    await instantiatedBy("es-module-lexer", async () => {
      const { init } = await import("es-module-lexer");
      await init;
    }),
    file("basis_transcoder", `${pixi}/transcoders/basis/basis_transcoder.wasm`),
    file("libktx", `${pixi}/transcoders/ktx/libktx.wasm`),
    await instantiatedBy("wabt", async () => {
      const { default: wabt } = await import("wabt");
      await wabt();
    }),
    await instantiatedBy("binaryen", () => import("binaryen")),
  ];
}

/** The module that a package carries in its own code: what it gives the engine as it starts. */
async function instantiatedBy(name: string, start: () => Promise<unknown>): Promise<ShippedModule> {
  const { instantiate, compile } = WebAssembly;
  let bytes: Uint8Array | undefined;
  const keep = (source: unknown): void => {
    if (source instanceof ArrayBuffer) bytes = new Uint8Array(source.slice(0));
    else if (ArrayBuffer.isView(source)) {
      const { buffer, byteOffset, byteLength } = source;
      bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
    }
  };
  const hooked = WebAssembly as { instantiate: unknown; compile: unknown };
  hooked.instantiate = (source: BufferSource, imports: WebAssembly.Imports) => {
    keep(source);
    return instantiate(source, imports);
  };
  hooked.compile = (source: BufferSource) => {
    keep(source);
    return compile(source);
  };
  try {
    await start();
  } finally {
    Object.assign(hooked, { instantiate, compile });
  }
  if (bytes === undefined)
    throw new Error(`${name} gave the engine no module; was it started before?`);
  return { name, bytes };
}
