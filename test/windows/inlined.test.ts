import { describe, expect, it } from "vitest";
import { admit, type FaultEvent, meter, verify } from "../../scripting/index.ts";
import type { DriverPlan } from "../../scripting/metering/driver.ts";
import { driveExport, stateExport } from "../../scripting/metering/protocol.ts";
import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import type { Body } from "../../scripting/wasm/module.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { wasm } from "../metering/harness.ts";
import { Position, rig, Trace } from "../system/harness.ts";

function plan(takesSelf: boolean, index = 0): DriverPlan {
  const functions = [{ index, takesSelf, pointers: [] }];
  return { functions, globals: undefined, indexMask: undefined };
}

/** Drives a function of no parameters; what it does is in its globals. */
async function drive(
  source: string,
  rows: number,
): Promise<{ state: unknown[]; bytes: Uint8Array }> {
  const { bytes, stateGlobals } = meter(admit(wasm(source)), {
    driver: plan(false),
    exportState: true,
  });
  verify(bytes);
  const { instance } = await WebAssembly.instantiate(bytes as BufferSource, {
    "fusewire:meter": { refill: () => 10_000 },
  });
  const run = instance.exports[driveExport(0)] as (...args: number[]) => number;
  expect(run(0, 0, rows, 10_000, 10, 1_000_000)).toBe(rows);
  const state = stateGlobals.map(
    (global) => (instance.exports[stateExport(global)] as WebAssembly.Global).value as unknown,
  );
  return { state, bytes };
}

/** Calls in a module's first driver. */
function callsByDriver(bytes: Uint8Array): number {
  const { codeStart, end } = driverOf(bytes);
  const cursor = new InstructionCursor(bytes, codeStart, end);
  let calls = 0;
  while (!cursor.done) {
    cursor.next();
    if (cursor.op === Op.call) calls++;
  }
  return calls;
}

function driverOf(bytes: Uint8Array): Body {
  const module = parseModule(bytes);
  const index = module.exports.find((e) => e.name === driveExport(0))?.index ?? 0;
  return module.bodies[index - module.importedFunctionCount] as Body;
}

describe("a function that stands in its driver", () => {
  it("begins each row with its locals at 0, of whatever type", async () => {
    const source = `(module (memory 1)
      (global $i (mut i32) (i32.const 0)) (global $l (mut i64) (i64.const 0))
      (global $f (mut f32) (f32.const 0)) (global $d (mut f64) (f64.const 0))
      (func (local i32 i64 f32 f64)
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (local.set 1 (i64.add (local.get 1) (i64.const 2)))
        (local.set 2 (f32.add (local.get 2) (f32.const 3)))
        (local.set 3 (f64.add (local.get 3) (f64.const 4)))
        (global.set $i (i32.add (global.get $i) (local.get 0)))
        (global.set $l (i64.add (global.get $l) (local.get 1)))
        (global.set $f (f32.add (global.get $f) (local.get 2)))
        (global.set $d (f64.add (global.get $d) (local.get 3)))))`;
    const { state, bytes } = await drive(source, 5);
    expect(state).toEqual([5, 10n, 15, 20]);
    expect(callsByDriver(bytes)).toBe(0);
  });

  it("returns to its driver from wherever it returns", async () => {
    const source = `(module (memory 1) (global $n (mut i32) (i32.const 0)) (global $ends (mut i32) (i32.const 0))
      (func
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (block (loop (if (i32.and (global.get $n) (i32.const 1)) (then return))
          (br_table 0 1 2 (i32.sub (global.get $n) (i32.const 1)))))
        (global.set $ends (i32.add (global.get $ends) (i32.const 1)))))`;
    const { state } = await drive(source, 6);
    // Odd rows return; 2 leaves the block; 4 and 6 leave the function.
    expect(state).toEqual([6, 1]);
  });

  it("is called where it is long, ends in a tail call, or has locals of other types", async () => {
    const long = Array.from({ length: 800 }, () => "(global.set 0 (i32.const 123456))").join("\n");
    const sources = [
      `(module (memory 1) (global (mut i32) (i32.const 0)) (func ${long}))`,
      `(module (memory 1) (func (return_call 1)) (func))`,
      `(module (memory 1) (func (local funcref)))`,
      `(module (memory 1) (func (local ${Array.from({ length: 70 }, () => "i32").join(" ")})))`,
    ];
    for (const source of sources) expect(callsByDriver((await drive(source, 3)).bytes)).toBe(1);
  });

  it("names its own place in a fault, and those of whom it calls", async () => {
    const source = `
// @ts-ignore: decorator
@noInline function fail(x: f32): void { if (x > 2)
    unreachable(); }
export function onUpdate(self: Entity): void {
  Trace.updates[self]++;
  if (Position.x[self] == 1)
    unreachable();
  fail(Position.x[self]);
}`;
    const faultsOf = async (windows: boolean): Promise<unknown[]> => {
      const game = rig({ windows });
      await game.load("failing", source);
      for (const x of [0, 1, 2, 3]) {
        const entity = game.world.spawn(undefined, Position, Trace);
        game.world.columns(Position).x[game.world.indexOf(entity)] = x;
        game.scripts.attach(entity, "failing");
      }
      game.frames();
      return game.of("fault").map(({ fault }: FaultEvent) => ({
        kind: fault.kind,
        line: fault.location?.line,
        stack: fault.stack?.map((frame) => [frame.functionName, frame.location?.line]),
      }));
    };
    const faults = await faultsOf(true);
    expect(faults).toHaveLength(2);
    expect(faults).toEqual(await faultsOf(false));
  });

  it.each([
    ["divides by zero", "Trace.updates[self] += 7 / (Trace.updates[self] - 3);"],
    ["has a remainder of nothing", "Trace.updates[self] += 7 % (Trace.updates[self] - 3);"],
    [
      "reads behind memory",
      "if (Position.x[self] == 3) Trace.updates[self] = load<i32>(0x7fff0000);",
    ],
    [
      "reads by its handle",
      "if (Position.x[self] == 3) Trace.updates[self] = load<i32>(self << 10);",
    ],
    ["is refused a number", "Position.x[self] = Position.x[self] == 3 ? f32.NaN : 1;"],
    ["asks the host too much", "if (Position.x[self] == 3) Position.x[0] = 1;"],
    ["overflows the stack", "Trace.updates[self] = deep(Position.x[self] == 3 ? 1 : 0);"],
    ["runs out of fuel", "let n = 0; while (Position.x[self] == 3) n++; Trace.updates[self] = n;"],
  ])("tells which row it is that %s", async (_name, body) => {
    const source = `
function deep(n: i32): i32 { return n == 0 ? 0 : deep(n + 1) + 1; }
export function onUpdate(self: Entity): void { ${body} }`;
    const run = async (windows: boolean | "rows"): Promise<unknown> => {
      const game = rig({ windows });
      await game.load("failing", source);
      const entities = [0, 1, 2, 3, 4].map((x) => {
        const entity = game.world.spawn(undefined, Position, Trace);
        game.world.columns(Position).x[game.world.indexOf(entity)] = x;
        game.world.columns(Trace).updates[game.world.indexOf(entity)] = x;
        game.scripts.attach(entity, "failing");
        return entity;
      });
      game.frames();
      const faults = game.of("fault").map(({ entity, fault }) => [entity, fault.kind]);
      expect(faults).toEqual([[entities[3], expect.any(String)]]);
      return { faults, hash: game.world.hash() };
    };
    const byCall = await run(false);
    expect(await run(true)).toEqual(byCall);
    expect(await run("rows")).toEqual(byCall);
  });

  it("is known by its index", () => {
    const source = `(module (memory 1) (global (mut i32) (i32.const 0))
      (func (global.set 0 (i32.const 1))) (func (global.set 0 (i32.const 2))))`;
    const { bytes } = meter(admit(wasm(source)), { driver: plan(false, 1) });
    verify(bytes);
    const { codeStart, end } = driverOf(bytes);
    const marker = bytes.findIndex(
      (byte, at) => at > codeStart && at < end && byte === 0x41 && bytes[at + 2] === 0x1a,
    );
    const other = bytes.slice();
    other[marker + 1] = (other[marker + 1] as number) - 1;
    expect(() => verify(other)).toThrow(/the driver does something else/);
  });
});
