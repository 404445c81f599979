import { compile } from "../scripting/compile/compile.ts";

/**
 * The module of a script that stands alone in one file.
 * @throws Error with the compiler's messages.
 */
export async function compiled(
  file: string,
  source: string,
  options: { readonly exportRuntime?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const readFile = (path: string): string | null => (path === file ? source : null);
  const result = await compile({ entry: file, readFile, ...options });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return result.binary.bytes;
}
