import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DiagnosticCode } from "../../scripting/compile/diagnostics.ts";
import { CompilePool } from "../../scripting/compile/node.ts";

let root: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fusewire-pool-")));
  writeFileSync(
    join(root, "a.ts"),
    `import { b } from "./b"; export function f(): i32 { return b; }`,
  );
  writeFileSync(join(root, "b.ts"), "export const b: i32 = 7;");
  writeFileSync(
    join(root, "crash.ts"),
    "class Box<T> { value: T | null = null } function f<T>(): void { f<Box<T>>(); } export function g(): void { f<i32>(); }",
  );
});

afterAll(() => rmSync(root, { recursive: true }));

describe("a compile pool", () => {
  test("compiles in its workers, from disk, and goes on after a crash", async () => {
    const pool = new CompilePool({ root, maxWorkers: 2 });
    try {
      const entries = ["a.ts", "crash.ts", "none.ts", "a.ts", "a.ts"];
      const replies = await Promise.all(entries.map((entry) => pool.compile({ entry })));
      const [a, crash, none, ...again] = replies;
      if (!a?.result.ok) throw new Error("a.ts didn't compile");
      const { instance } = await WebAssembly.instantiate(a.result.binary.bytes);
      expect((instance.exports["f"] as () => number)()).toBe(7);
      expect([...a.reads.keys()].sort()).toEqual([join(root, "a.ts"), join(root, "b.ts")]);
      expect(crash?.result).toMatchObject({
        ok: false,
        diagnostics: [{ code: DiagnosticCode.compilerCrash, file: "crash.ts" }],
      });
      expect(none?.result).toMatchObject({
        ok: false,
        diagnostics: [{ code: DiagnosticCode.fileNotFound }],
      });
      expect(none?.reads).toEqual(new Map([[join(root, "none.ts"), null]]));
      for (const { result } of again) {
        expect(result.ok && Buffer.from(result.binary.bytes)).toEqual(
          Buffer.from(a.result.binary.bytes),
        );
      }
    } finally {
      await pool.close();
    }
  });

  test("stops a compile that takes too long, and compiles the next", async () => {
    // Starting a worker takes longer than this, so the first is stopped whatever it compiles.
    const pool = new CompilePool({ root, timeoutMs: 1 });
    const { result, reads } = await pool.compile({ entry: "a.ts" });
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{ code: DiagnosticCode.compileTimeout, file: "a.ts" }],
    });
    expect(reads.size).toBe(0);
    await pool.close();
  });

  test("ends what is under way when it is closed, and starts again when it is used", async () => {
    const pool = new CompilePool({ root, maxWorkers: 1 });
    const pending = Promise.all([pool.compile({ entry: "a.ts" }), pool.compile({ entry: "b.ts" })]);
    await pool.close();
    for (const { result } of await pending) {
      expect(result).toMatchObject({
        ok: false,
        diagnostics: [{ message: "The compiler was closed." }],
      });
    }
    expect((await pool.compile({ entry: "b.ts" })).result.ok).toBe(true);
    await pool.close();
  });

  test("fails with a diagnostic when the project is gone", async () => {
    const pool = new CompilePool({ root: join(root, "nowhere") });
    const { result } = await pool.compile({ entry: "a.ts" });
    expect(result).toMatchObject({ ok: false, diagnostics: [{ file: "a.ts" }] });
    await pool.close();
  });
});
