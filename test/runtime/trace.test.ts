import { describe, expect, it } from "vitest";
import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";

describe("trace", () => {
  /** Traces a text of so many units at 20, `n` times. */
  const tracing = (units: number, n = 1): Uint8Array =>
    wasm(`(module (import "env" "trace" (func $t (param i32 i32 f64 f64 f64 f64 f64))) (memory 4)
      (data (i32.const 12) "\\02\\00\\00\\00") (func (export "run") (local i32)
      (i32.store (i32.const 16) (i32.const ${units * 2}))
      (memory.fill (i32.const 20) (i32.const 65) (i32.const ${units * 2}))
      (loop (call $t (i32.const 20) (i32.const 0) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const ${n}))))))`);

  async function fuelOf(units: number, n: number, said?: string[]): Promise<number> {
    const script = await new ScriptRuntime({
      linker: new Linker(),
      ...(said && { onTrace: (_script, text) => said.push(text) }),
    }).load(tracing(units, n), { name: "x" });
    const result = script.call("run");
    return result.ok ? result.fuelUsed : Number.NaN;
  }

  it("takes 500 units of a text, and costs by what it takes", async () => {
    const said: string[] = [];
    expect((await fuelOf(3, 1, said)) - (await fuelOf(0, 1))).toBeLessThan(20);
    const [short, long] = [await fuelOf(400, 1, said), await fuelOf(400, 2, said)];
    expect(long - short).toBeGreaterThan(100 + 800);
    await fuelOf(50_000, 1, said);
    expect(said[0]).toBe("\u4141".repeat(3));
    expect(said.map((text) => text.length)).toEqual([3, 400, 400, 400, 500]);
  });

  it("costs the same whether anybody listens or not", async () => {
    expect(await fuelOf(400, 3)).toBe(await fuelOf(400, 3, []));
    expect(await fuelOf(50_000, 3)).toBe(await fuelOf(50_000, 3, []));
  });

  it("stops a call whose fuel doesn't pay for it", async () => {
    const script = await new ScriptRuntime({
      linker: new Linker(),
      limits: { fuelPerCall: 100_000 },
    }).load(tracing(100_000, 1_000), { name: "x" });
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
    expect(script.hostCalls).toBeLessThan(100);
  });
});
