import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { normalizePath } from "vite";
import type { ScriptBinary } from "../compile/source.ts";
import type { ScriptNames } from "./script-module.ts";

// The JavaScript that `import … from "./patrol.ts?script"` is answered with.

const runtime = normalizePath(
  fileURLToPath(
    new URL(
      import.meta.url.endsWith(".ts") ? "./script-module.ts" : "./script-module.js",
      import.meta.url,
    ),
  ),
);

/** The folder of this package that a page imports from, which may lie outside of what Vite serves by default. */
export const runtimeFolder = dirname(dirname(runtime));

/** A script that the dev server at `url` compiles. */
export function devCode(names: ScriptNames, url: string): string {
  return moduleCode("devScript", names, [JSON.stringify(url), "import.meta.hot"]);
}

/** A script whose assets a build emits; the arguments are the bundler's references to them. */
export function buildCode(names: ScriptNames, wasmRef: string, mapRef: string | undefined): string {
  const refs = [wasmRef, ...(mapRef ? [mapRef] : [])];
  return moduleCode(
    "builtScript",
    names,
    refs.map((ref) => `import.meta.ROLLUP_FILE_URL_${ref}`),
  );
}

/** A script that carries its bytes. */
export function inlineCode({ name, file, bytes, sourceMap }: ScriptBinary): string {
  const base64 = Buffer.from(bytes).toString("base64");
  return moduleCode("inlineScript", { name, file }, [
    JSON.stringify(base64),
    ...(sourceMap ? [`JSON.parse(${JSON.stringify(JSON.stringify(sourceMap))})`] : []),
  ]);
}

/** The text of files by their path, for a compiler in the page. */
export function sourcesCode(files: Readonly<Record<string, string>>): string {
  return `export default ${JSON.stringify(files)};\n`;
}

function moduleCode(make: string, { name, file }: ScriptNames, args: readonly string[]): string {
  const all = [JSON.stringify({ name, file }), ...args].join(", ");
  return [
    `import { ${make} } from ${JSON.stringify(runtime)};`,
    `export default ${make}(${all});`,
    "",
  ].join("\n");
}
