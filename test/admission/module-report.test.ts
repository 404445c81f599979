import { describe, expect, it } from "vitest";
import { admit, describeModule, limitProfiles, type ModuleReport } from "../../scripting/index.ts";
import { load, wasm } from "../metering/harness.ts";

function report(text: string): ModuleReport {
  return describeModule(admit(wasm(text), { limits: limitProfiles.unlimited }));
}

function fuelAtMost(text: string, name = "run"): number | undefined {
  return report(text).exports.find((e) => e.name === name)?.fuelAtMost;
}

describe("what a module wants", () => {
  it("is listed: imports, exports, memory, sizes", () => {
    const found = report(`(module
      (import "env" "blit" (func $blit (param i32 f32) (result i64)))
      (import "env" "memory" (memory 2 16))
      (import "env" "table" (table 3 funcref))
      (import "env" "speed" (global f64))
      (global $g (mut i32) (i32.const 1))
      (func $start) (start $start)
      (func (export "run") (param i32) (loop (br_if 0 (local.get 0))))
      (export "g" (global $g)) (export "m" (memory 0)) (export "t" (table 0))
      (data (i32.const 0) "12345"))`);
    expect(found.imports).toEqual([
      { module: "env", name: "blit", kind: "func", type: "(i32, f32) -> i64" },
      { module: "env", name: "memory", kind: "memory", type: "2 to 16 pages" },
      { module: "env", name: "table", kind: "table", type: "funcref, 3 or more" },
      { module: "env", name: "speed", kind: "global", type: "f64" },
    ]);
    expect(found.exports).toEqual([
      { name: "run", kind: "func", type: "(i32) -> ()", fuelAtMost: Infinity },
      { name: "g", kind: "global", type: "mut i32", fuelAtMost: undefined },
      { name: "m", kind: "memory", type: "2 to 16 pages", fuelAtMost: undefined },
      { name: "t", kind: "table", type: "funcref, 3 or more", fuelAtMost: undefined },
    ]);
    expect(found).toMatchObject({
      memory: { initialBytes: 131_072, maximumBytes: 1_048_576 },
      hasStart: true,
      functions: 2,
      loops: 1,
      globals: 2,
      tableElements: 3,
      features: ["mutable-globals"],
    });
    expect(found.dataBytes).toBeGreaterThanOrEqual(5);
    expect(found.instructions).toBe(6);
  });

  it("may be nothing at all", () => {
    expect(report("(module)")).toMatchObject({
      imports: [],
      exports: [],
      memory: undefined,
      hasStart: false,
      features: [],
      functions: 0,
      instructions: 0,
      largestFunctionBytes: 0,
    });
  });
});

describe("what a module uses", () => {
  const features: [feature: string, text: string][] = [
    ["bulk-memory", "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))"],
    ["multi-value", "(func (result i32 i32) (i32.const 1) (i32.const 2))"],
    ["multi-value", "(func (i32.const 1) (block (param i32) (drop)))"],
    ["mutable-globals", `(global (export "g") (mut i32) (i32.const 0))`],
    ["nontrapping-float-to-int", "(func (drop (i32.trunc_sat_f32_s (f32.const 1))))"],
    ["reference-types", "(func (param externref))"],
    ["reference-types", "(table 1 funcref) (table 1 funcref)"],
    ["reference-types", "(table 1 funcref) (func (drop (table.get 0 (i32.const 0))))"],
    ["reference-types", "(func (local funcref))"],
    ["sign-extension", "(func (drop (i32.extend8_s (i32.const 1))))"],
    ["simd", "(func (drop (i8x16.splat (i32.const 1))))"],
    ["simd", "(global v128 (v128.const i64x2 0 0))"],
    ["simd", "(func (local v128))"],
    ["tail-call", "(func $f (return_call $f))"],
  ];
  it.each(features)("is named: %s", (feature, text) => {
    expect(report(`(module ${text})`).features).toEqual([feature]);
  });

  it("is nothing for a module of WebAssembly 1.0", () => {
    const text = `(module (memory 1) (table 1 funcref) (type $t (func (result i32)))
      (func (export "run") (result i32) (local i32 i64 f32 f64) (call_indirect (type $t) (i32.const 0))))`;
    expect(report(text).features).toEqual([]);
  });
});

describe("fuel that a call costs at most", () => {
  const straight = `(module
    (func $leaf (param i32) (result i32) (local i64 i64 i64 i64 i64 i64 i64 i64 i64)
      (i32.mul (local.get 0) (i32.const 3)))
    (func (export "run") (result i32)
      (nop) (drop (call $leaf (i32.const 1))) (call $leaf (call $leaf (i32.const 2))))
    (func (export "branch") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (call $leaf (i32.const 1))) (else (i32.const 5)))))`;

  it("is exact where there is one way, and no less than any of several ways", async () => {
    const script = await load(straight);
    const run = script.call("run");
    expect(run.ok && run.fuelUsed).toBe(fuelAtMost(straight));
    for (const way of [0, 1]) {
      const branch = script.call("branch", way);
      expect(branch.ok && branch.fuelUsed).toBeLessThan(fuelAtMost(straight, "branch") as number);
    }
  });

  it("adds up over call trees, however many calls they make", () => {
    const depth = 40;
    const functions = Array.from(
      { length: depth },
      (_, i) => `(func $f${i + 1} (call $f${i}) (call $f${i}))`,
    );
    const text = `(module (func $f0 (i32.const 1) (drop)) ${functions.join(" ")} (export "run" (func $f${depth})))`;
    // f(n) = 2 + 2 f(n - 1), f(0) = 1.
    expect(fuelAtMost(text)).toBe(3 * 2 ** depth - 2);
  });

  const unbounded: [what: string, text: string][] = [
    ["loops", `(func (export "run") (loop (br 0)))`],
    ["calls itself", `(func $f (export "run") (call $f))`],
    [
      "calls what calls it",
      `(func $f (export "run") (call $g)) (func $g (call $h)) (func $h (call $f))`,
    ],
    ["calls what loops", `(func (export "run") (call $g)) (func $g (loop (br 0)))`],
    [
      "calls into a cycle",
      `(func (export "run") (call $g)) (func $g (call $h)) (func $h (call $g))`,
    ],
    [
      "calls through a table",
      `(table 1 funcref) (func (export "run") (call_indirect (i32.const 0)))`,
    ],
    ["grows memory", `(memory 1) (func (export "run") (drop (memory.grow (i32.const 1))))`],
    ["ends in itself", `(func $f (export "run") (return_call $f))`],
  ];
  it.each(unbounded)("is unbounded for what %s", (_what, text) => {
    expect(fuelAtMost(`(module ${text})`)).toBe(Infinity);
  });

  it("is nothing for an import that is passed on, whose price the host sets", () => {
    expect(fuelAtMost(`(module (import "h" "f" (func $f)) (export "run" (func $f)))`)).toBe(0);
  });

  it("doesn't go as deep as a module's calls do", () => {
    const count = 20_000;
    const functions = Array.from({ length: count }, (_, i) => `(func $f${i + 1} (call $f${i}))`);
    const text = `(module (func $f0) ${functions.join(" ")} (export "run" (func $f${count})))`;
    expect(fuelAtMost(text)).toBe(count);
  });
});
