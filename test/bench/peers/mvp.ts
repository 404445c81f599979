import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../kernels/", import.meta.url);

/** What came after WebAssembly 1.0 and asc uses unasked; wasm-metering reads none of it. */
const later = ["bulk-memory", "sign-extension", "nontrapping-f2i", "mutable-globals"];

/** A kernel in WebAssembly 1.0, for tools that read no more. */
export interface MvpKernel {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Every kernel that can do without what came after WebAssembly 1.0. */
export async function mvpKernels(): Promise<MvpKernel[]> {
  // Not at the start of the bench: it starts Binaryen, which loading has to see started.
  const { default: asc } = await import("assemblyscript/asc");
  const kernels: MvpKernel[] = [];
  const options = ["-O3", "--runtime", "incremental", "--outFile", "out.wasm"];
  for (const feature of later) options.push("--disable", feature);
  for (const file of readdirSync(folder).sort()) {
    const name = file.replace(".ts", "");
    if (name === "simd") continue;
    let bytes: Uint8Array | undefined;
    const { error, stderr } = await asc.main([file, ...options], {
      readFile: (path) => (path === file ? readFileSync(new URL(path, folder), "utf8") : null),
      writeFile: (path, content) => {
        if (path === "out.wasm") bytes = content as Uint8Array;
      },
      listFiles: () => [],
    });
    if (bytes === undefined) throw new Error(`${file}: ${error ?? stderr}`);
    kernels.push({ name, bytes });
  }
  return kernels;
}
