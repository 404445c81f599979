import { describe, expect, it } from "vitest";
import { Linker, type ResourceLimits, ScriptRuntime, StartError } from "../../scripting/index.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { type MeteredEnding, MeteredGuest } from "../fuzz/metered-guest.ts";
import { load, metered, wasm } from "./harness.ts";

/** Faults that other meters fell into, a test for each. */

const endless: Partial<ResourceLimits> = { fuelPerCall: Infinity, callTimeMs: 5 };

/** A clock that is a millisecond further at every look, so that deadlines come in any machine. */
function tickingClock(): () => number {
  let now = 0;
  return () => now++;
}

async function faultOf(
  text: string,
  limits: Partial<ResourceLimits>,
  linker = new Linker(),
): Promise<string> {
  const runtime = new ScriptRuntime({ linker, limits, nowMs: tickingClock() });
  const script = await runtime.load(wasm(text), { name: "test" });
  const result = script.call("run");
  return result.ok ? "finished" : result.fault.kind;
}

async function fuelOf(text: string, ...args: number[]): Promise<number> {
  const script = await load(text, { fuelPerCall: Infinity, callTimeMs: Infinity });
  const result = script.call("run", ...args);
  if (!result.ok) throw new Error(result.fault.message);
  return result.fuelUsed;
}

/** Runs `run` by the meter's protocol alone. */
function guestOf(text: string, imports: WebAssembly.Imports = {}): MeteredGuest {
  return new MeteredGuest(new WebAssembly.Module(metered(wasm(text)) as BufferSource), imports);
}

function times(count: number, piece: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => piece(i)).join("\n");
}

describe("a loop that goes round for ever is stopped", () => {
  const one = "(i32.const 1)";
  const loops: [what: string, code: string][] = [
    ["br", "(loop (br 0))"],
    ["br_if", `(loop (br_if 0 ${one}))`],
    ["br_table", "(loop (br_table 0 0 0 (i32.const 7)))"],
    ["a back edge out of a block: no cost of its own", "(loop (block (br 1)))"],
    ["a back edge out of an if", `(loop (if ${one} (then (br 1))))`],
    ["a back edge out of an else", `(loop (if (i32.const 0) (then nop) (else (br 1))))`],
    [
      "back edges on both arms, behind merged blocks",
      `(loop $l (block (block (if ${one} (then (br 1)) (else (br $l))) (br $l)) (br $l)))`,
    ],
    ["the header of a loop around", "(loop $o (loop $i (br $o)))"],
    [
      "the header of a loop around, by a table",
      "(loop $o (loop $i (br_table $i $o (i32.const 1))))",
    ],
    ["both headers in turn", "(loop $o (loop $i (br_if $i (i32.eqz (memory.size))) (br $o)))"],
    ["an empty body", "(loop $l nop nop (block) (block (br $l)))"],
    ["a parameter", `${one} (loop (param i32) (br 0))`],
    ["two parameters", `${one} (i64.const 0) (loop (param i32 i64) (br 0))`],
    ["a value carried back", `${one} (loop (param i32) (result i32) (br_if 0 ${one})) (drop)`],
    ["a fill of nothing", "(loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (br 0))"],
    ["memory that won't grow", "(loop (drop (memory.grow (i32.const 0))) (br 0))"],
    ["a call", "(loop (call $nothing) (br 0))"],
    ["an indirect call", "(loop (call_indirect (i32.const 0)) (br 0))"],
  ];
  it.each(loops)("by %s", async (_what, code) => {
    const text = `(module (memory 1) (table funcref (elem $nothing)) (func $nothing)
      (func (export "run") ${code}))`;
    expect(await faultOf(text, { fuelPerCall: 10_000 })).toBe("out-of-fuel");
    expect(await faultOf(text, endless)).toBe("deadline");
  });
});

describe("what is charged", () => {
  it("is the arm that is taken, and not the other one's", async () => {
    const text = `(module (func (export "run") (param i32)
      (if (local.get 0)
        (then ${times(10, () => "(drop (i32.const 1))")})
        (else ${times(100, () => "(drop (i32.const 1))")}))))`;
    expect(await fuelOf(text, 1)).toBe(2 + 10);
    expect(await fuelOf(text, 0)).toBe(2 + 100);
  });

  it("is the same on every edge out of a loop", async () => {
    const way = (code: string): string => `(module
      (func $f (param i32) (result i32) (loop (br_if 0 (i32.eqz (i32.const 1)))) (local.get 0))
      (func (export "run") (result i32) (local $n i32)
        (block $out (result i32)
          (loop $l
            (local.set $n (i32.add (local.get $n) (call $f (i32.const 1))))
            (br_if $l (i32.lt_u (local.get $n) (i32.const 5))))
          ${code})))`;
    const loop = 5 * (3 + 4 + 2 + 4); // the call, the callee, the sum, the test
    expect(await fuelOf(way("(local.get $n)"))).toBe(loop + 1);
    expect(await fuelOf(way("(return (local.get $n))"))).toBe(loop + 1);
    expect(await fuelOf(way("(br $out (local.get $n))"))).toBe(loop + 2);
    expect(await fuelOf(way("(br 1 (local.get $n))"))).toBe(loop + 2);
    expect(await fuelOf(way("(br_table $out 1 (local.get $n) (i32.const 0))"))).toBe(loop + 3);
    expect(
      await fuelOf(way("(drop (br_if $out (local.get $n) (i32.const 1))) (i32.const 0)")),
    ).toBe(loop + 3);
  });

  it("isn't given back by a table that leads out of an inner loop to an outer one", async () => {
    // What is pending at the inner loop's header is more than at the outer one's.
    const text = `(module (func (export "run") (param $n i32)
      (loop $outer
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (loop $inner
          (block $on (br_table $on $outer (i32.eqz (i32.const 1))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $inner (i32.gt_s (local.get $n) (i32.const 0)))))))`;
    // 4 to begin with; each of 9 ways round: the table's 3, the step's 4, the test's 4.
    expect(await fuelOf(text, 10)).toBe(4 + 9 * (3 + 4 + 4));
  });

  it("is nothing for code that can't be reached", async () => {
    const dead = `(drop (i32.const 1)) (loop (br 0)) (call $run) (memory.fill (i32.const 0) (i32.const 0) (i32.const -1))`;
    for (const end of ["(return)", "(br 0)", "(unreachable)"]) {
      const text = `(module (memory 1) (func $run (export "run") (param i32)
        (if (local.get 0) (then ${end} ${dead}))
        (block (br 0) ${dead}) (return) ${dead}))`;
      expect(await fuelOf(text, 0)).toBe(3);
    }
  });

  it("survives parameters and results of blocks", async () => {
    const text = `(module (func (export "run") (param $n i32) (result i64) (local i64)
      (local.get $n) (i64.const 1)
      (block (param i32 i64) (result i64 i32)
        (loop $l (param i32 i64) (result i64 i32)
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (i64.const 3) (i64.mul)
          (br_if $l (local.get $n))
          (if (param i32 i64) (result i64 i32) (i32.const 1)
            (then (local.set 1) (local.set $n) (local.get 1) (local.get $n))
            (else (unreachable)))))
      (i64.extend_i32_s) (i64.add)))`;
    const script = await load(text);
    // Three times 3, plus what was carried along.
    const each = 4 + 2 + 2;
    expect(script.call("run", 4)).toMatchObject({
      ok: true,
      value: 3n ** 4n + 4n,
      fuelUsed: 2 + 4 * each + 2 + 4 + 2,
    });
  });

  it("is the zeroing of locals, too", async () => {
    const locals = `(local ${times(4_000, () => "i64")})`;
    const text = `(module (func $f ${locals} (loop (br_if 0 (i32.eqz (i32.const 1)))))
      (func (export "run") (param $n i32)
        (loop (call $f) (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;
    expect(await fuelOf(text, 1000)).toBe(1000 * (4_000 / 8 + 3 + 1 + 5));
  });
});

describe("sums of costs", () => {
  it("don't overflow over many growths that fail", async () => {
    const grow = "(drop (memory.grow (i32.const -1)))";
    const text = `(module (memory 1) (func (export "run") ${times(20, () => grow)}))`;
    expect(await fuelOf(text)).toBe(20 * (2 + 2 ** 29));
    expect(await faultOf(text, { fuelPerCall: 1_000_000 })).toBe("out-of-fuel");
  });

  it("don't overflow over tables that won't grow", async () => {
    const grow = "(drop (table.grow 0 (ref.null func) (i32.const -1)))";
    const text = `(module (table 1 funcref) (func (export "run") ${times(20, () => grow)}))`;
    expect(await fuelOf(text)).toBe(20 * (3 + 2 ** 29));
  });

  it("don't overflow over a body of the largest size", async () => {
    // Functions of a fixed cost, called in a straight line: the largest sum without any check.
    const text = `(module
      (func $f ${times(170, () => "(drop (i32.add (i32.const 1) (i32.const 1)))")})
      (func (export "run") ${times(60_000, () => "(call $f)")}))`;
    const fuel = 60_000 * (1 + 170 * 3);
    const script = await load(text, { fuelPerCall: Infinity, callTimeMs: Infinity });
    expect(script.call("run")).toMatchObject({ ok: true, fuelUsed: fuel });
    const poor = await load(text, { fuelPerCall: fuel - 1, callTimeMs: Infinity });
    expect(poor.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
  });

  it.each([
    ["vectors", 600_000, "i8x16.abs", "(v128.const i64x2 0 0)"],
    ["sign extensions", 600_000, "i64.extend32_s", "(i64.const 0)"],
  ])("don't overflow over a long run of nothing but %s", async (_what, count, op, value) => {
    const text = `(module (func (export "run") ${value} ${times(count, () => op)} drop))`;
    const fuel = count + 1;
    const limits = { callTimeMs: Infinity, functionBytes: Infinity };
    const script = await load(text, { ...limits, fuelPerCall: fuel });
    expect(script.call("run")).toMatchObject({ ok: true, fuelUsed: fuel });
    const poor = await load(text, { ...limits, fuelPerCall: fuel - 1 });
    expect(poor.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
  });

  const again = "(call $f (i32.sub (local.get 0) (i32.const 1)))";
  const unwinding: [what: string, more: string, recur: string, dear: string][] = [
    ["directly", "", again, "(call $dear)"],
    ["by a function of the guest's", "(func $on (call $dear))", again, "(call $on)"],
    ["through a table", "(table funcref (elem $dear))", again, "(call_indirect (i32.const 0))"],
    [
      "through a table, by the type that recurs",
      "(table funcref (elem $f $take)) (func $take (param i32) (call $dear))",
      "(call_indirect (param i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))",
      "(call_indirect (param i32) (i32.const 0) (i32.const 1))",
    ],
  ];
  it.each(unwinding)(
    "don't overflow over dear host calls while a recursion unwinds: called %s",
    async (_what, more, recur, dear) => {
      let calls = 0;
      const spec = { params: [], results: [], fuel: 1 << 20 } as const;
      const linker = new Linker().func("h", "dear", spec, () => {
        calls++;
      });
      const text = `(module (import "h" "dear" (func $dear)) ${more}
      (func $f (param i32) (if (local.get 0) (then ${recur} ${times(3, () => dear)})))
      (func (export "run") (param i32) (call $f (local.get 0))))`;
      const limits = { fuelPerCall: 1_000_000, hostCallsPerCall: Infinity };
      for (const depth of [100, 700, 900]) {
        calls = 0;
        const script = await load(text, limits, linker);
        const result = script.call("run", depth);
        expect(result).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
        // One stretch without a check holds a few host calls, whatever the depth.
        expect(calls).toBeLessThan(20);
      }
    },
  );
});

describe("calls that need no loop to run for ever", () => {
  it("an exponential tree of them is stopped", async () => {
    const layer = (i: number): string => `(func $f${i + 1} ${times(4, () => `(call $f${i})`)})`;
    const text = `(module (func $f0) ${times(24, layer)} (func (export "run") (call $f24)))`;
    expect(await faultOf(text, { fuelPerCall: 1_000_000 })).toBe("out-of-fuel");
    expect(await faultOf(text, endless)).toBe("deadline");
  });

  it("an exponential tree of indirect calls is stopped", async () => {
    const type = (i: number): string => `(type $t${i} (func ${times(i, () => "(param i32)")}))`;
    const pass = (i: number): string => times(i, () => "(i32.const 0)");
    const layer = (i: number): string => `(func $f${i + 1} (type $t${i + 1})
      ${times(4, () => `(call_indirect (type $t${i}) ${pass(i)} (i32.const ${i}))`)})`;
    const text = `(module ${times(21, type)} (table funcref (elem ${times(21, (i) => `$f${i}`)}))
      (func $f0) ${times(20, layer)} (func (export "run") (call $f20 ${pass(20)})))`;
    expect(await faultOf(text, { fuelPerCall: 1_000_000 })).toBe("out-of-fuel");
    expect(await faultOf(text, endless)).toBe("deadline");
  });

  it("tail calls, which neither loop nor grow the stack, are stopped", async () => {
    const bodies = [
      `(func $f (export "run") (return_call $f))`,
      `(func $f (export "run") (return_call $g)) (func $g (return_call $f))`,
      `(func $f (export "run") (return_call_indirect (i32.const 0))) (table funcref (elem $f))`,
      `(func $f (export "run") (return_call_indirect (i32.const 0)))
       (func $g (return_call $f)) (table funcref (elem $g))`,
    ];
    for (const body of bodies) {
      expect(await faultOf(`(module ${body})`, { fuelPerCall: 100_000 })).toBe("out-of-fuel");
      expect(await faultOf(`(module ${body})`, endless)).toBe("deadline");
    }
  });

  it("tail calls take no depth", async () => {
    const text = (toOdd: string, toEven: string): string => `(module
      (table funcref (elem $odd $even))
      (func $even (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
        (i32.sub (local.get 0) (i32.const 1)) ${toOdd})
      (func $odd (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (i32.sub (local.get 0) (i32.const 1)) ${toEven})
      (func (export "run") (param i32) (result i32) (call $even (local.get 0))))`;
    const indirect = (i: number): string =>
      `(i32.const ${i}) (return_call_indirect (param i32) (result i32))`;
    const modules = [
      text("(return_call $odd)", "(return_call $even)"),
      text(indirect(0), indirect(1)),
      text(indirect(0), "(return_call $even)"),
    ];
    for (const module of modules) {
      const script = await load(module, { fuelPerCall: Infinity, callDepth: 10 });
      expect(script.call("run", 200_000)).toMatchObject({ ok: true, value: 1 });
    }
  });
});

describe("operations whose time grows with a length", () => {
  const huge = ["-1", "0x80000000", "0x7fffffff", "0xc0000000"];
  const operations: [what: string, code: (length: string) => string][] = [
    ["memory.fill", (n) => `(memory.fill (i32.const 0) (i32.const 0) (i32.const ${n}))`],
    ["memory.copy", (n) => `(memory.copy (i32.const 0) (i32.const 0) (i32.const ${n}))`],
    ["memory.init", (n) => `(memory.init $d (i32.const 0) (i32.const 0) (i32.const ${n}))`],
    ["memory.grow", (n) => `(drop (memory.grow (i32.const ${n})))`],
    ["table.fill", (n) => `(table.fill 0 (i32.const 0) (ref.null func) (i32.const ${n}))`],
    ["table.copy", (n) => `(table.copy (i32.const 0) (i32.const 0) (i32.const ${n}))`],
    ["table.init", (n) => `(table.init $e (i32.const 0) (i32.const 0) (i32.const ${n}))`],
    ["table.grow", (n) => `(drop (table.grow 0 (ref.null func) (i32.const ${n})))`],
  ];
  it.each(operations)(
    "%s: a length is never taken as negative, and pays before it runs",
    async (_what, code) => {
      for (const length of huge) {
        const text = `(module (memory 1) (table 4 funcref) (data $d "abc") (elem $e func $f) (func $f)
        (func (export "run") ${code(length)}))`;
        expect(await faultOf(text, { fuelPerCall: 1_000_000 })).toBe("out-of-fuel");
        // With all the fuel in the world, it fails as it would have without a meter.
        const script = await load(text, { fuelPerCall: Infinity, callTimeMs: Infinity });
        const result = script.call("run");
        if (code("").includes("grow")) expect(result).toMatchObject({ ok: true });
        else expect(result).toMatchObject({ ok: false, fault: { kind: "trap" } });
        const fuel = result.ok ? result.fuelUsed : result.fault.fuelUsed;
        expect(fuel).toBeGreaterThan(2 ** 27);
        expect(fuel).toBeLessThan(2 ** 32);
      }
    },
  );

  it("one that fails pays its length, and no more", async () => {
    const text = `(module (memory 1) (func (export "run") (drop (memory.grow (i32.const 300)))))`;
    expect(await fuelOf(text)).toBe(2 + 300 * 8192);
  });
});

describe("what is there before the first call", () => {
  it("a start function runs under the limits, once they are there", async () => {
    const text = `(module (func $s (loop (br 0))) (start $s))`;
    expect(parseModule(metered(wasm(text))).startFunction).toBeUndefined();
    await expect(load(text)).rejects.toMatchObject({ fault: { kind: "out-of-fuel" } });
    await expect(load(text)).rejects.toBeInstanceOf(StartError);
  });

  it("a start function of the host's is priced like any other", async () => {
    let calls = 0;
    const spec = { params: [], results: [], fuel: 50_000 } as const;
    const linker = new Linker().func("h", "f", spec, () => {
      calls++;
    });
    const text = `(module (import "h" "f" (func $f)) (start $f))`;
    await load(text, { fuelPerCall: 5_000 }, linker);
    expect(calls).toBe(1);
    await expect(load(text, { fuelPerCall: 4_999 }, linker)).rejects.toBeInstanceOf(StartError);
  });

  it("initial pages and tables are held against the limits, and so is their growth", async () => {
    const limits = { memoryBytes: 4 * 65_536, tableElements: 10 };
    await expect(load("(module (memory 5))", limits)).rejects.toMatchObject({ code: "too-large" });
    await expect(load("(module (table 11 funcref))", limits)).rejects.toMatchObject({
      code: "too-large",
    });
    const text = `(module (memory 4) (table 10 funcref) (table 1 externref)
      (func (export "run") (result i32 i32 i32)
        (memory.grow (i32.const 1))
        (table.grow 0 (ref.null func) (i32.const 1))
        (table.grow 1 (ref.null extern) (i32.const 10))))`;
    const script = await load(text, { ...limits, fuelPerCall: Infinity });
    expect(script.call("run")).toMatchObject({ ok: true, value: [-1, -1, -1] });
  });
});

describe("indices and names that move", () => {
  it("of functions that are referred to in code, elements, globals, exports and names", async () => {
    const linker = new Linker()
      .func("h", "one", { params: [], results: ["i32"], fuel: 1 }, () => 1)
      .func("h", "two", { params: [], results: ["i32"], fuel: 1 }, () => 2);
    const text = `(module
      (import "h" "one" (func $one (result i32))) (import "h" "two" (func $two (result i32)))
      (type $t (func (result i32)))
      (table $t 20 funcref)
      (global $g funcref (ref.func $four)) (global $h funcref (ref.func $two))
      (elem (i32.const 0) $one $two $three $four)
      (elem (i32.const 4) funcref (ref.func $four) (ref.null func) (ref.func $one))
      (elem $late func $three $two)
      (func $three (result i32) (i32.const 3))
      (func $four (result i32) (loop (br_if 0 (i32.eqz (i32.const 1)))) (i32.const 4))
      (func $five (export "five") (result i32) (i32.const 5))
      (func $trap (export "trap") (unreachable))
      (func (export "run") (param i32) (result i32)
        (table.set $t (i32.const 7) (global.get $g))
        (table.set $t (i32.const 8) (global.get $h))
        (table.set $t (i32.const 9) (ref.func $five))
        (table.init $t $late (i32.const 10) (i32.const 0) (i32.const 2))
        (call_indirect (type $t) (local.get 0))))`;
    const script = await load(text, {}, linker);
    const found = Array.from({ length: 12 }, (_, i) => {
      const result = script.call("run", i);
      return result.ok ? result.value : result.fault.kind;
    });
    expect(found).toEqual([1, 2, 3, 4, 4, "trap", 1, 4, 2, 5, 3, 2]);
    expect(script.call("five")).toMatchObject({ ok: true, value: 5 });
    expect(script.call("trap")).toMatchObject({ ok: false, fault: { functionName: "trap" } });
  });

  it("of a function that only its export declares", async () => {
    // The export hands out a thunk, and the table wants another.
    const text = `(module (table 1 funcref) (elem declare func $other) (func $other (param i32))
      (func $f (export "f") (result i32) (loop (br_if 0 (i32.eqz (i32.const 1)))) (i32.const 6))
      (func (export "run") (result i32)
        (table.set 0 (i32.const 0) (ref.func $f))
        (call_indirect (result i32) (i32.const 0))))`;
    expect((await load(text)).call("run")).toMatchObject({ ok: true, value: 6 });
  });

  it("of an imported memory with a maximum of its own", async () => {
    const linker = new Linker().memory("env", "memory");
    const text = `(module (import "env" "memory" (memory 1 2))
      (func (export "run") (result i32 i32) (memory.grow (i32.const 1)) (memory.grow (i32.const 1))))`;
    expect((await load(text, {}, linker)).call("run")).toMatchObject({ ok: true, value: [1, -1] });
  });
});

describe("the meter's names", () => {
  it("are refused to a guest, in every place", async () => {
    const modules = [
      `(module (import "fusewire:meter" "refill" (func (param i32) (result i32))))`,
      `(module (import "fusewire:x" "x" (func)))`,
      `(module (import "env" "fusewire:refill" (func)))`,
      `(module (func (export "fusewire:start")))`,
      `(module (global (export "fusewire:fuel") (mut i32) (i32.const 0)))`,
      `(module (memory (export "fusewire:memory") 1))`,
      `(module (table (export "fusewire:") 1 funcref))`,
    ];
    for (const text of modules) {
      await expect(load(text)).rejects.toMatchObject({ code: "reserved-name" });
    }
  });

  it("may be resembled", async () => {
    const text = `(module (func (export "fusewire") (result i32) (i32.const 1))
      (func (export "Fusewire:fuel") (result i32) (i32.const 2))
      (func (export " fusewire:fuel") (result i32) (i32.const 3))
      (func (export "__proto__") (result i32) (i32.const 4))
      (func (export "") (result i32) (i32.const 5)))`;
    const script = await load(text);
    const values = script.exports.map((name) => script.call(name)).map((r) => r.ok && r.value);
    expect(values).toEqual([1, 2, 3, 4, 5]);
  });

  it("in custom sections of the guest's own mean nothing", () => {
    // Claims that every function is the meter's own business.
    const forged = `(module (func (export "run") (loop (br 0))))`;
    const bytes = wasm(forged);
    const section = [0, 17, 15, ...new TextEncoder().encode("fusewire:claims"), 0];
    const guest = new MeteredGuest(
      new WebAssembly.Module(metered(Uint8Array.from([...bytes, ...section])) as BufferSource),
      {},
    );
    expect(guest.call("run", [], 1000).kind).toBe("out-of-fuel");
  });
});

describe("host functions", () => {
  const spec = { params: [], results: [], fuel: 700 } as const;
  const ways: [what: string, more: string, code: string, fuel: number][] = [
    ["called", "", "(call $f)", 1],
    ["tail-called", "", "(return_call $f)", 1],
    ["in a table", "(table funcref (elem $f))", "(call_indirect (i32.const 0))", 2],
    [
      "tail-called in a table",
      "(table funcref (elem $f))",
      "(return_call_indirect (i32.const 0))",
      2,
    ],
    [
      "put into a table",
      "(table 1 funcref) (elem declare func $f)",
      "(table.set 0 (i32.const 0) (ref.func $f)) (call_indirect (i32.const 0))",
      3 + 2,
    ],
  ];
  it.each(ways)("cost their price when %s", async (_what, more, code, fuel) => {
    const linker = new Linker().func("h", "f", spec, () => {});
    const text = `(module (import "h" "f" (func $f)) ${more} (func (export "run") ${code}))`;
    expect((await load(text, {}, linker)).call("run")).toMatchObject({
      ok: true,
      fuelUsed: fuel + 700,
    });
  });

  it("cost their price when the host calls them, exported again", async () => {
    const linker = new Linker().func("h", "f", spec, () => {});
    const script = await load(
      `(module (import "h" "f" (func $f)) (export "run" (func $f)))`,
      {},
      linker,
    );
    expect(script.call("run")).toMatchObject({ ok: true, fuelUsed: 700 });
  });

  it("that call back into the guest do so on its budget", async () => {
    let script: Awaited<ReturnType<typeof load>>;
    const linker = new Linker().func(
      "h",
      "again",
      { params: ["i32"], results: [], fuel: 10 },
      (_ctx, n) => {
        if (n > 0) script.call("inner", n - 1);
      },
    );
    const text = `(module (import "h" "again" (func $again (param i32)))
      (func (export "inner") (param i32) (call $again (local.get 0)))
      (func (export "run") (call $again (i32.const 2)) (drop (i32.const 1))))`;
    script = await load(text, {}, linker);
    expect(script.call("run")).toMatchObject({ ok: true, fuelUsed: 3 * (2 + 10) + 1 });
    const fuel = 3 * (2 + 10) + 1;
    for (let budget = 0; budget < fuel; budget++) {
      script = await load(text, { fuelPerCall: budget }, linker);
      expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
    }
  });

  it("that allocate in the guest can't be used to nest without end", async () => {
    let depth = 0;
    let deepest = 0;
    const linker = new Linker().func("h", "text", { params: [], results: [], fuel: 1 }, (ctx) => {
      deepest = Math.max(deepest, ++depth);
      try {
        ctx.newString("x");
      } finally {
        depth--;
      }
    });
    const text = `(module (import "h" "text" (func $text)) (memory (export "memory") 1)
      (func $down (param i32) (if (local.get 0)
        (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (call $text))))
      (func (export "__new") (param i32 i32) (result i32) (call $down (i32.const 50)) (i32.const 64))
      (func (export "__pin") (param i32) (result i32) (local.get 0))
      (func (export "__unpin") (param i32))
      (func (export "__collect"))
      (func (export "run") (call $down (i32.const 50))))`;
    const limits = { fuelPerCall: Infinity, callTimeMs: Infinity };
    const script = await load(text, limits, linker);
    expect(script.call("run")).toMatchObject({ ok: false, fault: { kind: "stack-overflow" } });
    expect(deepest).toBeLessThanOrEqual(4);
  });

  it("whose allocation traps in the guest report a trap", async () => {
    const linker = new Linker().func("h", "text", { params: [], results: [], fuel: 1 }, (ctx) => {
      ctx.newString("x");
    });
    const text = `(module (import "h" "text" (func $text)) (memory (export "memory") 1)
      (func (export "__new") (param i32 i32) (result i32) (unreachable))
      (func (export "run") (call $text)))`;
    expect((await load(text, {}, linker)).call("run")).toMatchObject({ fault: { kind: "trap" } });
  });
});

/** How deep plain JavaScript can call here. */
function hostDepth(): number {
  let depth = 0;
  const down = (): void => {
    depth++;
    down();
  };
  try {
    down();
  } catch {
    // That is what was asked for.
  }
  return depth;
}

/** Calls on a stack of which a share is in use already. */
function withStackUsed<T>(share: number, run: () => T): T {
  const down = (left: number): T => (left <= 0 ? run() : down(left - 1));
  return down(Math.floor(hostDepth() * share));
}

describe("the engine's own stack is never used up", () => {
  const pass = (n: number, type: string): string =>
    times(n, (i) => `(${type}.const ${type === "v128" ? `i32x4 ${i} 0 0 0` : i})`);
  const keep = (n: number, type: string): string =>
    times(n, (i) => `(${type}.store (i32.const ${i * 16}) (local.get $l${i}))`);
  const set = (n: number, type: string): string =>
    times(n, (i) => `(local.set $l${i} ${pass(1, type).replace(/0/, String(i))})`);
  const locals = (n: number, type: string): string => times(n, (i) => `(local $l${i} ${type})`);
  const params = (n: number, type: string): string => times(n, (i) => `(param $l${i} ${type})`);

  /** A function `$f` that calls itself, with values kept over the call. */
  const frames: [what: string, functions: string][] = [
    ["no values", `(func $f (export "run") (call $f))`],
    ...["i32", "i64", "f64", "v128"].flatMap((type): [string, string][] => [
      ...[3, 14, 40, 200, 900].map((n): [string, string] => [
        `${n} locals of ${type}`,
        `(func $f (export "run") ${locals(n, type)} ${set(n, type)} (call $f) ${keep(n, type)})`,
      ]),
      [
        `operands of ${type}`,
        `(func $f (export "run") ${pass(150, type)} (call $f) ${times(150, () => "drop")})`,
      ],
      [
        `parameters of ${type}`,
        `(func $f ${params(100, type)} (call $f ${pass(100, type)}) ${keep(100, type)})
         (func (export "run") (call $f ${pass(100, type)}))`,
      ],
      [
        `results of ${type}`,
        `(func $f (result ${times(100, () => type)}) (call $f))
         (func (export "run") (call $f) ${times(100, () => "drop")})`,
      ],
    ]),
    [
      "an indirect call",
      `(table funcref (elem $f)) (func $f (export "run") (call_indirect (i32.const 0)))`,
    ],
    [
      "an indirect call with parameters, by a thunk",
      `(table (export "t") funcref (elem $f))
       (func $f ${params(60, "i64")} (call_indirect ${params(60, "i64").replace(/\$l\d+ /g, "")} ${pass(60, "i64")} (i32.const 0)))
       (func (export "run") (call $f ${pass(60, "i64")}))`,
    ],
    [
      "a table that the host sees",
      `(table (export "t") 1 funcref) (elem (i32.const 0) $f) (func $f (export "run") (call_indirect (i32.const 0)))`,
    ],
    [
      "functions in turn",
      `(func $f (export "run") ${locals(30, "i64")} (call $g) ${keep(30, "i64")}) (func $g (call $h)) (func $h (call $f))`,
    ],
    [
      "a chain of large frames in front of a small recursion",
      `(func $f (call $f)) (func $c0 (call $f))
       ${times(3000, (i) => `(func $c${i + 1} ${locals(60, "i64")} (call $c${i}) ${keep(60, "i64")})`)}
       (func (export "run") (call $c3000))`,
    ],
    [
      "a chain of huge frames without any recursion",
      `(func $c0) ${times(300, (i) => `(func $c${i + 1} ${locals(400, "i64")} (call $c${i}) ${keep(400, "i64")})`)}
       (func (export "run") (call $c300))`,
    ],
    [
      "a chain of huge frames, through tables",
      `${times(200, (i) => `(type $t${i} (func (param ${times(i + 1, () => "i32")})))`)}
       (table funcref (elem ${times(200, (i) => `$c${i}`)}))
       (func $c0 (type $t0))
       ${times(
         199,
         (i) => `(func $c${i + 1} (type $t${i + 1}) ${locals(900, "i64")}
         (call_indirect (type $t${i}) ${pass(i + 1, "i32")} (i32.const ${i})) ${keep(900, "i64")})`,
       )}
       (func (export "run") (call $c199 ${pass(200, "i32")}))`,
    ],
  ];
  it.each(frames)("by frames with %s, though the host has used half of it", (_what, functions) => {
    const guest = guestOf(`(module (memory 1) ${functions})`);
    const run = (): MeteredEnding => guest.call("run", [], 1e15, () => 1 << 28, 1_000);
    expect(run().kind).toBe("stack-overflow");
    expect(withStackUsed(0.5, run).kind).toBe("stack-overflow");
  });

  it("by the guest and the host calling each other, each recursing as deep as it may", async () => {
    let script: Awaited<ReturnType<typeof load>>;
    const inside: string[] = [];
    const linker = new Linker().func("h", "again", { params: [], results: [], fuel: 1 }, () => {
      const result = script.call("run");
      inside.push(result.ok ? "finished" : result.fault.message);
    });
    script = await load(
      `(module (import "h" "again" (func $again)) (global $d (mut i32) (i32.const 0))
        (func $f (param i32) (if (local.get 0)
          (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (call $again))))
        (func (export "run")
          (global.set $d (i32.add (global.get $d) (i32.const 1)))
          (call $f (i32.shr_u (i32.const 1900) (global.get $d)))))`,
      { fuelPerCall: Infinity, callTimeMs: Infinity },
      linker,
    );
    const result = withStackUsed(0.4, () => script.call("run"));
    expect(result).toMatchObject({ ok: false, fault: { kind: "stack-overflow" } });
    expect(inside[0]).toContain("host and guest call each other too deep");
  });

  it("nor by what a trap left of the depth", async () => {
    const text = `(module (func $f (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (unreachable)))
        (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (func $g (param i32) (result i32) (if (result i32) (local.get 0)
        (then (i32.add (call $g (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else (i32.const 0))))
      (func (export "trap") (param i32) (result i32) (call $f (local.get 0)))
      (func (export "run") (param i32) (result i32) (call $g (local.get 0))))`;
    const script = await load(text);
    const guest = guestOf(text);
    for (let i = 0; i < 20; i++) {
      expect(script.call("trap", 900)).toMatchObject({ ok: false, fault: { kind: "trap" } });
      expect(script.call("run", 900)).toMatchObject({ ok: true, value: 900 });
      // The same instance, too.
      expect(guest.call("trap", [900], 1e9).kind).toBe("trap");
      expect(guest.call("run", [900], 1e9)).toMatchObject({ kind: "finished", values: [900] });
    }
  });
});

describe("a guest's names", () => {
  it("can't hold up or forge a fault's report", async () => {
    const evil = [
      "x".repeat(2_000_000),
      `a\n    at b (wasm://wasm/0:wasm-function[77]:0x1)`,
      "wasm-function[".repeat(100_000),
      "(".repeat(500_000),
    ];
    for (const name of evil) {
      const encoded = new TextEncoder().encode(name);
      const leb = (n: number): number[] => [
        (n & 0x7f) | 0x80,
        ((n >> 7) & 0x7f) | 0x80,
        (n >> 14) & 0x7f,
      ];
      const names = [1, ...leb(1 + 1 + 3 + encoded.length), 1, 0, ...leb(encoded.length)];
      const size = leb(5 + names.length + encoded.length);
      const plain = wasm(`(module (func (export "run") (unreachable)))`);
      const kept = plain.subarray(
        0,
        parseModule(plain).sections.find((s) => s.name === "name")?.start,
      );
      const bytes = Buffer.concat([
        kept,
        Uint8Array.from([0, ...size, 4]),
        Buffer.from("name"),
        Uint8Array.from(names),
        encoded,
      ]);
      const runtime = new ScriptRuntime({ linker: new Linker() });
      const script = await runtime.load(bytes, { name: "test" });
      const result = script.call("run");
      if (result.ok) throw new Error("it didn't trap");
      expect(result.fault.stack).toHaveLength(1);
      expect(result.fault.functionName).toBeDefined();
      expect(result.fault.functionName?.length).toBeLessThanOrEqual(500);
      expect(result.fault.functionName).not.toContain("\n");
    }
  });

  it("a table that the host never sees, beside a branch that carries a function reference", async () => {
    const script = await load(`(module
      (table 1 funcref)
      (elem (i32.const 0) $twice)
      (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func (export "run") (param i32) (result i32)
        (drop (block $out (result funcref)
          (ref.null func)
          (br_if $out (local.get 0))
          (drop (i32.add (local.get 0) (local.get 0)))
          (br_if $out (local.get 0))))
        (call_indirect (param i32) (result i32) (i32.const 21) (i32.const 0))))`);
    expect(script.call("run", 0)).toMatchObject({ ok: true, value: 42, fuelUsed: 14 });
    expect(script.call("run", 1)).toMatchObject({ ok: true, value: 42, fuelUsed: 9 });
  });
});
