import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileCore, coreNames, coreSource } from "./source.ts";

// `npm run core`: compiles the cores, or those that are named, and writes them as modules that hold them.
const wanted = process.argv.slice(2);
for (const name of coreNames) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const file = fileURLToPath(new URL(`./${name}-core.ts`, import.meta.url));
  const bytes = await compileCore(name);
  writeFileSync(file, coreSource(name, bytes));
  console.log(`${name}-core.ts: ${bytes.length} bytes`);
}
