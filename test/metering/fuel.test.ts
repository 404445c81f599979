import { describe, expect, it } from "vitest";
import { Linker } from "../../scripting/index.ts";
import { load } from "./harness.ts";

/** A module, a call of `run`, and its exact fuel with the sum it is made of. */
const table: [name: string, module: string, args: number[], fuel: number][] = [
  ["nothing", `(func (export "run"))`, [], 0],
  [
    "nop, drop, block and loop are free",
    `(func (export "run") nop (block) (loop) (drop (i32.const 1)))`,
    [],
    1,
  ],
  ["a sum", `(func (export "run") (result i32) (i32.add (i32.const 1) (i32.const 2)))`, [], 3],
  ["return is free", `(func (export "run") (result i32) (return (i32.const 1)))`, [], 1],
  [
    "if, the arm taken only",
    `(func (export "run") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.add (i32.const 1) (i32.const 2)))))`,
    [1],
    1 + 1 + 1, // local.get, if, i32.const
  ],
  [
    "if, the other arm",
    `(func (export "run") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.add (i32.const 1) (i32.const 2)))))`,
    [0],
    1 + 1 + 3,
  ],
  [
    "a branch leaves the rest unpaid",
    `(func (export "run") (param i32)
      (block (br_if 0 (local.get 0)) (drop (i32.const 1)) (drop (i32.const 2))) (drop (i32.const 3)))`,
    [1],
    2 + 1,
  ],
  [
    "locals, with a nop first and ways of a br_table that differ",
    `(func (export "run") (param i32) (result i32) (local ${"i32 ".repeat(16)})
      nop
      (block $a (block $b
        (br_if $a (i32.eqz (local.get 0)))
        (drop (i32.const 1))
        (br_table $a $b (local.get 0))))
      (i32.const 7))`,
    [2],
    2 + 3 + 1 + 2 + 1, // locals, br_if, i32.const, br_table, i32.const
  ],
  [
    "a branch not taken pays for it",
    `(func (export "run") (param i32)
      (block (br_if 0 (local.get 0)) (drop (i32.const 1)) (drop (i32.const 2))) (drop (i32.const 3)))`,
    [0],
    2 + 2 + 1,
  ],
  [
    "a loop, once for each way round",
    `(func (export "run") (param $n i32)
      (loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n))))`,
    [10],
    10 * 6,
  ],
  [
    "nested loops",
    `(func (export "run") (param $n i32) (local $m i32)
      (loop $o
        (local.set $m (i32.const 3))
        (loop $i (local.set $m (i32.sub (local.get $m) (i32.const 1))) (br_if $i (local.get $m)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $o (local.get $n))))`,
    [5],
    5 * (2 + 3 * 6 + 6),
  ],
  [
    "an early exit from a loop",
    `(func (export "run") (param $n i32)
      (block $out (loop $l
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $l))))`,
    [4],
    4 * (3 + 4 + 1) + 3,
  ],
  [
    "a table of branches, back edge among them",
    `(func (export "run") (param $n i32)
      (block $out (loop $l
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_table $out $l (local.get $n)))))`,
    [3],
    3 * (4 + 2) - 6 + 6, // 3 → 2 (default: $l), 2 → 1 ($l), 1 → 0 ($out)
  ],
  [
    "a loop with parameters and results",
    `(func (export "run") (param $n i32) (result i32)
      (i32.const 0)
      (loop $l (param i32) (result i32)
        (local.get $n) (i32.add)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n))))`,
    [4],
    1 + 4 * (2 + 4 + 2),
  ],
  [
    "a call pays for its callee",
    `(func $f (result i32) (i32.add (i32.const 1) (i32.const 2)))
     (func (export "run") (result i32) (i32.add (call $f) (call $f)))`,
    [],
    2 * (1 + 3) + 1,
  ],
  [
    "an indirect call too",
    `(table funcref (elem $f))
     (func $f (result i32) (i32.add (i32.const 1) (i32.const 2)))
     (func (export "run") (result i32) (call_indirect (result i32) (i32.const 0)))`,
    [],
    1 + 1 + 3,
  ],
  [
    "recursion",
    `(func $fib (export "run") (param $n i32) (result i32)
      (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))`,
    [10],
    89 * (4 + 1) + 88 * (4 + 9), // 89 leaves, 88 inner calls
  ],
  [
    "a tail call",
    `(func $f (export "run") (param $n i32) (result i32)
      (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
      (return_call $f (i32.sub (local.get $n) (i32.const 1))))`,
    [5],
    5 * (3 + 4) + 3 + 1,
  ],
  [
    "a tail call of a function that runs straight through",
    `(func $f (result i32) (i32.add (i32.const 1) (i32.const 2)))
     (func (export "run") (result i32) (return_call $f))`,
    [],
    1 + 3,
  ],
  [
    "memory.fill by its length",
    `(memory 1) (func (export "run") (param i32) (memory.fill (i32.const 0) (i32.const 0) (local.get 0)))`,
    [4096],
    4 + 4096 / 8,
  ],
  [
    "memory.copy by its length",
    `(memory 1) (func (export "run") (param i32) (memory.copy (i32.const 0) (i32.const 8) (local.get 0)))`,
    [80],
    4 + 80 / 8,
  ],
  [
    "memory.grow by its pages",
    `(memory 1) (func (export "run") (param i32) (drop (memory.grow (local.get 0))))`,
    [2],
    2 + 2 * 8192,
  ],
  [
    "table.grow by its elements",
    `(table 1 funcref) (func (export "run") (param i32) (drop (table.grow 0 (ref.null func) (local.get 0))))`,
    [5],
    3 + 5 * 8,
  ],
  [
    "many locals are zeroed at a price",
    `(func (export "run") (local ${"i64 ".repeat(800)}))`,
    [],
    800 / 8,
  ],
  [
    "unreachable code is free",
    `(func (export "run") (block (br 0) (drop (i32.const 1)) (loop (br 0))))`,
    [],
    1,
  ],
];

describe("exact fuel", () => {
  it.each(table)("%s", async (_name, text, args, fuel) => {
    const script = await load(`(module ${text})`);
    const result = script.call("run", ...args);
    expect(result).toMatchObject({ ok: true, fuelUsed: fuel });
  });

  it.each(table)(
    "%s: every budget below stops it, none above changes it",
    async (_name, text, args, fuel) => {
      const reference = (await load(`(module ${text})`)).call("run", ...args);
      const budgets =
        fuel < 400
          ? Array.from({ length: fuel + 2 }, (_, i) => i)
          : [0, 1, fuel >> 1, fuel - 1, fuel, fuel + 1];
      for (const budget of budgets) {
        const script = await load(`(module ${text})`, { fuelPerCall: budget });
        const result = script.call("run", ...args);
        if (budget < fuel)
          expect(result).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
        else
          expect(result).toMatchObject({
            ok: true,
            fuelUsed: fuel,
            value: reference.ok ? reference.value : 0,
          });
      }
    },
  );

  it("adds a host function's price and what it charges itself", async () => {
    const linker = new Linker()
      .func("h", "fixed", { params: ["i32"], results: ["i32"], fuel: 50 }, (_ctx, a) => a + 1)
      .func("h", "perItem", { params: ["i32"], results: [], fuel: 10 }, (ctx, n) => ctx.charge(n));
    const text = `(module
      (import "h" "fixed" (func $fixed (param i32) (result i32)))
      (import "h" "perItem" (func $perItem (param i32)))
      (func (export "run") (result i32)
        (call $perItem (i32.const 200)) (call $fixed (i32.const 1))))`;
    const fuel = 2 + 10 + 200 + 2 + 50;
    expect((await load(text, {}, linker)).call("run")).toMatchObject({
      ok: true,
      value: 2,
      fuelUsed: fuel,
    });
    const short = await load(text, { fuelPerCall: fuel - 1 }, linker);
    expect(short.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
  });

  it("is the same however the clock runs", async () => {
    const text = `(module (func (export "run") (param $n i32)
      (loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n)))))`;
    const script = await load(text, { fuelPerCall: 10_000_000, callTimeMs: Infinity });
    const fuels = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const result = script.call("run", 300_000);
      fuels.add(result.ok ? result.fuelUsed : -1);
    }
    expect([...fuels]).toEqual([300_000 * 6]);
  });
});
