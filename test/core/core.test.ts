import { describe, expect, it } from "vitest";
import { Core, type CoreExports } from "../../scripting/core/core.ts";
import { type AdmittedModule, admit, meter, verify } from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";

interface Counter extends CoreExports {
  next(): number;
  grow(): void;
  fail(): void;
}

function counter(): Core<Counter> {
  const bytes = wasm(`(module
    (memory (export "memory") 1)
    (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
    (func (export "grow") (drop (memory.grow (i32.const 300))))
    (func (export "fail") (unreachable)))`);
  return new Core<Counter>(Buffer.from(bytes).toString("base64"), {});
}

describe("a core", () => {
  it("is the same one from use to use", async () => {
    const core = counter();
    expect(core.use(({ next }) => next())).toBe(1);
    core.rest();
    await core.prepare();
    expect(core.use(({ next }) => next())).toBe(2);
  });

  it("isn't used again after a trap", () => {
    const core = counter();
    expect(core.use(({ next }) => next())).toBe(1);
    expect(() => core.use(({ fail }) => fail())).toThrow(WebAssembly.RuntimeError);
    expect(core.use(({ next }) => next())).toBe(1);
    expect(core.instances).toBe(2);
  });

  it("stays after an exception of the host's", () => {
    const core = counter();
    const fault = new Error("no");
    expect(() =>
      core.use(({ next }) => {
        next();
        throw fault;
      }),
    ).toThrow(fault);
    expect(core.use(({ next }) => next())).toBe(2);
  });

  it("that has grown large is given back when memory is wanted, and a new one made", () => {
    const core = counter();
    core.use(({ grow }) => grow());
    core.rest();
    // Within the same turn of the event loop a weak reference holds.
    expect(core.use(({ next }) => next())).toBe(1);
    expect(core.instances).toBe(1);
  });
});

describe("modules that are loaded in turn", () => {
  const text = (n: number): string => `(module (memory (export "m") 1)
    (func $f (param i32) (result i32) (loop $l (br_if $l (i32.eqz (local.get 0)))) (i32.const ${n}))
    ${`(func (param i32) (result i32) (call $f (local.get 0)))`.repeat(n)}
    (func (export "run") (param i32) (result i32) (call $f (local.get 0))))`;
  const bytesOf = (admitted: AdmittedModule): string =>
    Buffer.from(meter(admitted).bytes).toString("hex");

  it("don't mix, whatever was admitted, metered or refused in between", () => {
    const [one, two] = [wasm(text(1)), wasm(text(7))];
    const alone = [one, two].map((bytes) => bytesOf(admit(bytes)));
    const admitted = [admit(one), admit(two)];
    expect(admitted.map(bytesOf)).toEqual(alone);
    // Metered twice, and with one refused between admission and metering.
    const again = admit(one);
    expect(() => admit(wasm(text(2)).fill(0xff, 60))).toThrow();
    expect(bytesOf(again)).toBe(alone[0]);
    expect(bytesOf(again)).toBe(alone[0]);
    expect(() => verify(one)).toThrow();
    expect(bytesOf(admit(two))).toBe(alone[1]);
  });
});
