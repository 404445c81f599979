import { describe, expect, it } from "vitest";
import { type HostContext, Linker, type Script, ScriptRuntime } from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";
import { load } from "../metering/harness.ts";

/** The fault's kind and message. */
function say(outcome: ReturnType<Script["call"]>): string {
  return outcome.ok ? "ok" : `${outcome.fault.kind}: ${outcome.fault.message}`;
}

describe("an export with results that can't cross", () => {
  it("can't be called from the host", async () => {
    const script = await load(`(module (func $f (loop (br 0))) (elem declare func $f)
      (func (export "function") (result funcref) (ref.func $f))
      (func (export "outside") (result externref) (ref.null extern))
      (func (export "vector") (result i32 v128) (i32.const 0) (v128.const i64x2 0 0))
      (func (export "several") (result f64 i64) (f64.const 1) (i64.const 2)))`);
    expect(() => script.call("function")).toThrow(
      new TypeError("test.function() -> funcref can't be called from the host: result 1"),
    );
    expect(() => script.callTyped("function", "number")).toThrow(/result 1/);
    expect(() => script.call("outside")).toThrow(/result 1/);
    expect(() => script.call("vector")).toThrow(/result 2/);
    expect(script.call("several")).toMatchObject({ ok: true, value: [1, 2n] });
    // Nothing of it is kept by a prepared call.
    expect(script.entry("function")?.run()).toBeNull();
  });

  it("is named in a message that doesn't list a thousand others", async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `(export "e${i}" (func $f))`).join("");
    const script = await load(`(module (func $f) ${many})`);
    expect(() => script.call("nobody")).toThrow(
      /exports no function "nobody"; it has: e0, .*, e19, … and 980 more$/,
    );
  });
});

describe("a host function", () => {
  it("that returns a promise is refused by name, and its failure is nobody's", async () => {
    const linker = new Linker()
      .func("h", "later", { params: [], results: [], fuel: 1 }, async () => {
        throw new Error("later");
      })
      .func("h", "number", { params: [], results: ["i32"], fuel: 1 }, (async () => 5) as never);
    const script = await load(
      `(module (import "h" "later" (func $later)) (import "h" "number" (func $number (result i32)))
        (func (export "later") (call $later)) (func (export "number") (drop (call $number))))`,
      {},
      linker,
    );
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", listen);
    try {
      expect(say(script.call("later"))).toMatch(/^host-error: .*h\.later returned a promise/);
      expect(say(script.call("number"))).toMatch(/^host-error: .*h\.number returned a promise/);
      await new Promise((done) => setTimeout(done, 5));
    } finally {
      process.off("unhandledRejection", listen);
    }
    expect(unhandled).toEqual([]);
  });

  it("can't use its context when the call is over", async () => {
    let kept: HostContext | undefined;
    const linker = new Linker().func("h", "keep", { params: [], results: [], fuel: 1 }, (ctx) => {
      kept = ctx;
    });
    const script = await load(
      `(module (import "h" "keep" (func $keep)) (func (export "run") (call $keep)))`,
      {},
      linker,
    );
    expect(script.call("run").ok).toBe(true);
    expect(() => kept?.charge(1e9)).toThrow(
      /^the call is over: a host function's context is of use/,
    );
    expect(() => kept?.newString("x")).toThrow(/^the call is over/);
    expect(script.call("run").ok).toBe(true);
  });

  it("that disposes of its script is told so when it reads on", async () => {
    const linker = new Linker().func("h", "die", { params: [], results: [], fuel: 1 }, (ctx) => {
      ctx.script.dispose();
      ctx.readString(100);
    });
    const script = await load(
      `(module (import "h" "die" (func $die)) (memory 1) (func (export "run") (call $die)))`,
      {},
      linker,
    );
    expect(say(script.call("run"))).toMatch(/^host-error: .*test was disposed/);
  });
});

describe("a guest that only seems to have AssemblyScript's runtime", () => {
  const guest = (extra: string, newType = "(param i32 i32)"): Promise<Script> =>
    load(`(module (memory (export "memory") 1) (data (i32.const 0) "\\ff\\00\\00\\00") ${extra}
      (global (export "__rtti_base") i32 (i32.const 0))
      (func (export "__new") ${newType} (result i32) (i32.const 64))
      (func (export "__pin") (param i32) (result i32) (local.get 0))
      (func (export "__unpin") (param i32)) (func (export "__collect"))
      (func (export "take") (param i32)))`);

  it("has none of its data in a message", async () => {
    const script = await guest(
      `(data (i32.const 44) "HIDE") (global (export "Uint8Array_ID") i32 (i32.const 10))`,
    );
    const said = say(script.callTyped("take", "number", new Uint8Array(3)) as never);
    expect(said).toMatch(/^host-error: .*the guest can't hold a Uint8Array: its Uint8Array_ID/);
    const hidden = new DataView(new TextEncoder().encode("HIDE").buffer).getInt32(0, true);
    expect(said).not.toContain(String(hidden));
  });

  it("is refused when it says the number of an array of bigints", async () => {
    const script = await guest(
      `(data (i32.const 4) "\\01\\02\\00\\00") (global (export "Uint8Array_ID") i32 (i32.const 0))`,
    );
    const said = say(script.callTyped("take", "number", new Uint8Array(3)) as never);
    expect(said).toMatch(/^host-error: .*the guest can't hold a Uint8Array/);
  });

  it("is told which functions have to have which type", async () => {
    const script = await guest("", "(param i32)");
    const said = say(script.callTyped("take", "number", "x") as never);
    expect(said).toMatch(/^host-error: .*named like AssemblyScript's runtime.*__new\(i32, i32\)/);
  });

  it("and JSON that nests too deep is called just that", async () => {
    const bytes = await compiled(
      "a.ts",
      `export function deep(s: string): string { return "[".repeat(60000) + "]".repeat(60000); }`,
      { exportRuntime: true },
    );
    const script = await new ScriptRuntime({
      linker: new Linker(),
      limits: { payloadBytes: 1 << 20, fuelPerCall: 1e8 },
    }).load(bytes, { name: "x" });
    expect(say(script.callJson("deep", 1) as never)).toMatch(/JSON that nests too deep/);
  });
});
