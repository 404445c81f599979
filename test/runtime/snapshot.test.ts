import { describe, expect, it } from "vitest";
import {
  Linker,
  type LoadOptions,
  limitProfiles,
  type Script,
  ScriptRuntime,
  type ScriptSnapshot,
} from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";
import { wasm } from "../metering/harness.ts";

let starts = 0;
const linker = new Linker().func("h", "started", { params: [], results: [], fuel: 1 }, () => {
  starts++;
});
const runtime = new ScriptRuntime({ linker });

const text = `(module (import "h" "started" (func $started)) (memory (export "memory") 1 8)
  (global $a (mut i32) (i32.const 1)) (global $b (mut i64) (i64.const -5)) (global $c f32 (f32.const 3))
  (global $d (mut f64) (f64.const 0.5))
  (func $start (call $started) (i32.store (i32.const 100) (i32.const 7))) (start $start)
  (func (export "step") (result i32)
    (global.set $a (i32.add (global.get $a) (i32.const 1)))
    (global.set $b (i64.mul (global.get $b) (i64.const 3)))
    (global.set $d (f64.div (global.get $d) (f64.const 3)))
    (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (global.get $a)))
    (i32.load (i32.const 100)))
  (func (export "all") (result i32 i64 f64 i32 i32)
    (global.get $a) (global.get $b) (global.get $d) (i32.load (i32.const 100)) (memory.size))
  (func (export "grow") (result i32) (memory.grow (i32.const 2)))
  (func (export "trap") (global.set $a (i32.const 99)) (i32.store (i32.const 60000) (i32.const 1)) unreachable))`;

function load(options: Partial<LoadOptions> = {}, source = text): Promise<Script> {
  return runtime.load(wasm(source), { name: "kept", snapshots: true, ...options });
}

function all(script: Script): unknown {
  const result = script.call("all");
  return result.ok ? result.value : result.fault.message;
}

describe("a snapshot", () => {
  it("holds memory and globals, and brings them back, in another script too", async () => {
    const script = await load();
    script.call("step");
    const before = all(script);
    const snapshot = structuredClone(script.snapshot());
    script.call("step");
    script.call("grow");
    const after = all(script);
    expect(after).not.toEqual(before);
    script.restore(snapshot);
    expect(all(script)).toEqual(before);
    const other = await load();
    other.restore(snapshot);
    expect(all(other)).toEqual(before);
    expect([script.call("step"), other.call("step")].map((r) => r.ok && r.value)).toEqual([12, 12]);
  });

  it("brings back a memory that has grown, and one that hadn't yet", async () => {
    const script = await load();
    const small = script.snapshot();
    script.call("grow");
    const large = script.snapshot();
    expect([small.pages, large.pages]).toEqual([1, 3]);
    script.restore(small);
    expect(script.memory.length).toBe(65_536);
    script.restore(large);
    expect(script.memory.length).toBe(3 * 65_536);
  });

  it("is no larger than what the script has used of its memory", async () => {
    const script = await load();
    expect(script.snapshot().memory.length).toBe(104);
  });

  it("of an AssemblyScript script keeps its heap in working order", async () => {
    const source = `const names: string[] = [];
      export function add(): i32 { names.push("name " + names.length.toString()); return names.length; }
      export function length(): i32 { let sum = 0; for (let i = 0; i < names.length; i++) sum += names[i].length; return sum; }`;
    const module = await compiled("names.ts", source);
    const script = await runtime.load(module, { name: "names", snapshots: true });
    for (let n = 0; n < 50; n++) script.call("add");
    const snapshot = script.snapshot();
    const length = script.call("length");
    for (let n = 0; n < 500; n++) script.call("add");
    script.restore(snapshot);
    expect(script.call("length")).toMatchObject({ value: length.ok && length.value });
    for (let n = 50; n < 300; n++) expect(script.call("add")).toMatchObject({ value: n + 1 });
  });

  const wrong: [what: string, change: (s: ScriptSnapshot) => unknown, message: RegExp][] = [
    ["nothing", () => null, /it is none/],
    ["another module's", (s) => ({ ...s, module: "1-2" }), /of another module/],
    [
      "more pages than it may have",
      (s) => ({ ...s, pages: 9 }),
      /9 pages of memory, the script 1 to 8/,
    ],
    ["fewer pages than it begins with", (s) => ({ ...s, pages: 0 }), /0 pages/],
    ["half a page", (s) => ({ ...s, pages: 1.5 }), /1.5 pages/],
    ["NaN pages", (s) => ({ ...s, pages: Number.NaN }), /NaN pages/],
    ["more memory than its pages", (s) => ({ ...s, memory: new Uint8Array(65_537) }), /its memory/],
    ["a list for its memory", (s) => ({ ...s, memory: [1, 2] }), /its memory/],
    ["a global too few", (s) => ({ ...s, globals: s.globals.slice(1) }), /hasn't 3 globals/],
    ["a global of another type", (s) => ({ ...s, globals: [1n, 2n, 3] }), /global 0 is no number/],
    ["a text for a global", (s) => ({ ...s, globals: [1, "2", 3] }), /global 1 is no bigint/],
  ];
  it.each(wrong)(
    "is refused when it is %s, and changes nothing",
    async (_what, change, message) => {
      const script = await load();
      script.call("step");
      const before = all(script);
      expect(() => script.restore(change(script.snapshot()) as ScriptSnapshot)).toThrow(message);
      expect(() => script.restore(change(script.snapshot()) as ScriptSnapshot)).toThrow(TypeError);
      expect(all(script)).toEqual(before);
    },
  );

  it("has to be asked for, and isn't taken in the middle of a call", async () => {
    const plain = await load({ snapshots: false });
    expect(() => plain.snapshot()).toThrow(/wasn't loaded with snapshots/);
    let error: unknown;
    const inner = new Linker().func("h", "now", { params: [], results: [], fuel: 1 }, (ctx) => {
      try {
        ctx.script.snapshot();
      } catch (thrown) {
        error = thrown;
      }
    });
    const source = `(module (import "h" "now" (func $now)) (func (export "run") (call $now)))`;
    const script = await new ScriptRuntime({ linker: inner }).load(wasm(source), {
      name: "inner",
      snapshots: true,
    });
    expect(script.call("run").ok).toBe(true);
    expect(String(error)).toContain("snapshot from inside a call");
  });

  const unkeepable: [why: string, source: string][] = [
    ["changes its tables", `(table 2 funcref) (func (table.set 0 (i32.const 0) (ref.null func)))`],
    [
      "changes its tables",
      `(table 2 funcref) (func (drop (table.grow 0 (ref.null func) (i32.const 1))))`,
    ],
    ["drops segments", `(memory 1) (data "abc") (func (data.drop 0))`],
    ["holds a reference", `(global (mut externref) (ref.null extern))`],
    ["holds a vector", `(global (mut v128) (v128.const i64x2 0 0))`],
  ];
  it.each(unkeepable)("can't be of a module that %s", async (why, source) => {
    await expect(load({ limits: limitProfiles.development }, `(module ${source})`)).rejects.toThrow(
      new RegExp(`there can't be snapshots of it: .*${why}`),
    );
  });
});

describe("a restart of a script with snapshots", () => {
  it("sets its state to what it was behind its top-level code, which doesn't run again", async () => {
    const script = await load();
    const fresh = all(script);
    const before = starts;
    script.call("step");
    expect(script.call("trap").ok).toBe(false);
    expect(all(script)).toEqual(fresh);
    expect(script.memory[60_000]).toBe(0);
    script.call("grow");
    expect(script.call("trap").ok).toBe(false);
    expect(all(script)).toEqual(fresh);
    expect(starts).toBe(before);
  });

  it("without them runs that code again", async () => {
    const script = await load({ snapshots: false });
    const before = starts;
    expect(script.call("trap").ok).toBe(false);
    script.call("step");
    expect(starts).toBe(before + 1);
  });
});
