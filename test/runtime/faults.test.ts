import { describe, expect, it } from "vitest";
import { Linker, type ResourceLimits, ScriptRuntime, StartError } from "../../scripting/index.ts";
import { load, wasm } from "../metering/harness.ts";

const body = (code: string): string =>
  `(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 1))
    (func (export "poke") (i32.store (i32.const 8) (i32.const 77)) (global.set $g (i32.const 2)))
    (func (export "peek") (result i32) (i32.add (i32.load (i32.const 8)) (global.get $g)))
    (func (export "run") ${code}))`;

const small: Partial<ResourceLimits> = { fuelPerCall: 100_000, memoryBytes: 256 * 1024 };

describe("a fault", () => {
  const kinds: [kind: string, module: string, limits: Partial<ResourceLimits>][] = [
    ["out-of-fuel", body("(loop (br 0))"), small],
    ["out-of-fuel", body("(loop (block (br 1)))"), small],
    ["deadline", body("(loop (br 0))"), { fuelPerCall: Infinity, callTimeMs: 2 }],
    [
      "memory-limit",
      body(
        "(loop (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br 0))",
      ),
      { memoryBytes: 256 * 1024 },
    ],
    ["stack-overflow", `(module (func $f (export "run") (call $f)))`, { fuelPerCall: Infinity }],
    [
      "stack-overflow",
      `(module (func $f (export "run") (call $g)) (func $g (call $f)))`,
      { fuelPerCall: Infinity },
    ],
    [
      "stack-overflow",
      `(module (table funcref (elem $f)) (func $f (export "run") (call_indirect (i32.const 0))))`,
      { fuelPerCall: Infinity },
    ],
    ["trap", body("unreachable"), small],
    ["trap", body("(drop (i32.div_u (i32.const 1) (i32.const 0)))"), small],
    ["trap", body("(drop (i32.load (i32.const -4)))"), small],
    ["out-of-fuel", body("(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))"), small],
  ];
  it.each(kinds)("is %s: %s", async (kind, text, limits) => {
    const script = await load(text, limits);
    const result = script.call("run");
    expect(result).toMatchObject({ ok: false, fault: { kind, script: "test", entry: "run" } });
    // And again: the script isn't worn out by it.
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind } });
  });

  it("is a call on a fresh instance afterwards", async () => {
    const script = await load(body("(call 0) (loop (br 0))"), small);
    script.call("poke");
    expect(script.call("peek")).toMatchObject({ value: 79 });
    expect(script.call("run").ok).toBe(false);
    expect(script.call("peek")).toMatchObject({ value: 1 });
  });

  it("stops a bulk operation that the deadline can't hold before it starts", async () => {
    const fill = body(
      "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 4000000)) (br 0))",
    );
    const text = fill.replace('(memory (export "memory") 1)', '(memory (export "memory") 64)');
    const script = await load(text, {
      fuelPerCall: Infinity,
      callTimeMs: 0.5,
      memoryBytes: 2 ** 23,
    });
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "deadline" } });
  });

  it("of a host function is host-error, and never reaches the game", async () => {
    const linker = new Linker().func("h", "bad", { params: [], results: [], fuel: 1 }, () => {
      throw new Error("no such enemy");
    });
    const script = await load(
      `(module (import "h" "bad" (func $b)) (func (export "run") (call $b)))`,
      {},
      linker,
    );
    const result = script.call("run");
    expect(result).toMatchObject({ ok: false, fault: { kind: "host-error" } });
    expect(result.ok ? "" : result.fault.message).toContain("h.bad: no such enemy");
  });

  it("of a host function's result is host-error too", async () => {
    const linker = new Linker().func(
      "h",
      "bad",
      { params: [], results: ["i32"], fuel: 1 },
      () => undefined as never,
    );
    const script = await load(
      `(module (import "h" "bad" (func $b (result i32))) (func (export "run") (drop (call $b))))`,
      {},
      linker,
    );
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "host-error" } });
  });

  it("is host-call-limit past the calls of a call, and past a function's own quota", async () => {
    const linker = new Linker()
      .func("h", "f", { params: [], results: [], fuel: 1 }, () => {})
      .func("h", "rare", { params: [], results: [], fuel: 1, perCall: 3 }, () => {});
    const text = (name: string): string =>
      `(module (import "h" "${name}" (func $f)) (func (export "run") (loop (call $f) (br 0))))`;
    expect((await load(text("f"), { hostCallsPerCall: 10 }, linker)).call("run")).toMatchObject({
      fault: { kind: "host-call-limit" },
    });
    const rare = await load(text("rare"), {}, linker);
    const result = rare.call("run");
    expect(result).toMatchObject({ fault: { kind: "host-call-limit" } });
    expect(result.ok ? "" : result.fault.message).toContain("h.rare was called more than 3 times");
  });

  it("of the module's start is a StartError with the fault", async () => {
    const loading = load(`(module (func $s (loop (br 0))) (start $s))`, small);
    await expect(loading).rejects.toBeInstanceOf(StartError);
    await expect(loading).rejects.toMatchObject({ fault: { kind: "out-of-fuel", entry: "start" } });
  });

  it("of a data segment outside of memory is a StartError", async () => {
    await expect(load(`(module (memory 1) (data (i32.const 70000) "x"))`)).rejects.toBeInstanceOf(
      StartError,
    );
  });

  it("can't be swallowed by a host function between two guest calls", async () => {
    let script: Awaited<ReturnType<typeof load>>;
    const swallowed: unknown[] = [];
    const linker = new Linker().func("h", "again", { params: [], results: [], fuel: 1 }, () => {
      swallowed.push(script.call("spin"));
    });
    script = await load(
      `(module (import "h" "again" (func $again))
        (func (export "spin") (loop (br 0)))
        (func (export "run") (result i32) (call $again) (i32.const 5)))`,
      small,
      linker,
    );
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
    expect(swallowed).toMatchObject([{ ok: false, fault: { kind: "out-of-fuel" } }]);
  });

  it("ends host and guest calling each other, on one budget", async () => {
    let script: Awaited<ReturnType<typeof load>>;
    let depth = 0;
    const linker = new Linker().func("h", "again", { params: [], results: [], fuel: 1 }, () => {
      depth++;
      script.call("run");
    });
    script = await load(
      `(module (import "h" "again" (func $again)) (func (export "run") (call $again)))`,
      small,
      linker,
    );
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "stack-overflow" } });
    expect(depth).toBe(4);
  });

  it("leaves other scripts of the runtime alone", async () => {
    const runtime = new ScriptRuntime({ linker: new Linker(), limits: small });
    const counter = `(module (global $n (mut i32) (i32.const 0))
      (func (export "run") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`;
    const good = await runtime.load(wasm(counter), { name: "good" });
    const bad = await runtime.load(wasm(`(module (func (export "run") (loop (br 0))))`), {
      name: "bad",
    });
    for (let i = 1; i <= 5; i++) {
      expect(bad.call("run").ok).toBe(false);
      expect(good.call("run")).toMatchObject({ ok: true, value: i });
    }
  });

  it("rolls the host's transaction back; a finished call commits it", async () => {
    const log: string[] = [];
    const transaction = {
      begin: () => log.push("begin"),
      commit: () => log.push("commit"),
      rollback: () => log.push("rollback"),
    };
    const runtime = new ScriptRuntime({ linker: new Linker(), limits: small, transaction });
    const script = await runtime.load(
      wasm(`(module (func (export "good")) (func (export "bad") unreachable))`),
      { name: "t" },
    );
    script.call("good");
    script.call("bad");
    expect(log).toEqual(["begin", "commit", "begin", "rollback"]);
  });
});

describe("host misuse throws", () => {
  it("for exports that aren't there and arguments that don't fit", async () => {
    const script = await load(`(module (func (export "f") (param i32 i64)))`);
    expect(() => script.call("g")).toThrow(/exports no function "g"; it has: f/);
    expect(() => script.call("f", 1)).toThrow(/takes 2 arguments, not 1/);
    expect(() => script.call("f", 1, 2)).toThrow(/argument 2 must be a bigint, not number/);
    expect(script.call("f", 1, 2n)).toMatchObject({ ok: true });
  });

  it("for limits that make no sense", () => {
    const make = (limits: object): ScriptRuntime =>
      new ScriptRuntime({ linker: new Linker(), limits });
    expect(() => make({ fuelPerCall: -1 })).toThrow(
      /fuelPerCall must be a number of at least 0, not -1/,
    );
    expect(() => make({ callTimeMs: Number.NaN })).toThrow(/callTimeMs/);
    expect(() => make({ fuelPercall: 5 })).toThrow(/unknown limit "fuelPercall"/);
    expect(() => make({ callDepth: Infinity })).toThrow(/callDepth/);
  });

  it("after dispose", async () => {
    const script = await load(`(module (func (export "f")))`);
    script.dispose();
    expect(() => script.call("f")).toThrow(/disposed/);
  });
});
