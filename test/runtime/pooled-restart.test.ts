import { describe, expect, it } from "vitest";
import { Linker, type Script, ScriptRuntime } from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";

/** A script of a pool, and how often its top-level code has run. */
async function pooled(source: string): Promise<{ script: Script; starts: () => number }> {
  let starts = 0;
  const linker = new Linker().func("h", "started", { params: [], results: [], fuel: 1 }, () => {
    starts++;
  });
  const totals = { totalInstances: 1, totalMemoryBytes: 2 ** 24 };
  const runtime = new ScriptRuntime({ linker, allocation: { strategy: "pooling", ...totals } });
  const script = await runtime.load(wasm(source), { name: "pooled" });
  return { script, starts: () => starts };
}

const numbers = (script: Script, name: string): unknown => {
  const result = script.call(name);
  return result.ok ? result.value : result.fault.kind;
};

const tables = `(module (import "h" "started" (func $started)) (memory 1 8)
  (type $number (func (result i32)))
  (table $a 4 8 funcref) (table $b (export "other") 2 2 funcref)
  (global $state (mut i32) (i32.const 0))
  (elem (table $a) (i32.const 0) func $one $two $counted)
  (elem declare func $three)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $three (result i32) (i32.const 3))
  (func $counted (result i32) (global.set $state (i32.add (global.get $state) (i32.const 1))) (global.get $state))
  (func $start (call $started) (table.set $a (i32.const 3) (ref.func $three)) (table.copy $b $a (i32.const 0) (i32.const 0) (i32.const 1)))
  (start $start)
  (func (export "all") (result i32 i32 i32 i32 i32 i32)
    (call_indirect $a (type $number) (i32.const 0)) (call_indirect $a (type $number) (i32.const 1))
    (call_indirect $a (type $number) (i32.const 2)) (call_indirect $a (type $number) (i32.const 3))
    (call_indirect $b (type $number) (i32.const 0)) (table.size $a))
  (func $mix (table.set $a (i32.const 0) (ref.func $three)) (table.set $a (i32.const 2) (ref.null func))
    (table.fill $b (i32.const 0) (ref.func $two) (i32.const 2)))
  (func (export "spoil") (call $mix) unreachable)
  (func (export "grow") (drop (table.grow $a (ref.func $one) (i32.const 2))) (call $mix) unreachable))`;

describe("a restart from a pool", () => {
  it("sets tables to what they were behind the top-level code, in the same instance", async () => {
    const { script, starts } = await pooled(tables);
    expect(numbers(script, "all")).toEqual([1, 2, 1, 3, 1, 4]);
    expect(numbers(script, "spoil")).toBe("trap");
    // The counting function counts from the beginning: it is the one of this instance.
    expect(numbers(script, "all")).toEqual([1, 2, 1, 3, 1, 4]);
    expect(starts()).toBe(1);
  });

  it("is a fresh instance where a table has grown, and from that one's state from then on", async () => {
    const { script, starts } = await pooled(tables);
    expect(numbers(script, "grow")).toBe("trap");
    expect(numbers(script, "all")).toEqual([1, 2, 1, 3, 1, 4]);
    expect(starts()).toBe(2);
    expect(numbers(script, "spoil")).toBe("trap");
    expect(numbers(script, "all")).toEqual([1, 2, 1, 3, 1, 4]);
    expect(starts()).toBe(2);
  });

  it("sets references in globals, which are of the instance that it is in", async () => {
    const { script, starts } =
      await pooled(`(module (import "h" "started" (func $started)) (memory 1 8)
      (type $number (func (result i32))) (table 1 funcref) (global $state (mut i32) (i32.const 0))
      (global $f (mut funcref) (ref.null func)) (elem declare func $count $nine)
      (func $count (result i32) (global.set $state (i32.add (global.get $state) (i32.const 1))) (global.get $state))
      (func $nine (result i32) (i32.const 9))
      (func $start (call $started) (global.set $f (ref.func $count))) (start $start)
      (func (export "run") (result i32) (table.set 0 (i32.const 0) (global.get $f)) (call_indirect (type $number) (i32.const 0)))
      (func (export "spoil") (global.set $f (ref.func $nine)) unreachable)
      (func (export "grow") (global.set $f (ref.func $nine)) (drop (memory.grow (i32.const 1))) unreachable))`);
    expect([numbers(script, "run"), numbers(script, "run")]).toEqual([1, 2]);
    for (const [spoil, count] of [
      ["spoil", 1],
      ["grow", 2],
      ["spoil", 2],
    ] as const) {
      expect(numbers(script, spoil)).toBe("trap");
      expect([numbers(script, "run"), numbers(script, "run")], spoil).toEqual([1, 2]);
      expect(starts()).toBe(count);
    }
  });

  it("is a fresh instance for a module that drops segments", async () => {
    const { script, starts } = await pooled(`(module (import "h" "started" (func $started))
      (memory 1 1) (data $d "\\07") (func $start (call $started)) (start $start)
      (func (export "run") (result i32) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
        (i32.load8_u (i32.const 0))))`);
    expect(numbers(script, "run")).toBe(7);
    expect(numbers(script, "run")).toBe("trap");
    expect(numbers(script, "run")).toBe(7);
    expect(starts()).toBe(2);
  });
});
