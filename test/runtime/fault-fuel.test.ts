import { describe, expect, it } from "vitest";
import { type Fault, Linker, type Script, StartError } from "../../scripting/index.ts";
import { load } from "../metering/harness.ts";
import { Position, rig } from "../system/harness.ts";

/** 7,000 fuel: a thousand turns of seven. */
const loop = `(local.set 0 (i32.const 0)) (loop (br_if 0 (i32.lt_u
  (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))`;

const linker = new Linker()
  .func("h", "bad", { params: [], results: [], fuel: 5 }, () => {
    throw new Error("no such enemy");
  })
  .func("h", "fine", { params: [], results: [], fuel: 5 }, () => {});

const text = `(module (import "h" "bad" (func $bad)) (import "h" "fine" (func $fine))
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (func (export "long") (local i32) ${loop})
  (func (export "bad") (call $bad))
  (func (export "longBad") (local i32) ${loop} (call $bad))
  (func (export "longFine") (local i32) ${loop} (call $fine))
  (func (export "abort") (local i32) ${loop}
    (call $abort (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func (export "fineTrap") (local i32) ${loop} (call $fine) unreachable)
  (func (export "trap") unreachable)
  (func (export "spinTrap") (param i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
    ) unreachable))`;

function faultOf(script: Script, name: string): Fault {
  const result = script.call(name);
  if (result.ok) throw new Error("it finished");
  return result.fault;
}

describe("a fault's fuel", () => {
  it("is that of its own call, and of nothing before", async () => {
    const script = await load(text, {}, linker);
    expect(faultOf(script, "bad").fuelUsed).toBe(1 + 5);
    expect(script.call("long")).toMatchObject({ ok: true, fuelUsed: 7_002 });
    expect(faultOf(script, "bad").fuelUsed).toBe(1 + 5);
    script.call("long");
    expect(faultOf(script, "trap").fuelUsed).toBeLessThan(10);
  });

  it("has all that ran before a host function refused", async () => {
    const script = await load(text, {}, linker);
    expect(faultOf(script, "longBad")).toMatchObject({ kind: "host-error", fuelUsed: 7_008 });
  });

  it("has all that ran before an abort, or a host call too many", async () => {
    const script = await load(text, {}, linker);
    expect(faultOf(script, "abort").fuelUsed).toBeGreaterThan(7_000);
    const limited = await load(text, { hostCallsPerCall: 0 }, linker);
    const fault = faultOf(limited, "longFine");
    expect([fault.kind, fault.fuelUsed]).toEqual(["host-call-limit", 7_008]);
  });

  it("of a trap is what ran up to the last host function at least, and never more than what ran", async () => {
    const script = await load(text, { fuelPerCall: 10_000_000 }, linker);
    const exact = 7_008;
    const { fuelUsed } = faultOf(script, "fineTrap");
    expect(fuelUsed).toBeGreaterThanOrEqual(exact);
    expect(fuelUsed).toBeLessThanOrEqual(exact + 2);
    // The first slice is of 50,000.
    for (const turns of [11_000, 20_000, 100_000]) {
      const result = script.call("spinTrap", turns);
      const spun = result.ok ? Number.NaN : result.fault.fuelUsed;
      expect(spun).toBeGreaterThanOrEqual(50_000);
      expect(spun).toBeLessThanOrEqual(5 * turns + 10);
    }
  });

  it("is what a prepared call says that it has used, too", async () => {
    const script = await load(text, {}, linker);
    const [long, bad, longBad] = [
      script.entry("long"),
      script.entry("bad"),
      script.entry("longBad"),
    ];
    long?.run();
    expect(bad?.run()?.fuelUsed).toBe(6);
    expect(bad?.fuelUsed).toBe(6);
    expect(longBad?.run()?.fuelUsed).toBe(7_008);
    expect(longBad?.fuelUsed).toBe(7_008);
  });

  it("is in a frame's report and a script's figures", async () => {
    const r = rig();
    await r.load(
      "a",
      `export function onUpdate(self: Entity): void {
        for (let i = 0; i < 500; i++) Position.x[self] += 1;
        assert(false);
      }`,
    );
    r.scripts.attach(r.world.spawn(undefined, Position), "a");
    r.frames();
    const [fault] = r.of("fault");
    expect(fault?.fault.fuelUsed).toBeGreaterThan(1_000);
    expect(r.scripts.lastFrame.fuel).toBe(fault?.fault.fuelUsed);
  });

  it("is none for an instance that couldn't be made; nor is its time", async () => {
    const loading = load(`(module (memory 1) (data (i32.const 70000) "x"))`);
    const error = await loading.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).fault).toMatchObject({ fuelUsed: 0, elapsedMs: 0 });
  });
});

describe("a call from inside of a call", () => {
  it("says what the outer one has used by then", async () => {
    let inner: unknown;
    const own = new Linker().func("h", "again", { params: [], results: [], fuel: 1 }, (ctx) => {
      inner = ctx.script.call("leaf");
    });
    const script = await load(
      `(module (import "h" "again" (func $again)) (func (export "leaf") (result i32) (i32.const 1))
        (func (export "run") (local i32) ${loop} (call $again)))`,
      {},
      own,
    );
    expect(script.call("run")).toMatchObject({ ok: true, fuelUsed: 7_002 + 2 + 1 });
    expect(inner).toMatchObject({ ok: true, value: 1, fuelUsed: 7_002 + 2 + 1 });
  });
});
