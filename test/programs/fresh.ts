import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
let starts = 0;

/** Where a package has a file; `path` as in an import. */
export function fileOf(path: string): string {
  return require.resolve(path);
}

/** A CommonJS module, started anew each time, with all of its package. */
export function freshRequire<T>(path: string): T {
  const folder = fileOf(path).replace(/(.*\/node_modules\/(@[^/]+\/)?[^/]+\/).*/, "$1");
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(folder)) delete require.cache[file];
  }
  return require(path) as T;
}

/** An ECMAScript module, started anew each time. What it imports itself isn't. */
export async function freshImport<T>(path: string): Promise<T> {
  // A test runner that would compile it first leaves what ends like this to Node.
  return (await import(`${pathToFileURL(fileOf(path))}?start=${++starts}.mjs`)) as T;
}
