import { describe, expect, it } from "vitest";
import { AdmissionError, LinkError, Linker } from "../../scripting/index.ts";
import { load } from "../metering/harness.ts";

const linker = (): Linker =>
  new Linker()
    .func("env", "blit", { params: ["i32", "i32"], results: [], fuel: 50 }, () => {})
    .func("time", "delta", { params: [], results: ["f32"], fuel: 5 }, () => 0.5)
    .memory("env", "memory");

describe("the linker", () => {
  it("lists every import that it can't resolve, with what was wanted and what is near", async () => {
    const text = `(module
      (import "env" "blitt" (func (param i32 i32)))
      (import "time" "delta" (func (result f64)))
      (import "tim" "delta" (func (result f32)))
      (import "env" "__proto__" (func))
      (import "constructor" "prototype" (func)))`;
    const error = await load(text, {}, linker()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LinkError);
    const { problems } = error as LinkError;
    expect(problems.map((p) => p.name)).toEqual([
      "blitt",
      "delta",
      "delta",
      "__proto__",
      "prototype",
    ]);
    expect(problems[0]).toMatchObject({ suggestion: "blit", wanted: "func (i32, i32) -> ()" });
    expect(problems[1]).toMatchObject({ wanted: "func () -> f64", found: "func () -> f32" });
    expect(problems[2]).toMatchObject({ suggestion: "time" });
  });

  it.each([0, 3, 4, 5, 6, 7, 8, 9, 12])(
    "gives a host function with %d parameters just those",
    async (count) => {
      const seen: number[][] = [];
      const params = new Array<"i32">(count).fill("i32");
      const own = new Linker().func("m", "f", { params, results: [], fuel: 1 }, (_ctx, ...args) => {
        seen.push(args);
      });
      const constants = params.map((_, n) => `(i32.const ${n})`).join(" ");
      const script = await load(
        `(module (import "m" "f" (func $f (param ${params.join(" ")})))
        (func (export "run") (call $f ${constants})))`,
        {},
        own,
      );
      expect(script.call("run").ok).toBe(true);
      expect(seen).toEqual([params.map((_, n) => n)]);
    },
  );

  it("calls host functions with their arguments and gives their result back", async () => {
    const calls: number[][] = [];
    const own = new Linker().func(
      "h",
      "f",
      { params: ["i32", "f64", "i32", "f32"], results: ["f64"], fuel: 1 },
      (_ctx, ...args) => {
        calls.push(args);
        return 2.5;
      },
    );
    const text = `(module (import "h" "f" (func $f (param i32 f64 i32 f32) (result f64)))
      (func (export "run") (result f64) (call $f (i32.const -1) (f64.const 1.5) (i32.const 3) (f32.const 0.25))))`;
    expect((await load(text, {}, own)).call("run")).toMatchObject({ value: 2.5 });
    expect(calls).toEqual([[-1, 1.5, 3, 0.25]]);
  });

  it("gives every instance a memory of its own, capped", async () => {
    const text = `(module (import "env" "memory" (memory 1))
      (func (export "grow") (result i32) (memory.grow (i32.const 3)))
      (func (export "set") (param i32) (i32.store (i32.const 0) (local.get 0)))
      (func (export "get") (result i32) (i32.load (i32.const 0))))`;
    const limits = { memoryBytes: 3 * 65_536 };
    const [a, b] = [await load(text, limits, linker()), await load(text, limits, linker())];
    a.call("set", 5);
    expect(b.call("get")).toMatchObject({ value: 0 });
    expect(a.call("grow")).toMatchObject({ value: -1 });
    expect(a.memory.length).toBe(65_536);
  });

  it("refuses a name twice, and bad signatures, prices and quotas", () => {
    expect(() =>
      linker().func("env", "blit", { params: [], results: [], fuel: 1 }, () => {}),
    ).toThrow(/already defined/);
    expect(() => linker().memory("env", "abort")).toThrow(/already defined/);
    expect(() =>
      new Linker().func("a", "b", { params: ["i16" as "i32"], results: [], fuel: 1 }, () => {}),
    ).toThrow(/"i16" is no type/);
    expect(() =>
      new Linker().func("a", "b", { params: [], results: [], fuel: -1 }, () => {}),
    ).toThrow(/fuel/);
    expect(() =>
      new Linker().func(
        "a",
        "b",
        { params: [], results: [], fuel: 1, perCall: Number.NaN },
        () => {},
      ),
    ).toThrow(/perCall/);
  });

  it("prices a host function that the guest reaches through a table, too", async () => {
    const text = `(module (import "env" "blit" (func $blit (param i32 i32)))
      (table funcref (elem $blit))
      (func (export "run") (call_indirect (param i32 i32) (i32.const 1) (i32.const 2) (i32.const 0))))`;
    expect((await load(text, {}, linker())).call("run")).toMatchObject({
      ok: true,
      fuelUsed: 4 + 50,
    });
  });
});

describe("admission", () => {
  const refusals: [feature: string, text: string, code: string][] = [
    [
      "reserved import module",
      `(module (import "fusewire:meter" "refill" (func (param i32) (result i32))))`,
      "reserved-name",
    ],
    ["reserved export", `(module (func (export "fusewire:start")))`, "reserved-name"],
    ["more memory than allowed", `(module (memory 100))`, "too-large"],
    ["a larger table than allowed", `(module (table 100000 funcref))`, "too-large"],
  ];
  it.each(refusals)("refuses a %s", async (_what, text, code) => {
    const error = await load(text, { memoryBytes: 10 * 65_536 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AdmissionError);
    expect(error).toMatchObject({ code });
  });
});
