import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { AdmissionError } from "../../scripting/index.ts";
import { Comparison, type FileReport } from "./compare.ts";
import { MeteredEngine } from "./engine.ts";
import { float32, float64, floatBits, integerBits } from "./number.ts";
import { readSExprs } from "./sexpr.ts";
import { HostObjects, matches, parseConstant, parseExpected } from "./value.ts";
import { type Command, parseWast } from "./wast.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bits of an f32 or f64 as the engine rounds them. */
function engineBits(value: number, width: 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (width === 64) view.setFloat64(0, value);
  else view.setFloat32(0, value);
  return width === 64 ? view.getBigUint64(0) : BigInt(view.getUint32(0));
}

describe("numbers of scripts", () => {
  it("reads integers as bits", () => {
    expect(integerBits("-1", 32)).toBe(0xffff_ffffn);
    expect(integerBits("0x7fff_ffff", 32)).toBe(0x7fff_ffffn);
    expect(integerBits("-0x8000_0000_0000_0000", 64)).toBe(1n << 63n);
    expect(integerBits("255", 8)).toBe(integerBits("-1", 8));
    expect(() => integerBits("0x", 32)).toThrow("is no integer");
  });

  it("rounds decimal floats as JavaScript does", () => {
    const texts = ["0", "-0.0", "1", "0.1", "666.6", "1e308", "1.7976931348623157e308", "1e309"];
    texts.push("4.9e-324", "2.2250738585072014e-308", "2.5e-324", "2.4e-324", "9007199254740993");
    for (const text of texts) {
      expect(floatBits(text, float64), text).toBe(engineBits(Number(text), 64));
    }
    for (const text of ["16777217", "0.1", "1e-45", "3.4028235e38", "3.5e38", "-7.5e-46"]) {
      expect(floatBits(text, float32), text).toBe(engineBits(Number(text), 32));
    }
  });

  it("rounds a text once, not by way of a longer format", () => {
    // Just above the middle of two floats of 32 bits, by less than one of 64 bits can tell.
    expect(floatBits("1.00000005960464477540", float32)).toBe(0x3f80_0001n);
    expect(engineBits(Number("1.00000005960464477540"), 32)).toBe(0x3f80_0000n);
  });

  it("reads hexadecimal floats, infinities and NaNs", () => {
    expect(floatBits("0x1.fffffep127", float32)).toBe(0x7f7f_ffffn);
    expect(floatBits("0x1p-149", float32)).toBe(1n);
    expect(floatBits("0x1p-150", float32)).toBe(0n);
    expect(floatBits("0x1.000001p-149", float32)).toBe(1n);
    expect(floatBits("-0x0.8p1", float64)).toBe(engineBits(-1, 64));
    expect(floatBits("-inf", float32)).toBe(0xff80_0000n);
    expect(floatBits("nan", float32)).toBe(0x7fc0_0000n);
    expect(floatBits("-nan:0x20_0000", float32)).toBe(0xffa0_0000n);
  });
});

describe("constants and expected results", () => {
  const read = (text: string) => readSExprs(bytes(text))[0] ?? expect.fail("nothing was read");
  const objects = new HostObjects();
  const fits = (expected: string, constant: string): boolean => {
    const value = parseConstant(read(constant));
    if (value.kind !== "bits") return expect.fail("no number");
    return matches(parseExpected(read(expected)), value, objects);
  };

  it("puts the lanes of a vector one behind the other", () => {
    expect(parseConstant(read("(v128.const i16x8 1 -1 0 0 0 0 0 0x8000)"))).toEqual({
      kind: "bits",
      type: "v128",
      bits: (0x8000n << 112n) | (0xffffn << 16n) | 1n,
    });
  });

  it("tells canonical from arithmetic NaNs, in numbers and in lanes", () => {
    expect(fits("(f32.const nan:canonical)", "(f32.const -nan)")).toBe(true);
    expect(fits("(f32.const nan:canonical)", "(f32.const nan:0x600000)")).toBe(false);
    expect(fits("(f32.const nan:arithmetic)", "(f32.const nan:0x600000)")).toBe(true);
    expect(fits("(f32.const nan:arithmetic)", "(f32.const nan:0x200000)")).toBe(false);
    expect(fits("(f64.const nan:0x1)", "(f64.const nan:0x1)")).toBe(true);
    const lanes = "(v128.const f64x2 nan:canonical 1)";
    expect(fits(lanes, "(v128.const f64x2 nan 1)")).toBe(true);
    expect(fits(lanes, "(v128.const f64x2 nan 2)")).toBe(false);
    expect(fits("(i32.const 0)", "(i64.const 0)")).toBe(false);
  });

  it("takes any of several", () => {
    expect(fits("(either (i32.const 1) (i32.const 2))", "(i32.const 2)")).toBe(true);
    expect(fits("(either (i32.const 1) (i32.const 2))", "(i32.const 3)")).toBe(false);
  });
});

describe("the reader", () => {
  const places = (commands: readonly Command[]) => commands.map((c) => [c.kind, c.line]);

  it("finds commands behind comments, strings and annotations", () => {
    const commands = parseWast(
      bytes(`;; (module
(; (; nested ;) (invoke "no") ;) (module $"a b" (@note ; "(" ) (func (export ")")))
(register "r" $"a b")
(module definition $D (memory 1))
(module instance $I $D)
(module quote "(memory" " 1)")
(module binary "\\00asm" "\\01\\00\\00\\00")
(invoke $I "\\u{66}\\t" (i32.const 1))
(assert_return (get "g"))
(assert_trap (module (func)) "why")
(assert_malformed (module quote "(func") "end")
(wait $T)`),
    );
    expect(places(commands)).toEqual([
      ["module", 2],
      ["register", 3],
      ["definition", 4],
      ["instance", 5],
      ["module", 6],
      ["module", 7],
      ["action", 8],
      ["assert_return", 9],
      ["assert_module_trap", 10],
      ["assert_malformed", 11],
      ["inexpressible", 12],
    ]);
    const [named, register, definition, , quote, binary, invoke] = commands;
    expect(named).toMatchObject({ module: { name: "$a b", form: "text" } });
    expect(register).toMatchObject({ as: "r", name: "$a b" });
    const textOf = (command: Command | undefined): string =>
      command !== undefined && "module" in command
        ? Buffer.from(command.module.bytes).toString()
        : "";
    expect(textOf(definition)).toMatch(/^\(module\s+\$D \(memory 1\)\)$/);
    expect(textOf(quote)).toBe("(memory 1)");
    expect(textOf(binary)).toBe("\0asm\x01\0\0\0");
    expect(invoke).toMatchObject({ action: { module: "$I", field: "f\t" } });
  });

  it("takes a script of a module's fields for that module", () => {
    expect(places(parseWast(bytes("(func) (memory 0)")))).toEqual([["module", 1]]);
  });

  it("says where a script isn't one", () => {
    expect(() => parseWast(bytes('(module "'))).toThrow("a string without an end, at byte 8");
    expect(() => parseWast(bytes("(module"))).toThrow("a list without an end, at byte 0");
    expect(() => parseWast(bytes("(; (; ;)"))).toThrow("a comment without an end, at byte 0");
  });
});

describe("the runner", () => {
  let comparison: Comparison;
  beforeAll(async () => {
    comparison = await Comparison.start();
  });
  const run = (script: string): Promise<FileReport> => comparison.script(bytes(script), "test");

  const passing = `
(module $A
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global (export "count") (mut i32) (i32.const 0))
  (func $count (export "count it") (result i32)
    (global.set 0 (i32.add (global.get 0) (i32.const 1)))
    (global.get 0))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "vector") (param v128) (result v128) (i32x4.neg (local.get 0)))
  (func (export "quiet") (param f32) (result f32) (local.get 0))
  (func (export "both") (result i64 externref) (i64.const -1) (ref.null extern))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "read") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "loop") (param i32) (result i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 0))
  (elem (i32.const 0) $count)
)
(register "a" $A)
(module $B
  (import "a" "table" (table 2 funcref))
  (import "a" "memory" (memory 1))
  (import "a" "deep" (func $deep (param i32) (result i32)))
  (import "spectest" "print_i32" (func $print (param i32)))
  (func (export "through the table") (result i32) (call_indirect (result i32) (i32.const 0)))
  (func (export "deeper") (param i32) (result i32) (call $deep (local.get 0)))
  (func $start (i32.store (i32.const 8) (i32.const 42)) (call $print (i32.const 7)))
  (start $start)
)
(invoke $A "count it")
(assert_return (invoke "through the table") (i32.const 2))
(assert_return (get $A "count") (i32.const 2))
(assert_return (invoke $A "read" (i32.const 8)) (i32.const 42))
(assert_return (invoke "deeper" (i32.const 100)) (i32.const 100))
(assert_exhaustion (invoke "deeper" (i32.const -1)) "call stack exhausted")
(assert_return (invoke "deeper" (i32.const 100)) (i32.const 100))
(assert_return (invoke $A "vector" (v128.const i32x4 1 2 3 4)) (v128.const i32x4 -1 -2 -3 -4))
(assert_return (invoke $A "quiet" (f32.const nan:0x200001)) (f32.const nan:0x200001))
(assert_return (invoke $A "both") (i64.const -1) (ref.null))
(assert_return (invoke $A "same" (ref.extern 3)) (ref.extern 3))
(assert_return (invoke $A "loop" (i32.const 100000)) (i32.const 0))
(assert_trap (invoke $A "read" (i32.const -1)) "out of bounds memory access")
(assert_trap (module (func $f unreachable) (start $f)) "unreachable")
(assert_unlinkable (module (import "a" "deep" (func (param i64)))) "incompatible import type")
(assert_unlinkable (module (import "a" "memory" (memory 1 2))) "incompatible import type")
(assert_unlinkable (module (import "spectest" "print_i32" (func))) "incompatible import type")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module binary "\\00asm\\01\\00\\00\\00\\ff\\00") "malformed section id")
(assert_malformed (module quote "(func") "unexpected end")
`;

  it("passes what is right, raw and metered", async () => {
    const report = await run(passing);
    expect(report.differences).toEqual([]);
    expect(report.rawFailures).toEqual([]);
    expect(report.modules).toEqual({ total: 2, raw: 2, metered: 2 });
    expect(report.others).toEqual({ total: 2, raw: 2, metered: 2 });
    // All but the one of a text that is malformed.
    expect(report.assertions).toEqual({ total: 19, raw: 18, metered: 18 });
    expect([...report.excluded.keys()]).toEqual(["malformed as text: has no binary"]);
    expect([...report.exhaustions]).toEqual([["call depth", 1]]);
    expect([...report.refusedBinaries]).toEqual([
      ["invalid", 1],
      ["unknown-opcode", 1],
    ]);
    expect(report.clampedMaxima).toHaveLength(1);
    expect(report.comparedStates).toBe(2);
  });

  it("reports a wrong expectation as failing raw, and not as a difference", async () => {
    const report = await run(`
      (module
        (func (export "one") (result i32) (i32.const 1))
        (func (export "recurse") (call 1)))
      (assert_return (invoke "one") (i32.const 2))
      (assert_return (invoke "one") (i64.const 1))
      (assert_return (invoke "none") (i32.const 1))
      (assert_trap (invoke "one") "unreachable")
      (assert_trap (invoke "recurse") "unreachable")
      (assert_exhaustion (invoke "one") "call stack exhausted")
      (assert_return (invoke "one") (i32.const 1))
      (assert_invalid (module) "type mismatch")
      (assert_unlinkable (module) "unknown import")`);
    expect(report.differences).toEqual([]);
    expect(report.assertions).toEqual({ total: 9, raw: 1, metered: 1 });
    expect(report.rawFailures.map((f) => f.line)).toEqual([5, 6, 7, 8, 9, 10, 12, 13]);
  });

  it("finds a difference", async () => {
    /** Meters another module than the one it is given: one whose constants of 42 are 43. */
    class Mistaken extends MeteredEngine {
      override compile(binary: Uint8Array): WebAssembly.Module {
        return super.compile(binary.map((b) => (b === 42 ? 43 : b)));
      }
    }
    const mistaken = await Comparison.start(() => new Mistaken());
    const script = `
      (module
        (global (export "state") (mut i32) (i32.const 0))
        (func (export "right") (result i32) (i32.const 41))
        (func (export "wrong") (result i32) (i32.const 42))
        (func (export "sets") (global.set 0 (i32.const 42))))
      (assert_return (invoke "right") (i32.const 41))
      (assert_return (invoke "wrong") (i32.const 42))
      (assert_return (invoke "wrong") (i32.const 43))
      (invoke "sets")`;
    const { differences } = await mistaken.script(bytes(script), "test");
    expect(differences.map((f) => [f.line, f.text])).toEqual([
      [8, "passes raw; metered came by i32 0x2b"],
      [9, "passes metered; raw came by i32 0x2a"],
      [2, "at the end raw holds state=42, metered state=43"],
    ]);
    expect((await run(script)).differences).toEqual([]);
  });

  it("finds modules that are refused without reason, or not as they should be", async () => {
    class Strict extends MeteredEngine {
      override compile(binary: Uint8Array): WebAssembly.Module {
        if (binary.length > 8) throw new AdmissionError("invalid", 0, "too long for me");
        throw new TypeError("broken");
      }
    }
    const strict = await Comparison.start(() => new Strict());
    const script = '(module (func)) (module) (assert_malformed (module binary "") "end")';
    const { differences } = await strict.script(bytes(script), "test");
    expect(differences.map((f) => f.text)).toEqual([
      "refused: too long for me (invalid, at byte 0x0)",
      "passes raw; metered TypeError: broken",
      "passes raw; metered TypeError: broken",
    ]);
  });

  it("counts modules that are refused by name, and what can't be run without them", async () => {
    const report = await run(`
      (module $E (tag $t) (func (export "f") (throw $t)))
      (assert_exception (invoke "f"))
      (register "e" $E)
      (module (import "e" "f" (func)))
      (module (memory 1) (memory 1))
      (module (memory i64 1))`);
    expect(report.differences).toEqual([]);
    expect([...report.refused]).toEqual([
      ["exceptions", 1],
      ["multi-memory", 1],
      ["memory64", 1],
    ]);
    const orphans = report.excluded.get("its module uses a denied feature") ?? [];
    expect(orphans.map((f) => f.line)).toEqual([3, 4, 5]);
    expect(report.modules).toMatchObject({ total: 4, metered: 0 });
  });

  describe("as a program", () => {
    const program = fileURLToPath(new URL("run.ts", import.meta.url));
    const runProgram = (folder: string | undefined, args: readonly string[] = []) => {
      const { WASM_TESTSUITE: _, ...env } = process.env;
      if (folder !== undefined) env["WASM_TESTSUITE"] = folder;
      return spawnSync(process.execPath, ["--import", "tsx", program, ...args], {
        env,
        encoding: "utf8",
      });
    };

    it("says what to set where the suite isn't", () => {
      for (const folder of [undefined, "/nowhere"]) {
        const { status, stdout, stderr } = runProgram(folder);
        expect(status).toBe(1);
        expect(stdout).toBe("");
        expect(stderr).toMatch(
          /^set WASM_TESTSUITE .* https:\/\/github.com\/WebAssembly\/testsuite$/m,
        );
      }
    });

    it("runs a folder's scripts, or one, prints what is notable and writes the figures", () => {
      const folder = mkdtempSync(join(tmpdir(), "fusewire-spec-"));
      try {
        writeFileSync(join(folder, "right.wast"), passing);
        writeFileSync(join(folder, "denied.wast"), "(module (memory 1) (memory 1))");
        const json = join(folder, "figures.json");
        const all = runProgram(folder, ["--json", json]);
        expect(all.stderr).toBe("");
        expect(all.status).toBe(0);
        expect(all.stdout).toMatch(/^denied\.wast +1 +0 +0 +1 /m);
        expect(all.stdout).toMatch(/^ {2}malformed as text: has no binary: right\.wast \(\d+\)$/m);
        expect(all.stdout).toContain("\n3 modules: 2 pass raw, 2 of them metered\n");
        expect(all.stdout).toContain("\nmodules refused by proposal: 1 multi-memory\n");
        expect(all.stdout).toMatch(/\nno difference\n$/);
        const figures: FileReport[] = JSON.parse(readFileSync(json, "utf8"));
        expect(figures.map((f) => [f.file, f.assertions.metered])).toEqual([
          ["denied.wast", 0],
          ["right.wast", 18],
        ]);
        const one = runProgram(folder, ["--only", "right"]);
        expect(one.stdout).toContain("\n1 scripts\n");
        expect(runProgram(folder, ["--only", "none"]).stderr).toContain("no script none");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
