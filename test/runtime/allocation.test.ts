import { describe, expect, it } from "vitest";
import {
  AllocationError,
  type AllocationOptions,
  Linker,
  ScriptRuntime,
  StartError,
} from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";

const page = 65_536;
let starts = 0;
const linker = new Linker().func("h", "started", { params: [], results: [], fuel: 1 }, () => {
  starts++;
});

function runtime(allocation?: AllocationOptions, memoryBytes = 4 * page): ScriptRuntime {
  const options = allocation === undefined ? {} : { allocation };
  return new ScriptRuntime({ linker, limits: { memoryBytes }, ...options });
}

const text = `(module (import "h" "started" (func $started)) (memory (export "memory") 1)
  (global $n (mut i32) (i32.const 0)) (func $start (call $started)) (start $start)
  (func (export "count") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
    (i32.add (i32.mul (global.get $n) (i32.const 100)) (i32.load (i32.const 8))))
  (func (export "trap") unreachable))`;

describe("instances on demand", () => {
  it("are as many as are wanted, and counted", async () => {
    const made = runtime();
    const prepared = await made.prepare(wasm(text), { name: "a" });
    const scripts = Array.from({ length: 5 }, () => made.instantiate(prepared));
    expect(made.allocation).toEqual({
      strategy: "on-demand",
      instances: 5,
      totalInstances: Infinity,
      reservedBytes: 20 * page,
      totalMemoryBytes: Infinity,
      instancesLeft: Infinity,
    });
    for (const script of scripts) script.dispose();
    scripts[0]?.dispose();
    expect(made.allocation).toMatchObject({ instances: 0, reservedBytes: 0 });
  });

  it("run their top-level code after every fault", async () => {
    const made = runtime();
    const script = await made.load(wasm(text), { name: "a" });
    const before = starts;
    script.call("trap");
    expect(script.call("count")).toMatchObject({ value: 101 });
    expect(starts).toBe(before + 1);
    expect(made.allocation.instances).toBe(1);
  });
});

describe("a pool of instances", () => {
  const pool = { strategy: "pooling", totalInstances: 3, totalMemoryBytes: 10 * page } as const;

  it("says how many it has, and for how many there is room", async () => {
    const made = runtime(pool);
    expect(made.allocation).toMatchObject({ instances: 0, reservedBytes: 0, instancesLeft: 2 });
    const prepared = await made.prepare(wasm(text), { name: "a" });
    const first = made.instantiate(prepared);
    expect(made.allocation).toMatchObject({ instances: 1, reservedBytes: 4 * page });
    expect(made.allocation.instancesLeft).toBe(1);
    made.instantiate(prepared);
    expect(() => made.instantiate(prepared, { name: "third" })).toThrow(
      new AllocationError(
        "third: it may grow to 262144 bytes of memory, 131072 are left (totalMemoryBytes)",
      ),
    );
    first.dispose();
    made.instantiate(prepared);
    expect(made.allocation).toMatchObject({ instances: 2, instancesLeft: 0 });
  });

  it("counts a script with the most that it may grow to, and instances without memory, too", async () => {
    const made = runtime(pool);
    const small = await made.prepare(wasm("(module (memory 1 2))"), { name: "small" });
    made.instantiate(small);
    expect(made.allocation.reservedBytes).toBe(2 * page);
    const none = await made.prepare(wasm("(module)"), { name: "none" });
    made.instantiate(none);
    made.instantiate(none);
    expect(() => made.instantiate(none)).toThrow(/all 3 instances are taken/);
    expect(made.allocation.reservedBytes).toBe(2 * page);
  });

  it("resets an instance after a fault: memory and globals as at load, without its top-level code", async () => {
    const script = await runtime(pool).load(wasm(text), { name: "a" });
    const before = starts;
    for (let round = 0; round < 3; round++) {
      expect(script.call("count")).toMatchObject({ value: 101 });
      expect(script.call("count")).toMatchObject({ value: 202 });
      expect(script.call("trap").ok).toBe(false);
    }
    expect(starts).toBe(before);
    expect(script.entry("count")?.run()).toBeNull();
    expect(() => script.snapshot()).toThrow(/wasn't loaded with snapshots/);
  });

  it("makes a new one of a module whose state is more than that", async () => {
    const tables = `(module (table 2 funcref) (elem (i32.const 0) $seven) (func $seven (result i32) (i32.const 7))
      (func (export "clear") (table.set 0 (i32.const 0) (ref.null func)))
      (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0))))`;
    const script = await runtime(pool).load(wasm(tables), { name: "tables" });
    script.call("clear");
    expect(script.call("call").ok).toBe(false);
    expect(script.call("call")).toMatchObject({ value: 7 });
  });

  it("has its room back when a script's top-level code fails", async () => {
    const made = runtime(pool);
    const bad = wasm("(module (memory 1) (func $s unreachable) (start $s))");
    for (let n = 0; n < 5; n++) {
      await expect(made.load(bad, { name: "bad" })).rejects.toThrow(StartError);
    }
    expect(made.allocation).toMatchObject({ instances: 0, reservedBytes: 0 });
  });

  const wrong: [options: object, message: RegExp][] = [
    [{ strategy: "pool" }, /"on-demand" or "pooling", not pool/],
    [{ strategy: "pooling" }, /totalInstances must be a number of at least 1, not undefined/],
    [{ strategy: "pooling", totalInstances: 0, totalMemoryBytes: 1e9 }, /totalInstances/],
    [{ strategy: "pooling", totalInstances: 1 }, /totalMemoryBytes must be/],
    [{ strategy: "on-demand", totalMemoryBytes: Number.NaN }, /totalMemoryBytes/],
    [
      { strategy: "pooling", totalInstances: 9, totalMemoryBytes: page },
      /totalMemoryBytes is 65536, less than the 262144/,
    ],
  ];
  it.each(wrong)("refuses %o", (options, message) => {
    expect(() => runtime(options as AllocationOptions)).toThrow(message);
  });
});
