import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Comparison, type FileReport } from "./compare.ts";
import { reportText } from "./report.ts";

// `npm run spec -- --only NAME --json FILE`: WebAssembly's own test suite, each script run on the
// engine as it is and on metered modules. What passes raw has to pass metered, in the same way.

const { values: options } = parseArgs({
  options: { only: { type: "string" }, json: { type: "string" } },
});

/** Scripts in a folder and those below it, by their path in it. */
function scriptsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".wast"))
    .sort();
}

function asJson(reports: readonly FileReport[]): string {
  const replacer = (_: string, value: unknown): unknown =>
    value instanceof Map ? Object.fromEntries(value) : value;
  return `${JSON.stringify(reports, replacer, 2)}\n`;
}

async function main(folder: string): Promise<boolean> {
  const comparison = await Comparison.start();
  const { only } = options;
  const wanted = scriptsIn(folder).filter(
    (path) => only === undefined || path === only || path === `${only}.wast`,
  );
  if (wanted.length === 0) throw new Error(`no script ${only ?? ""} in ${folder}`);
  const reports: FileReport[] = [];
  for (const path of wanted) {
    const source = new Uint8Array(readFileSync(join(folder, path)));
    reports.push(await comparison.script(source, path));
  }
  console.log(reportText(reports));
  if (options.json !== undefined) writeFileSync(options.json, asJson(reports));
  return reports.every((report) => report.differences.length === 0);
}

const folder = process.env["WASM_TESTSUITE"];
if (folder === undefined || !existsSync(folder) || !statSync(folder).isDirectory()) {
  console.error(
    "set WASM_TESTSUITE to the folder of the suite: git clone https://github.com/WebAssembly/testsuite",
  );
  process.exitCode = 1;
} else {
  process.exitCode = (await main(folder)) ? 0 : 1;
}
