import { describe, expect, it } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { type Fault, Linker, ScriptRuntime } from "../../scripting/index.ts";

/** Compiles the source and calls `run`; the fault it ends in. */
async function faultOf(source: string): Promise<Fault> {
  const entry = "scripts/broken.ts";
  const { sdk } = diskSources(".");
  const result = await compile({ entry, readFile: (p) => (p === entry ? source : null), sdk });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  const { bytes, sourceMap } = result.binary;
  const runtime = new ScriptRuntime({ linker: new Linker(), limits: { fuelPerCall: 100_000 } });
  const script = await runtime.load(bytes, { name: "broken", ...(sourceMap ? { sourceMap } : {}) });
  const outcome = script.call("run");
  if (outcome.ok) throw new Error("it finished");
  return outcome.fault;
}

const cases: [what: string, kind: string, line: number, source: string][] = [
  [
    "an endless loop",
    "out-of-fuel",
    4,
    `let n: i32 = 0;
export function run(): void {
  n = 5;
  while (n > 0) n += 2;
}`,
  ],
  [
    "a trap in a function that was called",
    "trap",
    3,
    `let zero: i32 = 0;
function deep(a: i32): i32 {
  return 10 / (a & zero) + a;
}
export function run(): i32 {
  return deep(1) + deep(2) + deep(3);
}`,
  ],
  [
    "endless recursion",
    "stack-overflow",
    2,
    `function down(n: i32): i32 {
  return down(n + 1) + 1;
}
export function run(): i32 {
  return down(1);
}`,
  ],
  [
    "a failed assertion",
    "abort",
    3,
    `let hp: i32 = -1;
export function run(): void {
  assert(hp >= 0, "hp below 0");
}`,
  ],
  [
    "an index out of range",
    "abort",
    4,
    `const list: i32[] = [1, 2, 3];
let at: i32 = 7;
export function run(): i32 {
  return list[at];
}`,
  ],
  [
    "an endless loop behind a loop that ends",
    "out-of-fuel",
    6,
    `let n: i32 = 0;
export function run(): void {
  for (let i = 0; i < 10; i++) n += i;
  let k = 1;
  // The next line is the one.
  while (k) k = n | 1;
}`,
  ],
];

describe("a fault's location", () => {
  it.each(cases)("names the line of %s", async (_what, kind, line, source) => {
    const fault = await faultOf(source);
    expect(fault.kind).toBe(kind);
    expect(fault.location).toMatchObject({ file: "scripts/broken.ts", line });
    expect(fault.location?.lineText).toBe(source.split("\n")[line - 1]);
    expect(fault.stack.length).toBeGreaterThan(0);
  });
});
