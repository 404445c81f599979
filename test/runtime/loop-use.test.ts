import { describe, expect, it } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { admit, Linker, meter, type Script, ScriptRuntime, verify } from "../../scripting/index.ts";
import { generate } from "../fuzz/generate.ts";
import { assemble } from "../fuzz/program.ts";
import { randomBytes } from "../fuzz/random-modules.ts";
import { wasm } from "../metering/harness.ts";

async function loadCounting(bytes: Uint8Array, fuelPerCall = 10_000_000): Promise<Script> {
  const runtime = new ScriptRuntime({ linker: new Linker(), limits: { fuelPerCall } });
  return runtime.load(bytes, { name: "test", profileLoops: true });
}

/** An outer loop of `n` turns, an inner one of `n` turns in each, and a loop in a function it calls. */
const nested = wasm(`(module
  (func $idle (param $n i32)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $run (export "run") (param $n i32) (local $i i32) (local $j i32)
    (local.set $i (local.get $n))
    (loop $outer
      (local.set $j (local.get $n))
      (loop $inner
        (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
      (call $idle (i32.const 3))
      (br_if $outer (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
  (func (export "nothing")))`);

describe("with profileLoops, a script tells of its loops", () => {
  it("how often each ran and what it burnt, exactly", async () => {
    const script = await loadCounting(nested);
    expect(script.call("run", 10).ok).toBe(true);
    const turn = 5; // local.get, i32.const, i32.sub, local.tee, br_if
    const idle = 1 + 1 + 3 * turn; // i32.const, call, the loop
    const outer = 2 + 10 * turn + idle + turn;
    const uses = script.loops().map(({ turns, fuel, functionName }) => [functionName, turns, fuel]);
    // Fuel counts from header to header, so a loop's last turn isn't in it.
    expect(uses).toEqual([
      ["run", 10, 9 * outer],
      ["run", 100, 10 * 9 * turn],
      ["idle", 30, 10 * 2 * turn],
    ]);
  });

  it("of the last call only", async () => {
    const script = await loadCounting(nested);
    script.call("run", 10);
    script.call("nothing");
    expect(script.loops()).toEqual([]);
    script.call("run", 1);
    expect(script.loops().map(({ turns }) => turns)).toEqual([1, 1, 3].sort((a, b) => b - a));
  });

  it("over slices, and with the share of a call that was stopped", async () => {
    const script = await loadCounting(
      wasm(`(module (func $run (export "run") (local $i i32)
        (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))`),
      1_000_000,
    );
    const result = script.call("run");
    if (result.ok) throw new Error("it finished");
    expect(result.fault.message).toMatch(
      /^used up its fuel: 1,000,000 fuel are all a call has; the loop at run ran 200,00\d times, 100 % of the fuel$/,
    );
    const [use] = script.loops();
    expect(use?.turns).toBeGreaterThanOrEqual(200_000);
    expect(use?.fuel).toBe(5 * ((use?.turns ?? 0) - 1));
  });

  it("by their lines in the source", async () => {
    const entry = "scripts/patrol.ts";
    const source = `export function run(): i32 {
  let sum = 0;
  for (let i = 0; i < 3; i++) sum += i * i * sum;
  while (sum < 1) {
    for (let k = 0; k < 1_000_000_000; k++) sum ^= k;
  }
  return sum;
}`;
    const { sdk } = diskSources(".");
    const built = await compile({ entry, readFile: (p) => (p === entry ? source : null), sdk });
    if (!built.ok) throw new Error(built.diagnostics[0]?.message);
    const { bytes, sourceMap } = built.binary;
    if (sourceMap === undefined) throw new Error("no source map");
    const runtime = new ScriptRuntime({ linker: new Linker(), limits: { fuelPerCall: 500_000 } });
    const script = await runtime.load(bytes, { name: "patrol", sourceMap, profileLoops: true });
    const result = script.call("run");
    if (result.ok) throw new Error("it finished");
    expect(result.fault.message).toMatch(
      /the loop at scripts\/patrol\.ts:5 ran [\d,]+ times, 100 % of the fuel$/,
    );
  });
});

describe("counting loops", () => {
  it("changes neither results nor fuel", async () => {
    const plain = await new ScriptRuntime({ linker: new Linker() }).load(nested, { name: "test" });
    const counting = await loadCounting(nested);
    for (const n of [1, 2, 7, 40]) {
      const [a, b] = [plain.call("run", n), counting.call("run", n)];
      if (!a.ok || !b.ok) throw new Error("it was stopped");
      expect(b.fuelUsed).toBe(a.fuelUsed);
    }
    expect(plain.loops()).toEqual([]);
  });

  it("is verified like any other metering, and valid", () => {
    for (let seed = 0; seed < 60; seed++) {
      const raw = assemble(generate(randomBytes(seed, 50 + (seed % 20) * 60)));
      const { bytes } = meter(admit(raw), { profileLoops: true });
      verify(bytes);
      expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    }
  });
});
