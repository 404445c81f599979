import { describe, expect, it } from "vitest";
import {
  admit,
  LinkError,
  Linker,
  type LoadOptions,
  type Script,
  ScriptRuntime,
} from "../../scripting/index.ts";
import { load, wasm } from "../metering/harness.ts";

/** Loads a module written as text, with options of its own. */
function loadWith(
  text: string,
  linker: Linker,
  options: Partial<LoadOptions> = {},
): Promise<Script> {
  return new ScriptRuntime({ linker }).load(wasm(text), { name: "test", ...options });
}

function value(script: Script, name: string, ...args: number[]): unknown {
  const result = script.call(name, ...args);
  return result.ok ? result.value : `${result.fault.kind}: ${result.fault.message}`;
}

describe("imported globals", () => {
  const linker = new Linker()
    .global("env", "gravity", { type: "f64" }, 9.5)
    .global("env", "big", { type: "i64" }, 7n)
    .global("env", "counter", { type: "i32", mutable: true }, 5);

  it("have the value they were defined with", async () => {
    const text = `(module (import "env" "gravity" (global $g f64)) (import "env" "big" (global $b i64))
      (func (export "g") (result f64) (global.get $g)) (func (export "b") (result i64) (global.get $b)))`;
    const script = await loadWith(text, linker);
    expect([value(script, "g"), value(script, "b")]).toEqual([9.5, 7n]);
  });

  it("are each instance's own where they can change, imported twice or not", async () => {
    const text = `(module (import "env" "counter" (global $a (mut i32))) (import "env" "counter" (global $b (mut i32)))
      (func (export "next") (result i32)
        (global.set $a (i32.add (global.get $b) (i32.const 1))) (global.get $b))
      (func (export "trap") unreachable))`;
    const [one, two] = [await loadWith(text, linker), await loadWith(text, linker)];
    expect([value(one, "next"), value(one, "next"), value(two, "next")]).toEqual([6, 7, 6]);
    one.call("trap");
    expect(value(one, "next")).toBe(6);
  });

  it("are refused where type or mutability differ, and checked when they are defined", async () => {
    const text = `(module (import "env" "gravity" (global f32)) (import "env" "counter" (global i32)))`;
    const error = await loadWith(text, linker).catch((e: unknown) => e);
    expect((error as LinkError).problems).toEqual([
      { module: "env", name: "gravity", wanted: "global f32", found: "global f64" },
      { module: "env", name: "counter", wanted: "global i32", found: "global mut i32" },
    ]);
    expect(() => new Linker().global("a", "b", { type: "i64" }, 1)).toThrow(/number is no value/);
    expect(() => new Linker().global("a", "b", { type: "v128" as "i32" }, 1)).toThrow(/no type/);
  });
});

describe("imported tables", () => {
  const linker = new Linker().table("env", "table");
  const text = (import_: string) => `(module ${import_}
    (elem (i32.const 0) $seven)
    (func $seven (result i32) (i32.const 7))
    (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0)))
    (func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`;

  it("are each instance's own, capped by its limits", async () => {
    const limits = { tableElements: 8 };
    const script = await load(text(`(import "env" "table" (table 2 funcref))`), limits, linker);
    expect([value(script, "call"), value(script, "grow", 6), value(script, "grow", 1)]).toEqual([
      7, 2, -1,
    ]);
    const other = await load(text(`(import "env" "table" (table 2 funcref))`), limits, linker);
    expect(value(other, "grow", 1)).toBe(2);
  });

  it("imported twice are the same table, as large as both want", async () => {
    const both = `(import "env" "table" (table $a 2 funcref)) (import "env" "table" (table $b 4 6 funcref))
      (func (export "size") (result i32) (table.size $a))
      (func (export "growB") (result i32) (table.grow $b (ref.null func) (i32.const 2)))`;
    const script = await loadWith(text(both), linker);
    expect([value(script, "size"), value(script, "growB"), value(script, "size")]).toEqual([
      4, 4, 6,
    ]);
  });

  it("imported twice as what no table can be are refused", async () => {
    const both = `(import "env" "table" (table 2 funcref)) (import "env" "table" (table 2 externref))`;
    await expect(loadWith(`(module ${both})`, linker)).rejects.toThrow(/another kind of table/);
  });
});

describe("capabilities", () => {
  const spec = { params: [], results: ["i32"], fuel: 1 } as const;
  const linker = new Linker()
    .func("game", "score", { ...spec, capability: "score" }, () => 3)
    .func("game", "save", { ...spec, capability: "storage" }, () => 4)
    .func("game", "frame", spec, () => 5);
  const text = `(module (import "game" "score" (func $score (result i32))) (import "game" "frame" (func (result i32)))
    (func (export "run") (result i32) (call $score)))`;

  it("are refused at load, by name, unless they were granted", async () => {
    const error = await loadWith(text, linker).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).problems).toEqual([
      { module: "game", name: "score", wanted: "func () -> i32", capability: "score" },
    ]);
    expect((error as LinkError).message).toContain(
      `"game" "score" needs the capability "score", which wasn't granted`,
    );
    for (const capabilities of [["storage"], ["constructor"], []]) {
      await expect(loadWith(text, linker, { capabilities })).rejects.toThrow(LinkError);
    }
  });

  it("let a function in once they were", async () => {
    for (const capabilities of [["score"], "all"] as const) {
      expect(value(await loadWith(text, linker, { capabilities }), "run")).toBe(3);
    }
    expect(linker.capabilities).toEqual(["score", "storage"]);
  });
});

describe("a prepared module", () => {
  const text = `(module (memory (export "memory") 1)
    (func (export "bump") (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (i32.load (i32.const 0)))
    (func (export "spin") (loop (br 0))))`;

  it("makes scripts that share nothing, each with its own name and limits", async () => {
    const runtime = new ScriptRuntime({ linker: new Linker() });
    const prepared = await runtime.prepare(wasm(text), { name: "kind" });
    const one = runtime.instantiate(prepared);
    const two = runtime.instantiate(prepared, { name: "two", limits: { fuelPerCall: 2_000 } });
    expect([value(one, "bump"), value(one, "bump"), value(two, "bump")]).toEqual([1, 2, 1]);
    expect([one.name, two.name, two.limits.fuelPerCall]).toEqual(["kind", "two", 2_000]);
    expect(value(two, "spin")).toContain("2,000 fuel are all a call has");
    expect(value(one, "bump")).toBe(3);
  });

  it("can't be given limits that are built into it", async () => {
    const runtime = new ScriptRuntime({ linker: new Linker() });
    const prepared = await runtime.prepare(wasm(text), { name: "kind" });
    const limits = { memoryBytes: 1 << 20 } as object;
    expect(() => runtime.instantiate(prepared, { limits })).toThrow(/memoryBytes is built into/);
    expect(() => runtime.instantiate(prepared, { limits: { callTimeMs: -1 } })).toThrow(RangeError);
  });

  it("was checked against the linker as it was", async () => {
    const linker = new Linker();
    const wants = admit(wasm(`(module (import "h" "f" (func)))`));
    expect(() => linker.prepare(wants, { name: "early" })).toThrow(/early: 1 import/);
    linker.func("h", "f", { params: [], results: [], fuel: 1 }, () => {});
    expect(linker.prepare(wants).functions).toHaveLength(1);
  });
});

describe("limits", () => {
  it("of calls change from the next one on", async () => {
    const spins = `(module (func (export "spin") (loop (br 0))))`;
    const script = await loadWith(spins, new Linker());
    script.setLimits({ fuelPerCall: 500 });
    expect(value(script, "spin")).toContain("500 fuel are all a call has");
    script.setLimits({ fuelPerCall: Infinity, callTimeMs: 1 });
    expect(value(script, "spin")).toContain("1 ms are all a call has");
    expect(() => script.setLimits({ fuelPerCall: Number.NaN })).toThrow(RangeError);
    expect(() => script.setLimits({ moduleBytes: 1 } as object)).toThrow(/built into a module/);
    expect(script.limits).toMatchObject({ fuelPerCall: Infinity, callTimeMs: 1 });
  });
});

describe("arguments of host functions", () => {
  const seen: number[] = [];
  const spec = { params: ["f64", "f32", "i32"], results: [], fuel: 1 } as const;
  const linker = new Linker()
    .func("h", "finite", spec, (_ctx, ...args) => void seen.push(...args))
    .func("h", "any", { ...spec, anyFloat: true }, (_ctx, ...args) => void seen.push(...args))
    .func("h", "four", { ...spec, params: ["i32", "f64", "i64", "f64"] }, () => void seen.push(4));
  const text = `(module
    (import "h" "finite" (func $finite (param f64 f32 i32))) (import "h" "any" (func $any (param f64 f32 i32)))
    (import "h" "four" (func $four (param i32 f64 i64 f64)))
    (func (export "finite") (param f64 f32) (call $finite (local.get 0) (local.get 1) (i32.const 1)))
    (func (export "any") (param f64 f32) (call $any (local.get 0) (local.get 1) (i32.const 2)))
    (func (export "four") (param f64) (call $four (i32.const 1) (f64.const 1) (i64.const -1) (local.get 0))))`;

  it("are finite unless it says that they needn't be", async () => {
    const script = await loadWith(text, linker);
    expect(value(script, "finite", 1, Number.NaN)).toContain(
      "h.finite: argument 2 is NaN, no finite number",
    );
    expect(value(script, "finite", -Infinity, 1)).toContain("argument 1 is -Infinity");
    expect(value(script, "four", Infinity)).toContain("h.four: argument 4 is Infinity");
    expect(seen).toEqual([]);
    script.call("four", 2);
    script.call("finite", 1, 2);
    script.call("any", Number.NaN, Infinity);
    expect(seen).toEqual([4, 1, 2, 1, Number.NaN, Infinity, 2]);
  });
});

describe("the context of a host function", () => {
  const spec = { params: ["i32", "i32"], results: ["i32"], fuel: 10 } as const;
  const linker = new Linker()
    .func("h", "sum", { ...spec, fuelPerByte: 0.5 }, (ctx, at, length) =>
      ctx.bytes(at, length).reduce((a, b) => a + b, 0),
    )
    .func("h", "touch", { params: ["i32"], results: [], fuel: 1 }, (ctx, entity) =>
      ctx.checkEntity("touch", entity),
    )
    .func("h", "secret", { params: [], results: ["i32"], fuel: 1 }, (ctx) =>
      ctx.redacted ? 0 : 42,
    );
  const text = `(module
    (import "h" "sum" (func $sum (param i32 i32) (result i32))) (import "h" "touch" (func $touch (param i32)))
    (import "h" "secret" (func $secret (result i32)))
    (memory (export "memory") 1) (data (i32.const 65532) "\\01\\02\\03\\04")
    (func (export "sum") (param i32 i32) (result i32) (call $sum (local.get 0) (local.get 1)))
    (func (export "touch") (param i32) (call $touch (local.get 0)))
    (func (export "secret") (result i32) (call $secret)))`;

  it("gives bytes of guest memory, at a price, within memory and payload", async () => {
    const script = await loadWith(text, linker, { limits: { payloadBytes: 8 } });
    // Two local.get and a call, its price, and half a fuel for each byte, rounded up.
    expect(script.call("sum", 65_533, 3)).toMatchObject({ value: 9, fuelUsed: 3 + 10 + 2 });
    expect(value(script, "sum", 65_533, 4)).toContain("no 4 bytes at 0xfffd");
    expect(value(script, "sum", -1, 1)).toContain("no 1 bytes at 0xffffffff");
    expect(value(script, "sum", 0, 9)).toContain("a buffer of 9 bytes, payloadBytes allows 8");
    expect(value(script, "sum", 0, -1)).toContain("a buffer of 4294967295 bytes");
  });

  it("refuses entities that aren't the script's own, where it may touch no other", async () => {
    const own = await loadWith(text, linker, { entities: "self" });
    own.entity = 7;
    expect(value(own, "touch", 7)).toBeUndefined();
    expect(value(own, "touch", 8)).toContain("touch: entity 0x00000008 isn't the script's own");
    const any = await loadWith(text, linker);
    expect(value(any, "touch", 8)).toBeUndefined();
    const wrong = loadWith(text, linker, { entities: "others" as "any" });
    await expect(wrong).rejects.toThrow(/"self" or "any"/);
  });

  it("says what is to be hidden from a script", async () => {
    expect(value(await loadWith(text, linker), "secret")).toBe(42);
    const blind = await loadWith(text, linker, { redacted: ["h.secret"] });
    expect(value(blind, "secret")).toBe(0);
    const unknown = loadWith(text, linker, { redacted: ["h.secrets"] });
    await expect(unknown).rejects.toThrow(/no host function "h.secrets"/);
  });
});
