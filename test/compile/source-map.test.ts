import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { beforeAll, describe, expect, test } from "vitest";
import type { ScriptBinary } from "../../scripting/compile/source.ts";
import { binaryOf, compileFiles } from "./sources.ts";

const ENTRY = "scripts/patrol.ts";
const FILES = {
  [ENTRY]: `import { check } from "./lib/check";
import { two } from "fusewire/sdk";

export function onUpdate(self: i32): i32 {
  const marked = self * 0x1234567;
  return check(marked) + two;
}

export function sort(n: i32): i32 {
  const values: i32[] = [];
  if (n < 0) throw new Error("negative");
  for (let i = 0; i < n; i++) values.push(i);
  return values[n];
}
`,
  "scripts/lib/check.ts": `export function check(value: i32): i32 {
  if (value == 0) {
    unreachable();
  }
  return value;
}
`,
};
const sdk = (path: string) => (path === "index.ts" ? "export const two: i32 = 2;" : null);

describe.each([0, 3])("the source map at optimizeLevel %d", (optimizeLevel) => {
  let binary: ScriptBinary;
  let exports: Record<string, (argument: number) => number>;

  beforeAll(async () => {
    binary = binaryOf(await compileFiles(FILES, { optimizeLevel, sdk }));
    const abort = () => {
      throw new Error("abort");
    };
    const { instance } = await WebAssembly.instantiate(binary.bytes, { env: { abort } });
    exports = instance.exports as typeof exports;
  });

  function originalAt(offset: number) {
    const { sourceMap } = binary;
    if (!sourceMap) throw new Error("no source map");
    return originalPositionFor(new TraceMap(sourceMap), { line: 1, column: offset });
  }

  test("leads from the bytes of a constant to the expression it is in", () => {
    // i32.const 0x1234567, as signed LEB128.
    const offset = Buffer.from(binary.bytes).indexOf(Buffer.from([0x41, 0xe7, 0x8a, 0x8d, 0x09]));
    expect(offset).toBeGreaterThan(0);
    expect(originalAt(offset)).toMatchObject({ source: ENTRY, line: 5 });
  });

  test("leads from where a trap was to its line in the imported file", () => {
    const [top] = trapOffsets(() => exports["onUpdate"]?.(0));
    expect(originalAt(top ?? 0)).toMatchObject({ source: "scripts/lib/check.ts", line: 3 });
  });

  test("leads from a throw to its line", () => {
    const [top] = trapOffsets(() => exports["sort"]?.(-1));
    expect(originalAt(top ?? 0)).toMatchObject({ source: ENTRY, line: 11 });
  });

  test("has a position for every frame of a failure in the library", () => {
    const positions = trapOffsets(() => exports["sort"]?.(3)).map(originalAt);
    for (const { source } of positions) expect(source).not.toBe(null);
    expect(positions[0]).toMatchObject({ source: "~lib/array.ts" });
  });

  test("has project paths, and the text of the project's and the sdk's files", () => {
    const { sources, sourcesContent } = binary.sourceMap ?? { sources: [] };
    const text = new Map(sources.map((source, index) => [source, sourcesContent?.[index]]));
    expect(text.get(ENTRY)).toBe(FILES[ENTRY]);
    expect(text.get("scripts/lib/check.ts")).toBe(FILES["scripts/lib/check.ts"]);
    expect(text.get("~lib/array.ts")).toBe(null);
    for (const source of sources) expect(source).toMatch(/^(scripts\/|~lib\/)/);
  });
});

/** The byte offsets of the wasm frames of what a call throws, the innermost first. */
function trapOffsets(call: () => unknown): number[] {
  try {
    call();
  } catch (error) {
    const stack = String((error as Error).stack);
    return [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, hex]) =>
      Number.parseInt(hex ?? "", 16),
    );
  }
  throw new Error("did not trap");
}
