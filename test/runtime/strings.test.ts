import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { Linker, type ResourceLimits, ScriptRuntime } from "../../scripting/index.ts";
import { load } from "../metering/harness.ts";

const source = `
@external("h", "say") declare function say(text: string): void;
@external("h", "name") declare function name(): string;
@external("h", "sayAt") declare function sayAt(pointer: usize): void;

export function greet(): void { say("hello, " + name() + " \u{1F525}"); }
export function forge(pointer: i32): void { sayAt(pointer); }
export function shout(json: string): string { return json.toUpperCase(); }
export function broken(json: string): string { return "{" + json; }
export function endless(json: string): string { while (true) json += json; return json; }
`;

let bytes: Uint8Array;
beforeAll(async () => {
  const entry = "scripts/strings.ts";
  const { sdk } = diskSources(".");
  const readFile = (path: string): string | null => (path === entry ? source : null);
  const result = await compile({ entry, readFile, sdk, exportRuntime: true });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  bytes = result.binary.bytes;
});

async function script(limits: Partial<ResourceLimits> = {}) {
  const said: string[] = [];
  const linker = new Linker()
    .func("h", "say", { params: ["i32"], results: [], fuel: 10 }, (ctx, text) => {
      said.push(ctx.readString(text));
    })
    .func("h", "sayAt", { params: ["i32"], results: [], fuel: 10 }, (ctx, text) => {
      said.push(ctx.readString(text));
    })
    .func("h", "name", { params: [], results: ["i32"], fuel: 10 }, (ctx) => ctx.newString("wörld"));
  const runtime = new ScriptRuntime({ linker, limits });
  return { said, script: await runtime.load(bytes, { name: "strings" }) };
}

describe("strings between guest and host", () => {
  it("cross in both directions, whatever their characters", async () => {
    const { script: s, said } = await script();
    expect(s.call("greet").ok).toBe(true);
    expect(said).toEqual(["hello, wörld 🔥"]);
  });

  it.each([0, 1, 2, 3, 65_535, 65_536, 1 << 20, -4, -2, 0x7fffffff, -0x80000000])(
    "at a forged pointer %i are a host-error, or some string inside of the memory",
    async (pointer) => {
      const { script: s, said } = await script();
      const result = s.call("forge", pointer);
      if (result.ok) expect(said[0]?.length).toBeLessThanOrEqual(s.memory.length / 2);
      else expect(result.fault.kind).toBe("host-error");
    },
  );

  it("longer than payloadBytes are refused", async () => {
    const { script: s } = await script({ payloadBytes: 8 });
    const result = s.call("greet");
    expect(result).toMatchObject({ ok: false, fault: { kind: "host-error" } });
    expect(result.ok ? "" : result.fault.message).toMatch(/payloadBytes allows 8/);
  });

  it("need the runtime's allocator: a module without it says so", async () => {
    const linker = new Linker().func(
      "h",
      "name",
      { params: [], results: ["i32"], fuel: 1 },
      (ctx) => ctx.newString("x"),
    );
    const plain = await load(
      `(module (import "h" "name" (func $n (result i32))) (memory 1)
        (func (export "run") (drop (call $n))))`,
      {},
      linker,
    );
    const result = plain.call("run");
    expect(result.ok ? "" : result.fault.message).toMatch(/exportRuntime/);
  });
});

describe("callJson", () => {
  it("takes and returns values", async () => {
    const { script: s } = await script();
    const result = s.callJson("shout", { hp: 3, name: "orc" });
    expect(result).toMatchObject({ ok: true, value: { HP: 3, NAME: "ORC" } });
    expect(result.ok && result.fuelUsed).toBeGreaterThan(0);
  });

  it("ends in a fault when the guest returns no JSON, or never returns", async () => {
    const { script: s } = await script();
    expect(s.callJson("broken", 1)).toMatchObject({ ok: false, fault: { kind: "host-error" } });
    expect(s.callJson("endless", "a").ok).toBe(false);
    expect(s.callJson("shout", "ok")).toMatchObject({ ok: true, value: "OK" });
  });

  it("throws for exports of another signature and values that JSON can't hold", async () => {
    const { script: s } = await script();
    expect(() => s.callJson("greet", 1)).toThrow(/takes 0 arguments, not 1/);
    expect(() => s.callJson("shout", undefined)).toThrow(/JSON can't hold/);
  });
});

describe("names of exports", () => {
  it("never reach an object's prototype", async () => {
    const linker = new Linker().func(
      "h",
      "f",
      { params: ["i32"], results: [], fuel: 1 },
      (ctx, p) => {
        ctx.readString(p);
      },
    );
    const hostile = await load(
      `(module (import "h" "f" (func $f (param i32))) (memory 1)
        (data (i32.const 12) "\\02\\00\\00\\00\\02\\00\\00\\00a\\00")
        (func (export "constructor#polluted") (nop))
        (func (export "__proto__") (nop))
        (func (export "run") (call $f (i32.const 20))))`,
      {},
      linker,
    );
    const ran = hostile.call("run");
    expect(ran.ok ? "" : ran.fault.message).toBe("");
    expect("polluted" in {}).toBe(false);
    expect(hostile.call("__proto__").ok).toBe(true);
    expect(hostile.has("toString")).toBe(false);
  });
});
