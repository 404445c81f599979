import { describe, expect, it } from "vitest";
import { admit } from "../../scripting/admission/admit.ts";
import { VerifyError } from "../../scripting/errors.ts";
import type { DriverPlan } from "../../scripting/metering/driver.ts";
import { meter } from "../../scripting/metering/meter.ts";
import { driveExport, drivenExport, rowExport } from "../../scripting/metering/protocol.ts";
import { verify } from "../../scripting/metering/verify/verify.ts";
import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import type { Body } from "../../scripting/wasm/module.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { wasm } from "../metering/harness.ts";

interface Kind {
  readonly name: string;
  readonly source: string;
  readonly plan: DriverPlan;
  /** Fuel of each call, where that is the same for all and the driver reckons with it. */
  readonly cost?: number;
}

const one = (
  index: number,
  shifts: readonly number[],
  byCall: readonly number[] = shifts,
): DriverPlan["functions"] => {
  const pointers = shifts.map((shift) => ({ shift, byCall: byCall.includes(shift) }));
  return [{ index, takesSelf: true, pointers }];
};
const rows = { indexMask: undefined };
const table = { indexMask: 0xfffff };
const kinds: readonly Kind[] = [
  {
    name: "a threaded function with pointers",
    source: `(module (memory 1) (func (param i32 i32 i32) (loop (br_if 0 (i32.load (local.get 2))))) )`,
    plan: { ...rows, functions: one(0, [3, 2]), globals: undefined },
  },
  {
    name: "one with pointers by index and by call",
    source: `(module (memory 1) (func (param i32 i32 i32) (loop (br_if 0 (i32.load (local.get 2))))) )`,
    plan: { ...table, functions: one(0, [3, 2], [2]), globals: undefined },
  },
  {
    name: "one whose row, by index, is looked up",
    source: `(module (memory 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
      (func $f (param i32) (if (i32.load (global.get 1)) (then (call $f (local.get 0))))))`,
    plan: { ...table, functions: one(0, []), globals: { self: 0, firstPointer: 1, shifts: [2] } },
  },
  {
    name: "one that calls itself",
    source: `(module (memory 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
      (func $f (param i32 i32 i32) (if (i32.load (local.get 2)) (then (call $f (local.get 0) (local.get 1) (local.get 2))))))`,
    plan: {
      ...rows,
      functions: one(0, [3, 2]),
      globals: { self: 0, firstPointer: 1, shifts: [3, 2] },
    },
  },
  {
    name: "a fixed function",
    source: `(module (memory 1) (global (mut i32) (i32.const 0)) (func (param i32) (global.set 0 (local.get 0))))`,
    plan: { ...rows, functions: one(0, []), globals: undefined },
  },
  {
    name: "one that is tied to tail calls",
    source: `(module (import "h" "f" (func $h (param i32))) (memory 1) (func (param i32) (return_call $h (local.get 0))))`,
    plan: { ...rows, functions: one(1, []), globals: undefined },
  },
  {
    name: "one that grows memory, and may go on when that fails",
    source: `(module (memory 1) (func (param i32) (drop (memory.grow (local.get 0)))))`,
    plan: { ...rows, functions: one(0, []), globals: undefined },
  },
  {
    name: "one whose calls all use the same",
    source: `(module (import "h" "f" (func $h (param i32))) (memory 1) (func (param i32 i32)
      (if (i32.load (local.get 1)) (then (call $h (local.get 0)) unreachable))
      (i32.store (local.get 1) (local.get 0))))`,
    plan: { ...rows, functions: one(1, [2]), globals: undefined },
    cost: 6,
  },
  {
    name: "one whose calls all use the same, by index and looked up, which may trap anywhere",
    source: `(module (import "h" "f" (func $h (param i32))) (memory 1)
      (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0)) (func (param i32 i32)
      (if (i32.load (i32.add (local.get 0) (local.get 1))) (then (call $h (local.get 0)) unreachable))
      (i32.store (local.get 1) (i32.div_u (local.get 0) (i32.load (global.get 1))))))`,
    plan: { ...table, functions: one(1, [2]), globals: { self: 0, firstPointer: 1, shifts: [2] } },
    cost: 11,
  },
  {
    name: "one whose calls all use the same, but for those that recurse and die, where memory may grow",
    source: `(module (import "h" "f" (func $h (param i32))) (memory 1)
      (func (param i32 i32)
        (if (i32.load (local.get 1)) (then (call $deep (local.get 0)) unreachable))
        (i32.store (local.get 1) (local.get 0)))
      (func $deep (param i32)
        (call $h (memory.grow (i32.const 0)))
        (if (local.get 0) (then (call $deep (i32.const 0))))))`,
    plan: { ...rows, functions: one(1, [2]), globals: undefined },
    cost: 6,
  },
  {
    name: "three functions",
    source: `(module (memory 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
      (func (param i32 i32) (loop (br_if 0 (i32.load (local.get 1)))))
      (func (param i32) (global.set 0 (local.get 0)))
      (func (loop (br_if 0 (i32.load (global.get 1))))))`,
    plan: {
      ...rows,
      functions: [...one(0, [2]), ...one(1, []), { index: 2, takesSelf: false, pointers: [] }],
      globals: { self: 0, firstPointer: 1, shifts: [2] },
    },
  },
];

/** The bodies of drivers and their readers in a metered module. */
function driverSpans(bytes: Uint8Array, { plan }: Kind): { codeStart: number; end: number }[] {
  const module = parseModule(bytes);
  const drives = plan.functions.map((_, n) => driveExport(n));
  return [...drives, rowExport, drivenExport].map((name) => {
    const index = module.exports.find((e) => e.name === name)?.index ?? -1;
    return module.bodies[index - module.importedFunctionCount] as Body;
  });
}

function metered({ source, plan }: Kind): Uint8Array {
  const { bytes } = meter(admit(wasm(source)), { driver: plan });
  verify(bytes);
  return bytes;
}

describe.each(kinds)("a driver of $name", (kind) => {
  it("is valid, and verified", () => {
    expect(WebAssembly.validate(metered(kind) as BufferSource)).toBe(true);
  });

  it("is refused with any of its instructions or immediates changed", () => {
    const bytes = metered(kind);
    const survivors: string[] = [];
    let tried = 0;
    let costs = 0;
    const tryOut = (what: string, mutant: Uint8Array): void => {
      if (!WebAssembly.validate(mutant as BufferSource)) return;
      tried++;
      try {
        verify(mutant);
        survivors.push(what);
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error;
      }
    };
    for (const { codeStart, end } of driverSpans(bytes, kind)) {
      const cursor = new InstructionCursor(bytes);
      cursor.seek(codeStart, end);
      while (!cursor.done) {
        cursor.next();
        const { start, end: next, op, a } = cursor;
        const isCost = op === Op.i32Const && a === kind.cost;
        if (isCost) costs++;
        const what =
          op === Op.i32Const ? `constant for ${bytes[next]?.toString(16)}` : op.toString(16);
        const name = `${isCost ? "the cost" : what} at ${start - codeStart}`;
        for (let at = start; at < next; at++) {
          for (const by of [1, 2, 3, 5, 0x10]) {
            const mutant = bytes.slice();
            mutant[at] = (mutant[at] as number) ^ by;
            tryOut(`${name} + ${at - start} ^ ${by}`, mutant);
          }
        }
        const removed = bytes.slice();
        removed.fill(Op.nop, start, next);
        tryOut(`${name} removed`, removed);
      }
    }
    expect(tried).toBeGreaterThan(100);
    // To know how many rows may run, what each leaves, and what they used.
    if (kind.cost === undefined) expect(costs).toBe(0);
    else expect(costs).toBeGreaterThanOrEqual(3);
    // Where in the guest's memory rows stand, by loads, shifts and masks; what rests in its globals between drives, and what
    // a fixed function is charged: nothing of that keeps it from being stopped.
    const harmless = /^(28|constant for (74|71|24|6b)) at /;
    expect(survivors.filter((what) => !harmless.test(what))).toEqual([]);
  });
});

describe("drivers", () => {
  const three = kinds.find(({ name }) => name === "three functions") as Kind;
  /** Renames exports, all of the same length. */
  function renamed(bytes: Uint8Array, names: Readonly<Record<string, string>>): Uint8Array {
    const mutant = bytes.slice();
    for (const { name, offset } of parseModule(bytes).exports) {
      const to = names[name];
      if (to === undefined) continue;
      const at = mutant.indexOf(name.charCodeAt(0), offset);
      mutant.set(new TextEncoder().encode(to), at);
    }
    return mutant;
  }

  it("are refused out of order, or where one is missing", () => {
    const bytes = metered(three);
    const swapped = renamed(bytes, {
      [rowExport]: "fusewire:rom",
      [drivenExport]: "fusewire:drivem",
    });
    expect(() => verify(swapped)).toThrow(VerifyError);
    const handedOut = renamed(bytes, { [driveExport(1)]: "_usewire:drive:1" });
    expect(() => verify(handedOut)).toThrow(VerifyError);
  });

  it("aren't the guest's to call, none of them", () => {
    const bytes = metered(three);
    const module = parseModule(bytes);
    const first = module.exports.find((e) => e.name === rowExport)?.index ?? 0;
    const { codeStart } = module.bodies[0] as Body;
    // (call n) in place of what the first function does.
    for (let n = 0; n < 5; n++) {
      const mutant = bytes.slice();
      mutant[codeStart] = Op.call;
      mutant[codeStart + 1] = first + n;
      expect(() => verify(mutant)).toThrow(VerifyError);
    }
  });
});
