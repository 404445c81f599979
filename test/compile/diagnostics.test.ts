import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CompileError,
  type Diagnostic,
  DiagnosticCode,
  fileDiagnostic,
  formatDiagnostic,
  MAX_LINE_TEXT_CHARS,
  placeOf,
} from "../../scripting/compile/diagnostics.ts";

function errorAt(text: string, start: number, end: number): Diagnostic {
  const place = placeOf("scripts/patrol.ts", text, start, end);
  return { severity: "error", code: 2322, message: "No.", ...place };
}

describe("placeOf", () => {
  const text = "one\ntwo three\r\n\nfour";

  test.each([
    ["one", 1, 1, 3, "one"],
    ["three", 2, 5, 5, "two three"],
    ["four", 4, 1, 4, "four"],
  ])("finds %s", (word, line, column, length, lineText) => {
    const start = text.indexOf(word);
    const place = placeOf("a.ts", text, start, start + word.length);
    expect(place).toEqual({ file: "a.ts", line, column, length, lineText });
  });

  test("cuts a range off at the end of its first line, and is never empty", () => {
    expect(placeOf("a.ts", text, 1, 10)).toMatchObject({ line: 1, column: 2, length: 2 });
    expect(placeOf("a.ts", text, 3, 3)).toMatchObject({ line: 1, column: 4, length: 1 });
    expect(placeOf("a.ts", text, text.length, text.length + 5)).toMatchObject({
      line: 4,
      column: 5,
      length: 1,
    });
  });

  test("agrees with a count of the lines before it, for any text", () => {
    const lines = fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(), (parts, at, size) => {
        const joined = parts.join("\n");
        const start = at % (joined.length + 1);
        const place = placeOf("a.ts", joined, start, start + size);
        const before = joined.slice(0, start).split("\n");
        expect(place.line).toBe(before.length);
        expect(place.column).toBe((before.at(-1)?.length ?? 0) + 1);
        expect(place.lineText).toBe(joined.split("\n")[place.line - 1]?.replace(/\r$/, ""));
      }),
    );
  });

  test("keeps no more than the start of a very long line", () => {
    const long = "x".repeat(10_000);
    expect(placeOf("a.ts", long, 9_000, 9_001).lineText).toHaveLength(MAX_LINE_TEXT_CHARS);
  });
});

describe("formatDiagnostic", () => {
  test("shows place, code, message and the line with carets under the range", () => {
    const text = `\n\n  const x: i32 = "a";`;
    const start = text.indexOf('"a"');
    expect(formatDiagnostic(errorAt(text, start, start + 3))).toBe(
      [
        "scripts/patrol.ts:3:18 - error TS2322: No.",
        '   3 |   const x: i32 = "a";',
        "     |                  ^^^",
      ].join("\n"),
    );
  });

  test("keeps tabs, so that the carets stand right at any tab width", () => {
    const [, line, carets] = formatDiagnostic(errorAt("\t\tx = y", 6, 7)).split("\n");
    expect(line).toBe("   1 | \t\tx = y");
    expect(carets).toBe("     | \t\t    ^");
  });

  test("names whose code it is", () => {
    const code = (n: number) => formatDiagnostic(fileDiagnostic(n, "No.", "a.ts"));
    expect(code(100)).toBe("a.ts - error AS100: No.");
    expect(code(1005)).toBe("a.ts - error TS1005: No.");
    expect(code(DiagnosticCode.outsideProject)).toBe("a.ts - error FW10001: No.");
    expect(formatDiagnostic(fileDiagnostic(100, "No."))).toBe("error AS100: No.");
  });

  test("shows the related place", () => {
    const related = placeOf("scripts/b.ts", "let b", 4, 5);
    expect(formatDiagnostic({ ...errorAt("let a", 4, 5), related })).toBe(
      [
        "scripts/patrol.ts:1:5 - error TS2322: No.",
        "   1 | let a",
        "     |     ^",
        "scripts/b.ts:1:5 - related",
        "   1 | let b",
        "     |     ^",
      ].join("\n"),
    );
  });

  test("leaves the line out where the range isn't on what was kept of it", () => {
    const formatted = formatDiagnostic(errorAt("x".repeat(10_000), 9_000, 9_001));
    expect(formatted).toBe("scripts/patrol.ts:1:9001 - error TS2322: No.");
  });
});

test("a CompileError carries the diagnostics, and their text as its message", () => {
  const diagnostics = [errorAt("let a", 4, 5), errorAt("let b", 4, 5)];
  const error = new CompileError("scripts/patrol.ts", diagnostics);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "CompileError", file: "scripts/patrol.ts", diagnostics });
  expect(error.message).toContain("   1 | let b\n     |     ^");
});
