import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { encodeBytes } from "./encoded.ts";

/** A script whose `run` never comes back. */
export interface EndlessScript {
  readonly name: string;
  /** The module, in base64. */
  readonly wasm: string;
  /** How often its `prepare` is to be called before. */
  readonly preparations: number;
}

/** Loops that never end, of what takes least and most time for its fuel. */
const endless: Readonly<Record<string, string>> = {
  counter: "let n: i32 = 0; export function run(): void { while (true) n++; }",
  divisions: `let n: i64 = 1; export function run(): void {
    let d: i64 = 7;
    while (true) { n = (n + 0x7fffffffffff) / d; d = (n & 15) + 3; }
  }`,
  "cache misses": `const size = 1 << 20;
  PREPARE
  export function run(): void {
    const base: usize = 1 << 16;
    let at: usize = 1;
    while (true) {
      store<i32>(base + at * 4, load<i32>(base + at * 4) + 1);
      at = (at * 1664525 + 1013904223) & (size - 1);
    }
  }`,
  fills: `PREPARE
  export function run(): void { while (true) memory.fill(1 << 16, 1, 1 << 20); }`,
  copies: `PREPARE
  export function run(): void { while (true) memory.copy(1 << 16, (1 << 16) + (1 << 20), 1 << 20); }`,
  "small calls": `function f(n: i32): i32 { return n < 2 ? n : f(n - 1) + f(n - 2); }
  export function run(): void { let n = 0; while (true) n += f(n & 7); }`,
  "host calls": `@external("h", "now") declare function now(): i32;
  export function run(): void { let n = 0; while (true) n += now(); }`,
};

/** Grows the memory by 1 MiB and touches it, so that no loop pays for its first touch. */
const prepare = `export function prepare(): void {
  const page = memory.grow(16);
  memory.fill(page << 16, 1, 1 << 20);
}`;
const preparations = 5;

/** All of them, compiled. */
export async function endlessScripts(): Promise<EndlessScript[]> {
  const scripts: EndlessScript[] = [];
  for (const [name, source] of Object.entries(endless)) {
    const { sdk } = diskSources(".");
    const entry = "scripts/endless.ts";
    const text = source.replace("PREPARE", prepare);
    const result = await compile({ entry, readFile: (p) => (p === entry ? text : null), sdk });
    if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
    const wasm = encodeBytes(result.binary.bytes);
    scripts.push({ name, wasm, preparations: text === source ? 0 : preparations });
  }
  return scripts;
}
