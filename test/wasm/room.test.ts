import { describe, expect, it } from "vitest";
import { AdmissionError, admit, meter, verify } from "../../scripting/index.ts";
import { Op } from "../../scripting/wasm/op.ts";
import {
  type Bytes,
  body,
  code,
  exports,
  flat,
  funcref,
  funcType,
  functions,
  i32,
  i64,
  imports,
  memories,
  module,
  name,
  running,
  section,
  types,
  u32,
} from "./assemble.ts";

const limits = { moduleBytes: Infinity, functionBytes: Infinity };

function times<T>(count: number, item: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}

/** Two letters and a number, in as many bytes for each. */
function numbered(i: number): Bytes {
  return name(`f${i.toString(36).padStart(4, "0")}`);
}

/** The number's digits in base 4 as value types. */
function baseFour(number: number): number[] {
  return Array.from(number.toString(4), (digit) => i32 - Number(digit));
}

const empty = funcType([], []);

/** A loop, so that the function takes its fuel as a parameter; and a call of the next one. */
const threaded = body([Op.loop, 0x40, Op.i32Const, 0, Op.brIf, 0, Op.end]);

const sizes: [what: string, most: number, make: (count: number) => Uint8Array][] = [
  [
    "params",
    998,
    (count) =>
      module(
        types(funcType(Array<number>(count).fill(i32), [])),
        functions(0),
        // Recursive: fuel and depth come as parameters.
        code(body([times(count, (i) => [Op.localGet, u32(i)]), Op.call, 0])),
      ),
  ],
  [
    "results",
    999,
    (count) =>
      module(
        types(funcType([], Array<number>(count).fill(i32))),
        functions(0),
        code(body([Op.block, 0, Op.call, 0, Op.br, 0, Op.end])),
      ),
  ],
  [
    "locals",
    49_997,
    (count) =>
      module(
        types(funcType([i32], []), empty),
        functions(0, 1),
        memories([0, 1]),
        // A tail call into a cycle: fuel, depth and the scratch local are all wanted.
        code(
          body([Op.localGet, 0, Op.memoryGrow, 0, Op.returnCall, 0], [[count - 1, i64]]),
          body([]),
        ),
      ),
  ],
  [
    "globals",
    10_000,
    (count) =>
      module(
        section(
          6,
          u32(count),
          times(count, () => [i32, 0, Op.i32Const, 0, Op.end]),
        ),
      ),
  ],
  [
    "imports",
    1_000,
    (count) => module(types(empty), imports(...times(count, () => [name("m"), name("n"), 0, 0]))),
  ],
  [
    "exports",
    10_000,
    (count) =>
      module(
        types(empty),
        functions(0),
        exports(...times(count, (i) => [numbered(i), 0, 0])),
        code(threaded),
      ),
  ],
  [
    "types",
    1_000,
    (count) =>
      module(
        // All different: a number in base 4 as parameters.
        section(
          1,
          u32(count),
          times(count, (i) => funcType(baseFour(i + 4 ** 9), [i32])),
        ),
        section(
          3,
          u32(count),
          times(count, (i) => u32(i)),
        ),
        section(
          10,
          u32(count),
          times(count, () => body([Op.loop, 0x40, Op.unreachable, Op.end, Op.i32Const, 0])),
        ),
      ),
  ],
  [
    "tables",
    16,
    (count) =>
      module(
        section(
          4,
          u32(count),
          times(count, () => [funcref, 0, u32(10_000)]),
        ),
      ),
  ],
  [
    "data segments",
    10_000,
    (count) =>
      module(
        memories([0, 1]),
        section(
          11,
          u32(count),
          times(count, () => [0, Op.i32Const, 0, Op.end, 0]),
        ),
      ),
  ],
  [
    "functions",
    100_000,
    (count) =>
      module(
        types(empty),
        section(3, u32(count), Array<number>(count).fill(0)),
        section(
          9,
          1,
          1,
          0,
          u32(count),
          times(count, (i) => u32(i)),
        ),
        section(
          10,
          u32(count),
          times(count, () => threaded),
        ),
      ),
  ],
];

describe("a module that has too many of anything is refused at admission", () => {
  it.each(sizes)("%s", (what, most, make) => {
    const large = make(most + 1);
    expect(WebAssembly.validate(large as BufferSource)).toBe(true);
    expect(() => admit(large, { limits })).toThrow(AdmissionError);
    expect(() => admit(large, { limits })).toThrow(`${most + 1} ${what}`);
    const metered = meter(admit(make(most), { limits }));
    verify(metered.bytes);
    expect(WebAssembly.validate(metered.bytes as BufferSource)).toBe(true);
  });

  it("elements that its tables are filled with", () => {
    const filled = (count: number): Uint8Array =>
      module(
        types(empty),
        functions(0),
        section(4, 1, funcref, 0, 10),
        section(
          9,
          u32(count / 10),
          times(count / 10, () => [0, Op.i32Const, 0, Op.end, 10, times(10, () => 0)]),
        ),
        code(threaded),
      );
    expect(() => admit(filled(10_010))).toThrow(/filled with 10010 elements/);
    verify(meter(admit(filled(10_000))).bytes);
  });

  it("a function's body, once it is metered", () => {
    const grows = (count: number): Uint8Array =>
      running([Op.i32Const, 0, times(count, () => [Op.memoryGrow, 0]), Op.drop]);
    const large = grows(200_000);
    expect(() => meter(admit(large, { limits }))).toThrow(AdmissionError);
    expect(() => meter(admit(large, { limits }))).toThrow(/once metered/);
    expect(flat(large).length).toBeLessThan(500_000);
    const metered = meter(admit(grows(100_000), { limits }));
    verify(metered.bytes);
    expect(WebAssembly.validate(metered.bytes as BufferSource)).toBe(true);
  });
});
