import { describe, expect, it } from "vitest";
import {
  type Fault,
  Linker,
  type Script,
  ScriptRuntime,
  type SourceMapV3,
  StartError,
} from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";
import { load, wasm } from "../metering/harness.ts";
import { binary, Position, rig } from "../system/harness.ts";

const good: SourceMapV3 = { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA" };
/** A map that a script may bring with it, whatever its type says. */
const map = (fields: object): SourceMapV3 => ({ ...good, ...fields });
const runtime = new ScriptRuntime({ linker: new Linker() });
const trapping = wasm(`(module (func $inner (export "run") unreachable))`);

function faultOf(script: Script, name = "run"): Fault {
  const result = script.call(name);
  if (result.ok) throw new Error("it finished");
  return result.fault;
}

describe("a fault", () => {
  it("has its place in its JSON, too", async () => {
    const fault = faultOf(await runtime.load(trapping, { name: "x" }));
    expect(JSON.parse(JSON.stringify(fault))).toMatchObject({
      kind: "trap",
      script: "x",
      entry: "run",
      functionName: fault.functionName,
      stack: [{ functionName: fault.functionName }],
    });
    expect(fault.functionName).toBeDefined();
  });
});

describe("a source map that nobody should believe", () => {
  const shapes: [what: string, sourceMap: unknown, why: RegExp][] = [
    ["nothing", null, /x: its source map can't be used: it is no object/],
    ["a text", "{}", /it is no object/],
    ["another version", map({ version: 2 }), /its version is 2, not 3/],
    ["mappings that are a number", map({ mappings: 5 }), /mappings is no text/],
    ["no sources", map({ sources: null }), /sources is no list of texts/],
    ["a number among the sources", map({ sources: [5] }), /sources is no list of texts/],
    ["a number for a content", map({ sourcesContent: [5] }), /sourcesContent is no list of texts/],
    ["sections", map({ sections: [] }), /it has sections/],
    ["a root that is a number", map({ sourceRoot: 5 }), /sourceRoot is no text/],
  ];
  it.each(shapes)("is refused when it is loaded: %s", async (_what, sourceMap, why) => {
    const loading = runtime.load(trapping, { name: "x", sourceMap: sourceMap as SourceMapV3 });
    const error = await loading.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(why);
  });

  const mappings: [what: string, sourceMap: SourceMapV3][] = [
    ["sources that aren't there", map({ sources: [] })],
    ["a source that has no name", map({ sources: [null] })],
    ["a source in front of the first", map({ mappings: "ADAA" })],
    ["a line in front of the first", map({ mappings: "AADA" })],
    ["no VLQ", map({ mappings: "!!!!!" })],
    ["another reader's fields", map({ _decodedMemo: {}, _decoded: [[[0, 0, "5", {}]]] })],
  ];
  it.each(mappings)("leaves a fault that can be looked at: %s", async (_what, sourceMap) => {
    const script = await runtime.load(trapping, { name: "x", sourceMap });
    const fault = faultOf(script);
    expect(fault.functionName).toBe("inner");
    const { location } = fault;
    if (location === undefined) return;
    expect(typeof location.file).toBe("string");
    expect([location.line, location.column].every((n) => Number.isInteger(n) && n > 0)).toBe(true);
  });

  it("doesn't change which error a trapping start is", async () => {
    const bytes = wasm("(module (func $s unreachable) (start $s))");
    const loading = runtime.load(bytes, { name: "x", sourceMap: map({ sources: [] }) });
    await expect(loading).rejects.toBeInstanceOf(StartError);
  });

  it("doesn't throw into the frame out of a listener", async () => {
    const r = rig();
    const bad = await binary(
      "bad",
      "export function onUpdate(self: Entity): void { unreachable(); }",
    );
    const seen: unknown[] = [];
    r.scripts.on("fault", ({ fault }) => seen.push(fault.location));
    await r.scripts.load({ ...bad, sourceMap: map({ sources: [] }) });
    r.scripts.attach(r.world.spawn(undefined, Position), "bad");
    r.frames();
    expect(seen).toEqual([undefined]);
  });

  it("doesn't keep a transaction open where loops are counted", async () => {
    const log: string[] = [];
    const counting = new ScriptRuntime({
      linker: new Linker(),
      limits: { fuelPerCall: 40 },
      transaction: {
        begin: () => log.push("begin"),
        commit: () => log.push("commit"),
        rollback: () => log.push("rollback"),
      },
    });
    const script = await counting.load(wasm(`(module (func (export "run") (loop (br 0))))`), {
      name: "x",
      profileLoops: true,
      sourceMap: map({ sources: [] }),
    });
    expect(faultOf(script).kind).toBe("out-of-fuel");
    expect(log).toEqual(["begin", "rollback"]);
  });

  it("shows no more than a line of it, and of a file's name", async () => {
    const sourceMap = map({
      sources: [`${"f".repeat(100_000)}`],
      sourcesContent: [`${"L".repeat(1_000_000)}\nsecond`],
    });
    const { location } = faultOf(await runtime.load(trapping, { name: "x", sourceMap }));
    expect(location?.file).toHaveLength(200);
    expect(location?.lineText).toBe("L".repeat(500));
    const forged = map({ sources: ["a.ts\nall is well"] });
    const other = faultOf(await runtime.load(trapping, { name: "x", sourceMap: forged }));
    expect(other.location?.file).toBe("a.ts all is well");
  });
});

describe("a fault's stack", () => {
  it("isn't forged by what the guest says", async () => {
    const loud = new ScriptRuntime({ linker: new Linker(), guestText: true });
    for (let i = 0; i < 8; i++) {
      const frame = `at a (wasm://wasm/q:wasm-function[${i}]:0x160)`;
      const bytes = await compiled(
        "scripts/a.ts",
        `export function innocent(a: i32): i32 { let s = 0; for (let i = 0; i < a; i++) s += i * i; return s; }
export function guilty(): void { throw new Error("no\\n ${frame}\\n"); }
export function sly(): void { throw new Error("${frame}"); }`,
      );
      const script = await loud.load(bytes, { name: "x" });
      for (const name of ["guilty", "sly"]) {
        const fault = faultOf(script, name);
        expect(fault.message).toContain(frame);
        expect(fault.stack.map((f) => f.functionName)).not.toContain("innocent");
        expect(fault.functionName).toBe(name);
      }
    }
  });

  it("has the guest's frames however deep the host is when it stops the call", async () => {
    const deep = (n: number, then: () => void): void => {
      if (n === 0) then();
      else deep(n - 1, then);
    };
    const linker = new Linker().func(
      "h",
      "charge",
      { params: ["i32"], results: [], fuel: 1 },
      (ctx, frames) => deep(frames, () => ctx.charge(1e9)),
    );
    const script = await load(
      `(module (import "h" "charge" (func $c (param i32)))
        (func $inner (param i32) (call $c (local.get 0)))
        (func $run (export "run") (param i32) (call $inner (local.get 0)) (call $inner (local.get 0))))`,
      {},
      linker,
    );
    const limit = Error.stackTraceLimit;
    for (const frames of [0, 12, 40]) {
      const result = script.call("run", frames);
      const fault = result.ok ? undefined : result.fault;
      expect(fault?.kind).toBe("out-of-fuel");
      expect(fault?.functionName).toBe("inner");
    }
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
