import { describe, expect, test } from "vitest";
import { binaryOf, compileFiles, exportsOf } from "./sources.ts";

const ENTRY = "scripts/patrol.ts";

describe("compile", () => {
  test("gives a module that runs, under the entry's name", async () => {
    const source = "export function onUpdate(self: i32): i32 { return self * 2; }";
    const result = await compileFiles({ [ENTRY]: source });
    const binary = binaryOf(result);
    expect(binary).toMatchObject({ name: "patrol", file: ENTRY });
    const { instance } = await WebAssembly.instantiate(binary.bytes);
    const onUpdate = instance.exports["onUpdate"] as (self: number) => number;
    expect(onUpdate(21)).toBe(42);
    expect(result.ok && result.warnings).toEqual([]);
    expect(result.elapsedMs).toBeGreaterThan(0);
  });

  test("takes a name, and an entry path in either style", async () => {
    const binary = binaryOf(
      await compileFiles(
        { [ENTRY]: "export const x: i32 = 1;" },
        { entry: ".\\scripts\\patrol.ts", name: "guard" },
      ),
    );
    expect(binary).toMatchObject({ name: "guard", file: ENTRY });
  });

  test("follows imports, also of an index file, and lists what was asked for", async () => {
    const result = await compileFiles({
      [ENTRY]: `import { a } from "./lib/a"; import { b } from "./b.ts"; export function f(): i32 { return a + b; }`,
      "scripts/lib/a/index.ts": `import { b } from "../../b"; export const a: i32 = b + 1;`,
      "scripts/b.ts": "export const b: i32 = 3;",
    });
    const { instance } = await WebAssembly.instantiate(binaryOf(result).bytes);
    expect((instance.exports["f"] as () => number)()).toBe(7);
    expect([...result.files].sort()).toEqual([
      "scripts/b.ts",
      "scripts/lib/a.ts",
      "scripts/lib/a/index.ts",
      ENTRY,
    ]);
  });

  test("allows files that import each other", async () => {
    const result = await compileFiles({
      [ENTRY]: `import { odd } from "./odd"; export function even(n: i32): bool { return n == 0 || odd(n - 1); }`,
      "scripts/odd.ts": `import { even } from "./patrol"; export function odd(n: i32): bool { return n != 0 && even(n - 1); }`,
    });
    const { instance } = await WebAssembly.instantiate(binaryOf(result).bytes);
    expect((instance.exports["even"] as (n: number) => number)(10)).toBe(1);
  });

  test("resolves fusewire/sdk through `sdk`, with its inner imports", async () => {
    const sdk: Record<string, string> = {
      "index.ts": `export { two } from "./numbers/two";`,
      "numbers/two.ts": "export const two: i32 = 2;",
    };
    const asked: string[] = [];
    const result = await compileFiles(
      { [ENTRY]: `import { two } from "fusewire/sdk"; export function f(): i32 { return two; }` },
      {
        sdk: (path) => {
          asked.push(path);
          return sdk[path] ?? null;
        },
      },
    );
    const { instance } = await WebAssembly.instantiate(binaryOf(result).bytes);
    expect((instance.exports["f"] as () => number)()).toBe(2);
    expect(asked).toEqual(["index.ts", "numbers/two.ts"]);
    expect(result.files).toEqual([ENTRY]);
  });

  test("waits for files that are read asynchronously", async () => {
    const result = await compileFiles(
      {},
      { entry: ENTRY, readFile: async () => "export function f(): i32 { return 1; }" },
    );
    expect(await exportsOf(binaryOf(result))).toContain("f");
  });

  test("exports the runtime where a signature needs it, or as told", async () => {
    const numbers = { [ENTRY]: "export function f(x: f64): f64 { return x; }" };
    const text = { [ENTRY]: "export function f(s: string): string { return s; }" };
    expect(await exportsOf(binaryOf(await compileFiles(numbers)))).toEqual(["f", "memory"]);
    expect(await exportsOf(binaryOf(await compileFiles(text)))).toContain("__new");
    const always = binaryOf(await compileFiles(numbers, { exportRuntime: true }));
    expect(await exportsOf(always)).toContain("__new");
    const never = binaryOf(await compileFiles(text, { exportRuntime: false }));
    expect(await exportsOf(never)).not.toContain("__new");
  });

  test("keeps function names, so that a trap's stack says where it was", async () => {
    const source = "function deep(): void { unreachable(); } export function f(): void { deep(); }";
    // Not optimized: the optimizer would make one function of the two.
    const binary = binaryOf(await compileFiles({ [ENTRY]: source }, { optimizeLevel: 0 }));
    const { instance } = await WebAssembly.instantiate(binary.bytes);
    const stack = stackOf(instance.exports["f"] as () => void);
    expect(stack).toContain("scripts/patrol/deep");
    expect(stack).toContain("scripts/patrol/f");
  });

  test("emits an import only for a host function that is used", async () => {
    const source = `
      @external("component", "Position.x.get") declare function getX(entity: i32): f32;
      @external("component", "Position.x.set") declare function setX(entity: i32, value: f32): void;
      export function onUpdate(self: i32): f32 { return getX(self); }`;
    const { bytes } = binaryOf(await compileFiles({ [ENTRY]: source }));
    const imports = WebAssembly.Module.imports(await WebAssembly.compile(bytes));
    expect(imports).toEqual([{ module: "component", name: "Position.x.get", kind: "function" }]);
  });

  test("gives the same bytes every time, also from compiles that overlap", async () => {
    const files = { [ENTRY]: "export function f(s: string): i32 { return s.length; }" };
    const results = await Promise.all([1, 2, 3].map(() => compileFiles(files)));
    const [first, ...others] = results.map((result) => Buffer.from(binaryOf(result).bytes));
    for (const other of others) expect(first?.equals(other)).toBe(true);
  });
});

function stackOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return String((error as Error).stack);
  }
  throw new Error("did not trap");
}
