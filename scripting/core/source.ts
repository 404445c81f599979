import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** The cores, by name, and where their sources begin. */
const entries = {
  meter: "scripting/metering/core/meter.as.ts",
  verify: "scripting/metering/verify/core/verify.as.ts",
} as const;

export type CoreName = keyof typeof entries;
export const coreNames = Object.keys(entries) as readonly CoreName[];

/** Compiles a core from its sources. The same sources and compiler make the same bytes. */
export function compileCore(name: CoreName): Promise<Uint8Array<ArrayBuffer>> {
  return compileAssembly(entries[name]);
}

/**
 * Compiles AssemblyScript as cores are: optimised, without a runtime that frees memory.
 * @param entry path of its first file, from the package's folder.
 * @throws Error with the compiler's messages.
 */
export async function compileAssembly(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([entry, "--baseDir", root, ...options], {
    writeFile: (_file, contents) => {
      if (typeof contents !== "string") wasm = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (error !== null || wasm === undefined) throw new Error(`${entry}: ${stderr.toString()}`);
  return wasm;
}

const options = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--use", "abort="],
  ...["--outFile", "core.wasm"],
];

/** The TypeScript module that holds a core. */
export function coreSource(name: CoreName, wasm: Uint8Array): string {
  const base64 = Buffer.from(wasm).toString("base64");
  return `// Compiled from ${entries[name]} by \`npm run core\`.\nexport const ${name}Core: string =\n  "${base64}";\n`;
}
