import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DiagnosticCode } from "../../scripting/compile/diagnostics.ts";
import { readFields } from "../../scripting/fields/fields-section.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { binaryOf, compileFiles } from "../compile/sources.ts";

const sdkFolder = fileURLToPath(new URL("../../scripts/sdk/", import.meta.url));
const sdk = (path: string) => readFileSync(sdkFolder + path, "utf8");
const use = "export function onUpdate(self: Entity): void {}";

const compileText = (text: string, more: Record<string, string> = {}) =>
  compileFiles(
    { "scripts/s.ts": `import { Entity, field } from "fusewire/sdk";\n${text}\n${use}`, ...more },
    { sdk },
  );

async function fieldsOf(text: string, more: Record<string, string> = {}) {
  return readFields(parseModule(binaryOf(await compileText(text, more)).bytes));
}

describe("declarations of fields", () => {
  test("list name, kind, default, range and doc", async () => {
    expect(
      await fieldsOf(`
/**
 * How fast,
 * in metres a second.
 */
export const a = field.f32("speed", -2.5e0, -10, 1_0);
/* no doc */
const b = field.bool("on", true), c = field.u32("mask", 0xff);
// Nor this.
const d = field.timer("reload");
const e = field.entity("target");`),
    ).toEqual([
      {
        name: "speed",
        kind: "f32",
        default: -2.5,
        min: -10,
        max: 10,
        doc: "How fast, in metres a second.",
      },
      { name: "on", kind: "bool", default: 1, min: undefined, max: undefined, doc: "" },
      { name: "mask", kind: "u32", default: 255, min: undefined, max: undefined, doc: "" },
      { name: "reload", kind: "timer", default: 0, min: undefined, max: undefined, doc: "" },
      { name: "target", kind: "entity", default: 0, min: undefined, max: undefined, doc: "" },
    ]);
  });

  test("may stand in a file that the script imports, and be used under another name", async () => {
    const shared = `import { field as own } from "fusewire/sdk"; export const speed = own.f32("speed", 3);`;
    const fields = await fieldsOf(
      `import { speed as pace } from "./shared"; const mine = field.i32("mine");
export function f(e: Entity): f32 { mine[e]++; return pace[e]; }`,
      { "scripts/shared.ts": shared },
    );
    expect(fields.map(({ name }) => name).sort()).toEqual(["mine", "speed"]);
  });

  test("don't list what is only mentioned in comments and texts", async () => {
    expect(
      await fieldsOf(`// field.f32("a")\nconst text = 'field.f32("b")'; /* field.f32("c") */`),
    ).toEqual([]);
  });

  test.each([
    [
      "in a function",
      `function f(): void { const s = field.f32("s"); }`,
      /^Declare a field at the top level/,
      2,
      32,
    ],
    ["with let", `let s = field.f32("s");`, /must be declared with 'const'/, 2, 9],
    ["with a type", `const s: f32 = field.f32("s");`, /has no type of its own/, 2, 16],
    ["without a name", `const s = field.f32(2);`, /first argument must be the field's name/, 2, 11],
    [
      "with a name that isn't one",
      `const s = field.f32("Speed");`,
      /must be like "maxSpeed"/,
      2,
      11,
    ],
    ["with an expression", `const s = field.f32("s", 1 + 1);`, /must be plain numbers/, 2, 11],
    [
      "with too much",
      `const s = field.timer("s", 2);`,
      /field.timer takes a name, and nothing else/,
      2,
      11,
    ],
    ["of no kind", `const s = field.i64("s");`, /There is no field.i64; there are f32, f64/, 2, 11],
    [
      "with a default that doesn't fit",
      `const s = field.u8("s", 256);`,
      /256 does not fit u8/,
      2,
      11,
    ],
    [
      "with a default outside of its range",
      `const s = field.u8("s", 1, 2, 3);`,
      /1 isn't between 2 and 3/,
      2,
      11,
    ],
    [
      "twice",
      `const a = field.u8("s");\nconst b = field.u8("s");`,
      /field "s" already, in scripts\/s.ts:2/,
      3,
      11,
    ],
  ])("can't be %s, which is said with the place", async (_, text, message, line, column) => {
    const result = await compileText(text);
    if (result.ok) throw new Error("it compiled");
    expect(result.diagnostics).toHaveLength(1);
    expect(result.diagnostics[0]).toMatchObject({
      severity: "error",
      code: DiagnosticCode.field,
      file: "scripts/s.ts",
      line,
      column,
    });
    expect(result.diagnostics[0]?.message).toMatch(message);
  });

  test("are at most 32", async () => {
    const some = (count: number) =>
      Array.from({ length: count }, (_, n) => `const f${n} = field.u8("f${n}");`).join("\n");
    expect(await fieldsOf(some(32))).toHaveLength(32);
    const result = await compileText(some(33));
    expect(result.ok ? [] : result.diagnostics.map(({ message }) => message)).toEqual([
      "A script has at most 32 fields.",
    ]);
  });
});
