import { describe, expect, it } from "vitest";
import { load, metered, wasm, wat } from "./harness.ts";

/**
 * Recursive functions: text; what stands right in front of the check of fuel and depth, as far as it
 * is another instruction of the original, a declared local at the entry; result and fuel of `run(n)`.
 */
const functions: [
  name: string,
  text: string,
  before: string,
  result: (n: number) => number,
  fuel: (n: number) => number,
][] = [
  [
    "the way out returns",
    `(func $run (export "run") (param $n i32) (result i32)
      (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
      (call $run (i32.sub (local.get $n) (i32.const 1))))`,
    "i32.sub",
    () => 7,
    (n) => n * (3 + 4) + 4,
  ],
  [
    "the calls are in one arm",
    `(func $run (export "run") (param $n i32) (result i32)
      (if (result i32) (local.get $n)
        (then (i32.add (call $run (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
        (else (i32.const 7))))`,
    "i32.sub",
    (n) => n + 7,
    (n) => n * (2 + 6) + 3,
  ],
  [
    "a branch passes the calls by",
    `(func $run (export "run") (param $n i32) (result i32)
      (block $out
        (br_if $out (i32.eqz (local.get $n)))
        (drop (call $run (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $n))`,
    "i32.sub",
    (n) => n,
    (n) => n * (3 + 4 + 1) + 3 + 1,
  ],
  [
    "both arms call",
    `(func $run (export "run") (param $n i32) (result i32)
      (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
      (if (result i32) (i32.and (local.get $n) (i32.const 1))
        (then (call $run (i32.sub (local.get $n) (i32.const 1))))
        (else (call $run (i32.sub (local.get $n) (i32.const 2))))))`,
    "i32.and",
    () => 7,
    (n) => Math.ceil(n / 2) * (3 + 4 + 4) + 4,
  ],
  [
    "much is burnt where the calls are passed by",
    `(func $run (export "run") (param $n i32) (result i32) (local $x i32)
      (if (local.get $n)
        (then (drop (call $run (i32.sub (local.get $n) (i32.const 1))))))
      ${"(local.set $x (i32.add (local.get $x) (i32.const 1)))".repeat(8)}
      (local.get $x))`,
    "local",
    () => 8,
    (n) => n * (2 + 4 + 32 + 1) + 2 + 32 + 1,
  ],
  [
    "much is burnt before",
    `(func $run (export "run") (param $n i32) (result i32) (local $x i32)
      ${"(local.set $x (i32.add (local.get $x) (i32.const 1)))".repeat(8)}
      (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
      (call $run (i32.sub (local.get $n) (i32.const 1))))`,
    "local",
    () => 8,
    (n) => n * (32 + 3 + 4) + 32 + 4,
  ],
];

/** The instruction in front of the first that takes depth, in the text of a metered module. */
function beforeCheck(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const at = lines.findIndex(
    (line, i) =>
      line.startsWith("local.tee") && lines[i - 1] === "i32.sub" && lines[i + 2] === "i32.or",
  );
  return (lines[at - 4] ?? "").replace(/^\(?([\w.]+).*/, "$1");
}

describe("a recursive function checks fuel and depth where", () => {
  it.each(functions)("%s", async (_name, text, before, result, fuel) => {
    const source = `(module ${text})`;
    expect(beforeCheck(wat(metered(wasm(source))))).toBe(before);
    const script = await load(source, { callDepth: 200 });
    for (const n of [0, 1, 2, 9, 40]) {
      expect(script.call("run", n)).toMatchObject({
        ok: true,
        value: result(n),
        fuelUsed: fuel(n),
      });
    }
    for (const n of [1, 40]) {
      const exact = await load(source, { fuelPerCall: fuel(n) });
      expect(exact.call("run", n).ok).toBe(true);
      const short = await load(source, { fuelPerCall: fuel(n) - 1 });
      expect(short.call("run", n)).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
    }
    expect(script.call("run", 100_000)).toMatchObject({
      ok: false,
      fault: { kind: "stack-overflow" },
    });
  });

  it("is stopped by depth and by fuel through a table", async () => {
    const text = `(module
      (table funcref (elem $run))
      (func $run (export "run") (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
        (call_indirect (param i32) (result i32)
          (i32.sub (local.get $n) (i32.const 1)) (i32.const 0))))`;
    const script = await load(text, { callDepth: 100 });
    expect(script.call("run", 20)).toMatchObject({ ok: true, value: 7 });
    expect(script.call("run", 1_000)).toMatchObject({
      ok: false,
      fault: { kind: "stack-overflow" },
    });
    const short = await load(text, { fuelPerCall: 50 });
    expect(short.call("run", 1_000)).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
  });
});
