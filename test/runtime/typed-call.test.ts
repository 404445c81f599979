import { describe, expect, it } from "vitest";
import { Linker, type ResourceLimits, type Script, ScriptRuntime } from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";
import { load } from "../metering/harness.ts";

const source = `
export const Float32Array_ID = idof<Float32Array>();
export const Uint8Array_ID = idof<Uint8Array>();
export const Int16Array_ID: i32 = 99999;
export function greet(name: string, times: i32): string { return ("Hi " + name + "! ").repeat(times); }
export function scale(values: Float32Array, by: f32): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] * by;
  return out;
}
export function sum(a: Uint8Array, b: Uint8Array): i32 {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
export function large(bytes: i32): Uint8Array { return new Uint8Array(bytes); }
export function longText(units: i32): string { return "x".repeat(units); }
export function doubles(): Float64Array { const d = new Float64Array(2); d[0] = 1.5; d[1] = -2; return d; }
export function forged(pointer: i32): i32 { return pointer; }
export function wide(values: Int16Array): i32 { return values.length; }
export function ints(values: Int32Array): i32 { return values.length; }
export function noText(n: i64): void {}
export function trips(name: string): string { unreachable(); return name; }
export function proto(text: string): string { return text; }
export function cut(text: string): string { return text.substr(0, 4); }
export function churn(name: string): i32 { for (let i = 0; i < 2000; i++) { name = name + "a".repeat(i % 50); if (name.length > 500) name = name.substr(0, 10); } return name.length; }
`;

const module = compiled("typed.ts", source, { exportRuntime: true });

async function script(limits: Partial<ResourceLimits> = {}): Promise<Script> {
  return new ScriptRuntime({ linker: new Linker(), limits }).load(await module, {
    name: "typed",
  });
}

/** The value, or the fault's kind and message. */
function say(outcome: ReturnType<Script["callTyped"]>): unknown {
  return outcome.ok ? outcome.value : `${outcome.fault.kind}: ${outcome.fault.message}`;
}

describe("a typed call", () => {
  it("takes and returns strings, numbers and typed arrays, as copies", async () => {
    const s = await script();
    expect(say(s.callTyped("greet", "string", "Ann", 2))).toBe("Hi Ann! Hi Ann! ");
    expect(say(s.callTyped("greet", "string", "\ud800 ünï", 1))).toBe("Hi \ud800 ünï! ");
    const values = new Float32Array([1, 2.5, -3]);
    const scaled = s.callTyped("scale", "Float32Array", values, 2);
    expect(say(scaled)).toEqual(new Float32Array([2, 5, -6]));
    expect(values).toEqual(new Float32Array([1, 2.5, -3]));
    const bytes = new Uint8Array([1, 2, 3]);
    expect(say(s.callTyped("sum", "number", bytes, bytes))).toBe(14);
    expect(say(s.callTyped("doubles", "Float64Array"))).toEqual(new Float64Array([1.5, -2]));
    // What was returned is no view: the guest may do what it likes with its own.
    s.callTyped("scale", "Float32Array", new Float32Array(64), 0);
    expect(say(scaled)).toEqual(new Float32Array([2, 5, -6]));
  });

  it("sees the memory as it is when a call has made it grow", async () => {
    const s = await script({ memoryBytes: 4 << 20, payloadBytes: 1 << 20, fuelPerCall: 1e9 });
    const before = s.memory.length;
    const big = say(s.callTyped("large", "Uint8Array", 300_000)) as Uint8Array;
    expect([big.length, big.every((b) => b === 0)]).toEqual([300_000, true]);
    expect(s.memory.length).toBeGreaterThan(before);
    expect(say(s.callTyped("sum", "number", new Uint8Array([7]), new Uint8Array([6])))).toBe(42);
  });

  it("keeps its arguments from the guest's garbage collector, for as long as it runs", async () => {
    const s = await script({ fuelPerCall: Infinity });
    for (let n = 0; n < 50; n++)
      expect(s.callTyped("churn", "number", "n".repeat(100)).ok).toBe(true);
    expect(s.memory.length).toBeLessThanOrEqual(2 << 20);
  });

  it("costs the guest what its allocator and its code cost", async () => {
    const s = await script();
    const outcome = s.callTyped("greet", "string", "Ann", 1);
    expect(outcome.ok && outcome.fuelUsed).toBeGreaterThan(100);
    const poor = await script();
    poor.setLimits({ fuelPerCall: 50 });
    expect(say(poor.callTyped("greet", "string", "Ann", 1))).toContain("out-of-fuel");
  });

  it("is bounded by payloadBytes in both directions", async () => {
    const s = await script({ payloadBytes: 16 });
    expect(say(s.callTyped("greet", "string", "123456789", 1))).toBe(
      "host-error: was refused by a host function: greet: a string of 18 bytes, payloadBytes allows 16",
    );
    expect(say(s.callTyped("longText", "string", 9))).toContain("a string of 18 bytes");
    expect(say(s.callTyped("large", "Uint8Array", 17))).toContain("a Uint8Array of 17 bytes");
    expect(say(s.callTyped("scale", "Float32Array", new Float32Array(5), 1))).toContain(
      "a Float32Array of 20 bytes",
    );
    expect(say(s.callTyped("longText", "string", 8))).toBe("xxxxxxxx");
  });

  it("believes no pointer that the guest returns", async () => {
    const s = await script();
    const far = s.memory.length;
    for (const pointer of [0, 1, 4, 12, -4, far - 4, far, far + 4, 0x7fffffff, -1]) {
      expect(say(s.callTyped("forged", "string", pointer))).toContain("host-error");
    }
    for (const pointer of [1, 2, -4, far - 8, far - 4, far, far + 4, 0x7ffffffc, -1]) {
      expect(say(s.callTyped("forged", "Float32Array", pointer))).toContain("host-error");
    }
    expect(say(s.callTyped("greet", "string", "still", 1))).toBe("Hi still! ");
  });

  it("says what is missing where the guest can't be given an array", async () => {
    const s = await script();
    expect(say(s.callTyped("ints", "number", new Int32Array(1)))).toContain(
      "export const Int32Array_ID = idof<Int32Array>()",
    );
    expect(say(s.callTyped("wide", "number", new Int16Array(1)))).toContain(
      "the guest can't hold a Int16Array",
    );
    const bare = await load(
      `(module (memory 1) (func (export "f") (param i32) (result i32) local.get 0))`,
    );
    expect(say(bare.callTyped("f", "number", "text"))).toContain("exportRuntime");
  });

  it("is stopped like any other when the guest fails, and its instance replaced", async () => {
    const s = await script();
    expect(say(s.callTyped("trips", "string", "a"))).toContain("trap");
    expect(say(s.callTyped("greet", "string", "b", 1))).toBe("Hi b! ");
  });

  it("throws for what no such export takes or returns", async () => {
    const s = await script();
    expect(() => s.callTyped("nobody", "string")).toThrow(/exports no function "nobody"/);
    expect(() => s.callTyped("greet", "string", "a")).toThrow(/takes 2 arguments, not 1/);
    expect(() => s.callTyped("greet", "string", "a", 1n)).toThrow(/must be a number, not bigint/);
    expect(() => s.callTyped("noText", "number", "a")).toThrow(/argument 1 is no string or array/);
    expect(() => s.callTyped("noText", "string", 1n)).toThrow(/returns no string/);
    const wrong = "Map" as "string";
    expect(() => s.callTyped("greet", wrong, "a", 1)).toThrow(/"Map" is nothing that a typed call/);
    const list = new DataView(new ArrayBuffer(4)) as unknown as string;
    expect(() => s.callTyped("greet", "string", list, 1)).toThrow(/must be a number, not object/);
  });
});

describe("JSON from a guest", () => {
  it("sets no prototype, and is not repeated when it is none", async () => {
    const s = await script();
    const json = (text: string): unknown => {
      const outcome = s.callJson("proto", text);
      return outcome.ok ? outcome.value : outcome.fault.message;
    };
    expect(json("plain")).toBe("plain");
    // The guest gets the text as JSON, and gives it back as it is.
    const nested = s.callJson("proto", { a: [{ ["__proto__"]: { admin: true } }] });
    expect(nested.ok ? nested.value : nested.fault.message).toContain("key named __proto__");
    expect(json("secret\u2028")).toBe("secret\u2028");
    const cut = s.callJson("cut", "secret");
    expect(cut.ok ? cut.value : cut.fault.message).toBe(
      "was refused by a host function: cut: returned 4 characters that are no JSON",
    );
  });
});
