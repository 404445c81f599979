import { describe, expect, test } from "vitest";
import type { CompileOptions } from "../../scripting/compile/compile.ts";
import { type Diagnostic, DiagnosticCode } from "../../scripting/compile/diagnostics.ts";
import { sourceLimits } from "../../scripting/compile/files.ts";
import { compileFiles } from "./sources.ts";

const ENTRY = "scripts/patrol.ts";

async function diagnose(
  source: string,
  options: Partial<CompileOptions> = {},
): Promise<readonly Diagnostic[]> {
  const result = await compileFiles({ [ENTRY]: source }, options);
  if (result.ok) throw new Error("it compiled");
  expect(result.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  return result.diagnostics;
}

describe("a script that doesn't compile", () => {
  test("says where: file, line, column, length, the line", async () => {
    const source =
      'export function onUpdate(self: i32): i32 {\n\tconst x: i32 = "a";\n  return nope(x);\n}\n';
    const diagnostics = await diagnose(source);
    expect(diagnostics).toEqual([
      {
        severity: "error",
        code: 2322,
        message: "Type '~lib/string/String' is not assignable to type 'i32'.",
        file: ENTRY,
        line: 2,
        column: 17,
        length: 3,
        lineText: '\tconst x: i32 = "a";',
      },
      {
        severity: "error",
        code: 2304,
        message: "Cannot find name 'nope'.",
        file: ENTRY,
        line: 3,
        column: 10,
        length: 4,
        lineText: "  return nope(x);",
      },
    ]);
  });

  test("says where in an imported file, and which place is meant as well", async () => {
    const result = await compileFiles({
      [ENTRY]: `import { f } from "./other"; export function g(): void { f(); }`,
      "scripts/other.ts": "export function f(): void {}\nexport function f(): void {}\n",
    });
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: 2300,
          file: "scripts/other.ts",
          line: 2,
          related: { file: "scripts/other.ts", line: 1 },
        },
      ],
    });
  });

  test("with a syntax error", async () => {
    const [first] = await diagnose("export function f(: void {}");
    expect(first).toMatchObject({ file: ENTRY, line: 1, lineText: "export function f(: void {}" });
  });

  test("with so many errors that only some are listed", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, n) => `export function f${n}(): i32 { return a${n}; }`,
    );
    const diagnostics = await diagnose(lines.join("\n"));
    expect(diagnostics).toHaveLength(100);
    expect(diagnostics.at(-1)).toMatchObject({
      code: DiagnosticCode.more,
      message: "201 more diagnostics are not listed.",
    });
  });
});

describe("a script that compiles", () => {
  test("with hints, which have a place as well", async () => {
    const source = "export function f(s: string): i32 { return s!.length; }";
    const result = await compileFiles({ [ENTRY]: source });
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        { severity: "info", file: ENTRY, line: 1, message: "Expression is never 'null'." },
      ],
    });
  });
});

describe("files that can't be read", () => {
  test("a missing entry", async () => {
    const result = await compileFiles({}, { entry: ENTRY });
    expect(result).toMatchObject({
      ok: false,
      files: [ENTRY],
      diagnostics: [
        { code: DiagnosticCode.fileNotFound, file: ENTRY, message: `File '${ENTRY}' not found.` },
      ],
    });
  });

  test("a missing import, with the place of the import", async () => {
    const diagnostics = await diagnose(
      `\nimport { a } from "./missing";\nexport const b: i32 = a;`,
    );
    expect(diagnostics).toMatchObject([
      { code: DiagnosticCode.fileNotFound, line: 2, column: 19, length: 11 },
    ]);
  });

  test.each([
    ["../../etc/passwd", DiagnosticCode.outsideProject, "outside the project"],
    ["../..", DiagnosticCode.outsideProject, "outside the project"],
    ["./../../../x", DiagnosticCode.outsideProject, "outside the project"],
    ["/etc/passwd", DiagnosticCode.packageImport, "Cannot import '/etc/passwd'"],
    ["file:///etc/passwd", DiagnosticCode.packageImport, "Cannot import"],
    ["lodash", DiagnosticCode.packageImport, "Cannot import 'lodash'"],
    ["fusewire/sdk", DiagnosticCode.noSdk, "no sdk sources"],
    ["./a\\\\..\\\\b", DiagnosticCode.outsideProject, "not a valid path"],
  ])("an import of %s", async (path, code, message) => {
    const asked: string[] = [];
    const source = `import { a } from "${path}";\nexport const b: i32 = a;`;
    const diagnostics = await diagnose(source, {
      readFile: (file) => {
        asked.push(file);
        return file === ENTRY ? source : null;
      },
    });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code, file: ENTRY, line: 1, column: 19 });
    expect(diagnostics[0]?.message).toContain(message);
    expect(asked).toEqual([ENTRY]);
  });

  test("an import that leads out of the library", async () => {
    const diagnostics = await diagnose(
      `import { a } from "~lib/../../x"; export const b: i32 = a;`,
    );
    expect(diagnostics).toMatchObject([{ code: DiagnosticCode.packageImport, file: ENTRY }]);
  });

  test("an sdk file outside of the sdk", async () => {
    const asked: string[] = [];
    const diagnostics = await diagnose(
      `import { a } from "fusewire/sdk"; export const b: i32 = a;`,
      {
        sdk: (path) => {
          asked.push(path);
          return `export { a } from "../../../secret";`;
        },
      },
    );
    expect(diagnostics[0]?.severity).toBe("error");
    expect(asked).toEqual(["index.ts"]);
  });

  test.each(["../patrol.ts", "/scripts/patrol.ts", "C:/patrol.ts", "scripts/patrol.js", "", ".ts"])(
    "the entry %j",
    async (entry) => {
      const result = await compileFiles({}, { entry, readFile: () => "export const x: i32 = 1;" });
      expect(result).toMatchObject({
        ok: false,
        files: [],
        diagnostics: [{ code: DiagnosticCode.outsideProject }],
      });
    },
  );

  test("one that the caller fails to read", async () => {
    const diagnostics = await diagnose(`import { a } from "./a"; export const b: i32 = a;`, {
      readFile: (path) => {
        if (path === ENTRY) return `import { a } from "./a"; export const b: i32 = a;`;
        throw new Error("the disk is on fire");
      },
    });
    expect(diagnostics).toMatchObject([
      {
        code: DiagnosticCode.readFailed,
        line: 1,
        message: "Cannot read 'scripts/a.ts': the disk is on fire",
      },
    ]);
  });

  test("one that is too large", async () => {
    const [first] = await diagnose(`// ${"x".repeat(sourceLimits.fileChars)}`);
    expect(first).toMatchObject({ code: DiagnosticCode.tooLarge, file: ENTRY });
    expect(first?.message).toContain(`the limit is ${sourceLimits.fileChars}`);
  });

  test("files without end", async () => {
    // Each file imports the next one.
    const diagnostics = await diagnose("", {
      readFile: (path) => {
        const number = Number(/(\d+)/.exec(path)?.[1] ?? 0);
        return `import { x${number + 1} } from "./f${number + 1}"; export const x${number}: i32 = 1;`;
      },
    });
    expect(diagnostics[0]).toMatchObject({ code: DiagnosticCode.tooLarge });
    expect(diagnostics[0]?.message).toContain(`more than ${sourceLimits.files} files`);
  });
});

describe("a script that crashes the compiler", () => {
  test.each([
    [
      "deep nesting",
      `export function f(): i32 { return ${"(".repeat(30_000)}1${")".repeat(30_000)}; }`,
    ],
    [
      "a generic without end",
      "class Box<T> { value: T | null = null } function f<T>(): void { f<Box<T>>(); } export function g(): void { f<i32>(); }",
    ],
  ])("by %s is a diagnostic, and the next one compiles", async (_name, source) => {
    const diagnostics = await diagnose(source);
    expect(diagnostics[0]).toMatchObject({ code: DiagnosticCode.compilerCrash, file: ENTRY });
    expect(diagnostics[0]?.message).toContain("ran out of stack");
    const next = await compileFiles({ [ENTRY]: "export function f(): i32 { return 1; }" });
    expect(next.ok).toBe(true);
  });
});
