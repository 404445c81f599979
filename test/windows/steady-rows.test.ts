import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { VerifyError } from "../../scripting/errors.ts";
import { admit, meter, verify } from "../../scripting/index.ts";
import type { DriverPlan } from "../../scripting/metering/driver.ts";
import { driveExport } from "../../scripting/metering/protocol.ts";
import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import type { Body } from "../../scripting/wasm/module.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { wasm } from "../metering/harness.ts";
import { inputBits, randomModules } from "./random-bodies.ts";
import { type DrivenKind, DrivenModule, type Seen } from "./steady-rows.ts";

/** What the meter believes of the next body: what it has found out, or what is said here. */
const belief = vi.hoisted(() => ({
  forced: false,
  cost: undefined as number | undefined,
  found: undefined as number | undefined,
}));

vi.mock("../../scripting/metering/steady.ts", async (original) => {
  const { steadyCost } = await original<typeof import("../../scripting/metering/steady.ts")>();
  return {
    steadyCost: (...given: Parameters<typeof steadyCost>) => {
      belief.found = steadyCost(...given);
      return belief.forced ? belief.cost : belief.found;
    },
  };
});

/** Has the meter believe something while it works. */
function believing<T>(cost: number | undefined, work: () => T): T {
  belief.forced = true;
  belief.cost = cost;
  try {
    return work();
  } finally {
    belief.forced = false;
  }
}

function plan(
  parts: Partial<DriverPlan["functions"][number]>,
  others: Partial<DriverPlan> = {},
): DriverPlan {
  const functions = [
    { index: 1, takesSelf: true, pointers: [{ shift: 2, byCall: true }], ...parts },
  ];
  return { functions, globals: undefined, indexMask: undefined, ...others };
}

const refuse = `(import "h" "refuse" (func $refuse (param i32 i32)))`;
const stop = `(import "h" "stop" (func $refuse (param i32 i32)))`;
const memory = `(memory (export "m") 1)`;
/** Where its value is 13 it is refused, and all else is counted up. */
const countUp = `
  (if (i32.eq (i32.load offset=128 (local.get $p)) (i32.const 13))
    (then (call $refuse (local.get $self) (i32.const 7)) unreachable))
  (i32.store offset=128 (local.get $p) (i32.add (i32.load offset=128 (local.get $p)) (i32.const 1)))`;

const kinds: (DrivenKind & { readonly cost: number; readonly mask?: number })[] = [
  {
    name: "counts",
    cost: 5 + 6,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp}))`,
    plan: plan({}),
  },
  {
    name: "is stopped by its host",
    cost: 5 + 6,
    source: `(module ${stop} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp}))`,
    plan: plan({}),
  },
  {
    name: "counts by the entity's index",
    cost: 5 + 6,
    mask: 15,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp}))`,
    plan: plan({ pointers: [{ shift: 2, byCall: false }] }, { indexMask: 15 }),
  },
  {
    name: "divides, which may trap",
    cost: 5 + 6 + 8,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp}
      (i32.store offset=192 (local.get $p)
        (i32.div_u (i32.const 100) (i32.sub (i32.load offset=128 (local.get $p)) (i32.const 9))))))`,
    plan: plan({}),
  },
  {
    name: "has two ways that take the same",
    cost: 5 + 3 + 2 + 6,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32)
      (if (i32.and (local.get $self) (i32.const 1))
        (then (drop (i32.const 1)) nop)
        (else (drop (i32.const 2))))
      ${countUp}))`,
    plan: plan({}),
  },
  {
    name: "recurses before it dies",
    cost: 5 + 6,
    source: `(module ${refuse} ${memory}
      (func (export "f") (param $self i32) (param $p i32)
        (if (i32.eq (i32.load offset=128 (local.get $p)) (i32.const 13))
          (then (call $deep (local.get $self)) unreachable))
        (i32.store offset=128 (local.get $p) (i32.add (i32.load offset=128 (local.get $p)) (i32.const 1))))
      (func $deep (param $n i32)
        (call $refuse (local.get $n) (i32.const 1))
        (if (local.get $n) (then (call $deep (i32.sub (local.get $n) (i32.const 1)))))))`,
    plan: plan({}),
  },
  {
    name: "stands beside one that grows memory",
    cost: 5 + 6,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp})
      (func (export "g") (drop (memory.grow (i32.const 0)))))`,
    plan: plan({}),
  },
  {
    name: "calls what runs straight through",
    cost: 5 + 6 + 4 + 3,
    source: `(module ${refuse} ${memory} (func (export "f") (param $self i32) (param $p i32) ${countUp}
        (i32.store offset=192 (local.get $p) (call $three (local.get $self))))
      (func $three (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))`,
    plan: plan({}),
  },
];

const handles = Array.from({ length: 24 }, (_, n) => n + 1);
/** Memory with values behind the handles: that of each row is 0 but in some rows. */
function rows(values: Readonly<Record<number, number>>): number[] {
  const words = [...handles, ...Array.from({ length: 8 }, () => 0)];
  for (let n = 0; n < 32; n++) words.push(values[n] ?? 0);
  return words;
}

const forever = -1;

describe.each(kinds)("a driven function that $name", (kind) => {
  const { cost, mask } = kind;
  const steady = new DrivenModule(kind);
  const found = belief.found;
  const counting = believing(undefined, () => new DrivenModule(kind));

  /** The same drive in all three, which are to do the same. */
  function drive(from: number, to: number, slice: number, look: number, values = {}): Seen {
    const seen = steady.instance(rows(values)).drive(from, to, slice, look);
    expect(seen).toEqual(counting.instance(rows(values)).drive(from, to, slice, look));
    const byCall = steady.instance(rows(values)).callEach(from, to, slice, look, mask);
    expect(byCall).toMatchObject({ next: seen.next, used: seen.used, memory: seen.memory });
    if (seen.next !== undefined) expect(byCall.fuel).toBe(seen.fuel);
    else expect(byCall.row).toBe(seen.row);
    expect(byCall.asked.map(([self, value]) => [self, value])).toEqual(
      seen.asked.map(([self, value]) => [self, value]),
    );
    return seen;
  }

  it("is known to use the same in each call", () => {
    expect(found).toBe(cost);
    expect(steady.bytes).not.toEqual(counting.bytes);
  });

  it.each([
    [0, 1],
    [1, 1],
    [cost - 1, 1],
    [cost, 1],
    [cost + 1, 2],
    [2 * cost - 1, 2],
    [2 * cost, 2],
    [2 * cost + 1, 3],
    [10 * cost - 1, 10],
    [10 * cost, 10],
    [10 * cost + 1, 10],
    [0x7fffffff, 10],
    [0x80000000, 10],
    [0xffffffff, 10],
  ])("comes back once rows have used %i together: after %i of ten", (look, count) => {
    for (const from of [0, 3]) {
      const seen = drive(from, from + 10, 1_000, look);
      const left = 1_000 - cost;
      expect(seen).toMatchObject({ next: from + count, used: count * cost, fuel: left });
    }
  });

  it.each([
    [0, 1],
    [1, 1],
    [cost - 1, 1],
    [cost, 10],
    [cost + 1, 10],
    [0x7fffffff, 10],
    [-1, 1],
    // What is left of it is so little that it is much.
    [-0x80000000, 10],
  ])("with a slice of %i comes back after %i of ten rows", (slice, count) => {
    const fuel = (slice - cost) | 0;
    const expected = { next: count, used: count * cost, fuel };
    expect(drive(0, 10, slice, 1_000_000)).toMatchObject(expected);
  });

  it.each([
    [0, 0],
    [7, 7],
    [9, 3],
    [forever, 5],
  ])("does nothing from row %i up to row %i", (from, to) => {
    expect(drive(from, to, 1_000, 1_000)).toMatchObject({ next: from, used: 0, fuel: 0 });
    // Nor does it leave what an earlier drive has left there.
    const instance = steady.instance(rows({}));
    instance.drive(0, 3, 1_000, 1_000);
    const other = counting.instance(rows({}));
    other.drive(0, 3, 1_000, 1_000);
    expect(instance.drive(from, to, 1_000, 1_000)).toEqual(other.drive(from, to, 1_000, 1_000));
  });

  it("goes on as far as rows reach, and no further than it is to", () => {
    expect(drive(2, forever, 1_000, 3 * cost)).toMatchObject({ next: 5, used: 3 * cost });
    expect(drive(2, 4, 1_000, 3 * cost)).toMatchObject({ next: 4, used: 2 * cost });
  });

  it.each([0, 1, 4, 9])(
    "says which row, and what those before it used, when row %i is refused",
    (row) => {
      const at = mask === undefined ? row : row + 1;
      const seen = drive(0, 10, 1_000, 1_000, { [at]: 13 });
      expect(seen).toMatchObject({ next: undefined, used: row * cost, row });
      expect(seen.asked[0]?.slice(2, 4)).toEqual([row, row * cost]);
      // Behind the rows that are to run, nobody is refused.
      if (row > 0) expect(drive(0, row, 1_000, 1_000, { [at]: 13 }).next).toBe(row);
      if (row > 0) expect(drive(0, 10, 1_000, row * cost, { [at]: 13 }).next).toBe(row);
    },
  );

  it("does the same, drive after drive", () => {
    const [one, other] = [steady, counting].map((module) =>
      module.instance(rows({ 9: 12, 20: 13 })),
    );
    const seen = new Set<number | undefined>();
    for (let n = 0; n < 60; n++) {
      const [from, count] = [(n * 7) % 11, (n * 5) % 12];
      const slice = n % 9 === 0 ? cost - 1 : cost + n;
      const look = (n * cost) % 97;
      const did = one?.drive(from, from + count, slice, look);
      expect(did).toEqual(other?.drive(from, from + count, slice, look));
      seen.add(did?.next === undefined ? undefined : did.next - from);
    }
    expect(seen.has(undefined)).toBe(true);
    expect(seen.size).toBeGreaterThan(3);
  });
});

describe("a trap that nobody told of before", () => {
  it("is in the row that says so", () => {
    const divides = kinds.find(({ name }) => name.startsWith("divides"));
    if (divides === undefined) throw new Error("no such function");
    const { cost } = divides;
    const steady = new DrivenModule(divides);
    const counting = believing(undefined, () => new DrivenModule(divides));
    const seen = steady.instance(rows({ 6: 8 })).drive(2, 10, 1_000, 1_000);
    expect(seen).toMatchObject({ next: undefined, row: 6, used: 4 * cost, asked: [] });
    expect(seen).toEqual(counting.instance(rows({ 6: 8 })).drive(2, 10, 1_000, 1_000));
  });
});

describe("a driver of rows that don't all use the same", () => {
  const body = (code: string, more = ""): string => `(module ${refuse}
    (import "h" "ask" (func $ask (result i32))) ${memory} (global $g (mut i32) (i32.const 0))
    (func (export "f") (param $self i32) (param $p i32) (local $n i32)
      (if (i32.eq (local.get $self) (i32.const -1)) (then (call $refuse (local.get 0) (i32.const 1)) unreachable))
      ${code}) ${more})`;
  const sources: [name: string, source: string][] = [
    [
      "two costs",
      body("(if (local.get $self) (then (drop (i32.add (i32.const 1) (i32.const 2)))))"),
    ],
    [
      "a way out that is cheaper",
      body("(if (local.get $self) (then return)) (global.set $g (i32.const 1))"),
    ],
    [
      "a loop",
      body(
        "(local.set $n (i32.const 3)) (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
      ),
    ],
    ["a call of the host that comes back", body("(global.set $g (call $ask))")],
    [
      "a call of the host that comes back on one way",
      body("(if (local.get $self) (then (global.set $g (call $ask))))"),
    ],
    [
      "a call of one that has two costs",
      body(
        "(call $two (local.get $self))",
        "(func $two (param i32) (if (local.get 0) (then (drop (i32.const 1)))))",
      ),
    ],
    ["a length", body("(memory.fill (local.get $p) (i32.const 0) (local.get $n))")],
    [
      "recursion",
      body(
        "(call $deep (local.get $self))",
        "(func $deep (param i32) (if (i32.and (local.get 0) (i32.const 7)) (then (call $deep (i32.shr_u (local.get 0) (i32.const 1))))))",
      ),
    ],
  ];
  const twoImports = plan({ index: 2 });

  it.each(sources)("counts what they use, and is refused where it doesn't: %s", (_name, source) => {
    const counting = new DrivenModule({ name: "f", source, plan: twoImports });
    expect(belief.found).toBeUndefined();
    const seen = new Set<number>();
    for (const self of [0, 1, 2, 3]) {
      const memory = [self];
      const { used } = counting.instance(memory).drive(0, 1, 1_000, 1_000);
      expect(used).toBe(counting.instance(memory).callEach(0, 1, 1_000, 1_000).used);
      seen.add(used);
    }
    // Whatever it is said to cost: none at all, what it does cost at times, and more.
    for (const cost of [0, 1, ...seen, Math.max(...seen) + 1, -5]) {
      const { bytes } = believing(cost, () => meter(admit(wasm(source)), { driver: twoImports }));
      expect(() => verify(bytes)).toThrow(/the driver does something else/);
    }
  });

  it.each(kinds)(
    "is refused a cost that isn't that of a function that $name",
    ({ source, plan: driver, cost }) => {
      const metered = (claim: number): Uint8Array =>
        believing(claim, () => meter(admit(wasm(source)), { driver }).bytes);
      verify(metered(cost));
      const wrong = [0, 1, cost - 1, cost + 1, 2 * cost, cost + 2 ** 31, -cost, 0x7fffffff];
      for (const claim of wrong) expect(() => verify(metered(claim))).toThrow(VerifyError);
    },
  );
});

describe("a function that takes nothing", () => {
  it("has no driver that reckons with that", () => {
    const { source, plan: driver, cost } = kinds[0] as (typeof kinds)[number];
    const { bytes } = meter(admit(wasm(source)), { driver });
    const module = parseModule(bytes);
    const drive = module.exports.find(({ name }) => name === driveExport(0))?.index ?? 0;
    // The function itself, and where it stands.
    for (const index of [2, drive]) {
      const { codeStart, end } = module.bodies[index - module.importedFunctionCount] as Body;
      const cursor = new InstructionCursor(bytes, codeStart, end);
      while (!cursor.done) {
        cursor.next();
        if (cursor.op === Op.i32Const && cursor.a === cost) bytes[cursor.start + 1] = 0;
      }
    }
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    expect(() => verify(bytes)).toThrow(/the driver does something else/);
  });
});

describe("any function at all", () => {
  it("is said to use what it uses, and driven as if nothing were known of it", () => {
    const driver = plan({ index: 4, pointers: [] });
    const inputs = Array.from({ length: 1 << inputBits }, (_, n) => n);
    const runs = 600;
    const seen = { steady: 0, counting: 0, trapped: 0, ended: 0 };
    const property = fc.property(
      randomModules,
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 1_000 }),
      (source, slice, look) => {
        const kind = { name: "f", source, plan: driver };
        const module = new DrivenModule(kind);
        const { found } = belief;
        seen[found === undefined ? "counting" : "steady"]++;
        const used = new Set<number>();
        for (const input of inputs) {
          const call = module.instance([input]).callEach(0, 1, 10_000, 0);
          if (call.next === 1) used.add(call.used);
        }
        if (found !== undefined) expect([...used]).toEqual(used.size === 0 ? [] : [found]);
        // It isn't to be had for what one call uses where others use something else.
        if (found === undefined) {
          for (const cost of used) {
            const { bytes } = believing(cost, () => meter(admit(wasm(source)), { driver }));
            expect(() => verify(bytes)).toThrow(VerifyError);
          }
        }
        const counting = believing(undefined, () => new DrivenModule(kind));
        for (const from of [0, 9, 21]) {
          for (const each of [slice, 10_000]) {
            const one = module.instance(inputs).drive(from, inputs.length, each, look);
            expect(one).toEqual(counting.instance(inputs).drive(from, inputs.length, each, look));
            seen[one.next === undefined ? "trapped" : "ended"]++;
          }
        }
      },
    );
    fc.assert(property, { seed: 7, numRuns: runs });
    expect(seen.steady).toBeGreaterThan(runs / 5);
    expect(seen.counting).toBeGreaterThan(runs / 5);
    expect(seen.trapped).toBeGreaterThan(runs / 5);
    expect(seen.ended).toBeGreaterThan(runs / 5);
  });
});
