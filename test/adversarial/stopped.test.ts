import { beforeAll, describe, expect, it } from "vitest";
import { Linker, type Script, ScriptRuntime, StartError } from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";
import { linkVictims, type StoppedModule, stoppedModules } from "./stopped-modules.ts";

const runtime = new ScriptRuntime({ linker: linkVictims(new Linker()) });

/** Adds up its own calls, in memory and in a global. */
const bystanderText = `(module (memory (export "memory") 1) (global $count (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
    (i32.sub (i32.add (global.get $count) (i32.load (i32.const 64))) (global.get $count))))`;

let bystander: Script;
let calls = 0;
beforeAll(async () => {
  bystander = await runtime.load(wasm(bystanderText), { name: "bystander" });
});

/** The bystander goes on where it was, with every byte of its memory as it was. */
function expectUnharmed(): void {
  const before = Uint8Array.from(bystander.memory);
  calls++;
  expect(bystander.call("next")).toMatchObject({ ok: true, value: calls });
  new DataView(before.buffer).setInt32(64, calls, true);
  expect(Buffer.compare(before, bystander.memory)).toBe(0);
}

async function load({ text, limits = {} }: StoppedModule): Promise<Script> {
  return runtime.load(wasm(text), { name: "mod", limits });
}

describe("a module that misbehaves is stopped, twice the same:", () => {
  it.each(stoppedModules.filter((m) => !m.atStart))("$what", async (module) => {
    const script = await load(module);
    const [first, second] = [script.call("run"), script.call("run")];
    for (const result of [first, second]) {
      expect(result.ok ? "finished" : result.fault).toMatchObject({
        kind: module.kind,
        script: "mod",
        entry: "run",
      });
      if (result.ok) continue;
      expect(result.fault.message.length).toBeLessThan(700);
      expect(result.fault.stack.length).toBeLessThanOrEqual(16);
    }
    expectUnharmed();
  });
});

describe("a module that misbehaves while it is loaded is no script:", () => {
  it.each(stoppedModules.filter((m) => m.atStart === true))("$what", async (module) => {
    const error = await load(module).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).fault).toMatchObject({ kind: module.kind, entry: "start" });
    expectUnharmed();
  });
});

/** As bytes, for not every character may stand in a module's text. */
function escaped(name: string): string {
  return Array.from(
    new TextEncoder().encode(name),
    (byte) => `\\${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

describe("names of exports", () => {
  const names = [
    "__proto__",
    "constructor",
    "prototype",
    "then",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "call",
    "dispose",
    "",
    "a#b",
    "constructor#polluted",
    "set:__proto__#x",
    "\u202egnirts",
  ];

  it("are only names, whatever they mean in JavaScript", async () => {
    const text = `(module ${names.map((n, i) => `(func (export "${escaped(n)}") (result i32) (i32.const ${i}))`).join("\n")})`;
    const script = await load({ what: "", text, kind: "trap" });
    expect(script.exports).toEqual(names);
    for (const [i, name] of names.entries()) {
      expect(script.has(name)).toBe(true);
      expect(script.call(name)).toMatchObject({ ok: true, value: i });
      expect(script.entry(name)?.run()).toBeNull();
    }
    for (const other of ["isPrototypeOf", "__defineGetter__", "exports"]) {
      expect(script.has(other)).toBe(false);
      expect(() => script.call(other)).toThrow(TypeError);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expectUnharmed();
  });
});

describe("names of imports", () => {
  it("are only names, whatever they mean in JavaScript", async () => {
    for (const [module, name] of [
      ["__proto__", "polluted"],
      ["constructor", "prototype"],
      ["h", "__proto__"],
      ["h", "constructor"],
      ["h", "toString"],
      ["env", "hasOwnProperty"],
      ["", ""],
    ]) {
      const text = `(module (import "${module}" "${name}" (func)) (func (export "run")))`;
      await expect(load({ what: "", text, kind: "trap" })).rejects.toThrow(
        /1 import can't be linked/,
      );
    }
    expectUnharmed();
  });
});
