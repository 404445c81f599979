import { describe, expect, it } from "vitest";
import {
  type AdmissionCode,
  AdmissionError,
  admit,
  Linker,
  meter,
  ScriptRuntime,
  verify,
} from "../../scripting/index.ts";
import { Op } from "../../scripting/wasm/op.ts";
import {
  type Bytes,
  body,
  code,
  custom,
  data,
  dataCount,
  elements,
  exports,
  externref,
  f32,
  flat,
  funcref,
  funcType,
  functions,
  globals,
  header,
  i32,
  i64,
  imports,
  memories,
  module,
  name,
  offsetOf,
  running,
  s32,
  section,
  tables,
  types,
  u32,
  v128,
} from "../wasm/assemble.ts";

function refusal(bytes: Uint8Array): AdmissionError {
  try {
    admit(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(AdmissionError);
    return error as AdmissionError;
  }
  throw new Error("the module was admitted");
}

/** A module, the bytes in it that the refusal has to point at, and those that stand before them. */
type Case = [what: string, bytes: Uint8Array, at: Bytes, before?: Bytes];

/** Stands before an instruction, to find it by. */
const mark = [Op.nop, Op.nop, Op.nop];

function instruction(what: string, ...bytes: number[]): Case {
  return [what, running([mark, bytes]), bytes, mark];
}

/** A parameter, a result, a local, a global and a block of a type. */
function valueType(what: string, ...type: number[]): Case[] {
  const empty = funcType([], []);
  const local = [1, 1, ...type];
  const size = local.length + 1;
  const named = [name("m"), name("n"), 3];
  return [
    [`${what} parameter`, module(types([0x60, 1, type, 0])), type, [0x60, 1]],
    [`${what} result`, module(types([0x60, 0, 1, type])), type, [0x60, 0, 1]],
    [
      `${what} local`,
      module(types(empty), functions(0), section(10, 1, size, local, Op.end)),
      type,
      [size, 1, 1],
    ],
    [`${what} global`, module(globals([type, 0, Op.refNull, type, Op.end])), type, 1],
    [
      `${what} block`,
      running([mark, Op.block, type, Op.unreachable, Op.end]),
      type,
      [mark, Op.block],
    ],
    [`${what} select`, running([mark, Op.selectTyped, 1, type]), type, [mark, Op.selectTyped, 1]],
    [`${what} table`, module(tables([type, 0, 1])), type, 1],
    [`${what} imported global`, module(imports([named, type, 0])), type, named],
    [`${what} elements`, module(section(9, 1, 5, type, 0)), type, [1, 5]],
  ];
}

const proposals: [proposal: string, cases: Case[]][] = [
  [
    "threads",
    [
      ["a shared memory", module(memories([3, 1, 2])), [3, 1, 2]],
      ["an imported shared memory", module(imports([name("m"), name("n"), 2, 3, 1, 2])), [3, 1, 2]],
      ["a shared table", module(tables([funcref, 3, 1, 2])), [3, 1, 2]],
      ["a shared global", module(globals([i32, 2, Op.i32Const, 0, Op.end])), [2, Op.i32Const]],
      [
        "a shared mutable global",
        module(globals([i32, 3, Op.i32Const, 0, Op.end])),
        [3, Op.i32Const],
      ],
      instruction("memory.atomic.notify", 0xfe, 0x00, 2, 0),
      instruction("atomic.fence", 0xfe, 0x03, 0),
      instruction("i32.atomic.load", 0xfe, 0x10, 2, 0),
      instruction("i64.atomic.rmw32.cmpxchg_u", 0xfe, 0x4e, 2, 0),
    ],
  ],
  [
    "memory64",
    [
      ["a 64-bit memory", module(memories([4, 1])), [4, 1]],
      ["a 64-bit memory with a maximum", module(memories([5, 1, 2])), [5, 1, 2]],
      ["an imported 64-bit memory", module(imports([name("m"), name("n"), 2, 4, 1])), [4, 1]],
      ["a 64-bit table", module(tables([funcref, 4, 1])), [4, 1], funcref],
      [
        "an offset above 32 bits",
        running([Op.i32Const, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, Op.drop]),
        [0x80, 0x80, 0x80, 0x80, 0x10],
      ],
    ],
  ],
  [
    "multi-memory",
    [
      ["a second memory", module(memories([0, 1], [0, 7])), [0, 7]],
      [
        "a second memory, the first imported",
        module(imports([name("m"), name("n"), 2, 0, 1]), memories([0, 7])),
        [0, 7],
      ],
      [
        "a load that names a memory",
        running([Op.i32Const, 0, 0x28, 0x42, 1, 9, Op.drop]),
        [0x42, 1, 9],
      ],
      [
        "a SIMD load that names a memory",
        running([Op.i32Const, 0, 0xfd, 0, 0x44, 1, 9, Op.drop]),
        [0x44, 1, 9],
      ],
      ["memory.size 1", running([Op.memorySize, 1, Op.drop]), [1, Op.drop]],
      ["memory.grow 1", running([Op.i32Const, 3, Op.memoryGrow, 1, Op.drop]), [1, Op.drop]],
      ["memory.fill 1", running([0xfc, 11, 1]), [1, Op.end]],
      ["memory.copy 1 0", running([0xfc, 10, 1, 0]), [1, 0, Op.end]],
      ["memory.copy 0 1", running([0xfc, 10, 0, 1]), [1, Op.end]],
      ["memory.init 0 1", running([0xfc, 8, 0, 1]), [1, Op.end]],
      [
        "data for a second memory",
        module(memories([0, 1]), data([2, 1, Op.i32Const, 0, Op.end, 0])),
        [2, 1, Op.i32Const],
      ],
    ],
  ],
  [
    "function-references",
    [
      instruction("call_ref", 0x14, 0),
      instruction("return_call_ref", 0x15, 0),
      instruction("ref.as_non_null", 0xd4),
      instruction("br_on_null", 0xd5, 0),
      instruction("br_on_non_null", 0xd6, 0),
      ["ref.null of a type", running([Op.refNull, 0, Op.drop]), [0, Op.drop]],
      [
        "a table with an initialiser",
        module(tables([0x40, 0, funcref, 0, 1, Op.refNull, funcref, Op.end])),
        [0x40, 0],
      ],
      ...valueType("(ref null 0)", 0x63, 0),
      ...valueType("(ref 0)", 0x64, 0),
    ],
  ],
  [
    "GC",
    [
      instruction("struct.new", 0xfb, 0, 0),
      instruction("array.len", 0xfb, 15),
      instruction("ref.i31", 0xfb, 28),
      instruction("ref.eq", 0xd3),
      ["ref.null any", running([Op.refNull, 0x6e, Op.drop]), [0x6e, Op.drop]],
      ["a struct type", module(types([0x5f, 0])), [0x5f]],
      ["an array type", module(types([0x5e, i32, 0])), [0x5e]],
      ["a recursive group", module(types([0x4e, 1, funcType([], [])])), [0x4e]],
      ["a subtype", module(types([0x50, 0, funcType([], [])])), [0x50]],
      ["a final subtype", module(types([0x4f, 0, funcType([], [])])), [0x4f]],
      ...valueType("anyref", 0x6e),
      ...valueType("eqref", 0x6d),
      ...valueType("i31ref", 0x6c),
      ...valueType("structref", 0x6b),
      ...valueType("arrayref", 0x6a),
      ...valueType("nullref", 0x71),
      ...valueType("nullexternref", 0x72),
      ...valueType("nullfuncref", 0x73),
      ...valueType("i8", 0x78),
      ...valueType("i16", 0x77),
    ],
  ],
  [
    "exceptions",
    [
      ["a tag section", module(types(funcType([], [])), section(13, 1, 0, 0)), [13, 3, 1, 0, 0]],
      [
        "an imported tag",
        module(types(funcType([], [])), imports([name("m"), name("n"), 4, 0, 0])),
        [name("m"), name("n"), 4],
      ],
      ["an exported tag", module(exports([name("t"), 4, 0])), [name("t"), 4]],
      instruction("try", 0x06, 0x40),
      instruction("catch", 0x07, 0),
      instruction("throw", 0x08, 0),
      instruction("rethrow", 0x09, 0),
      instruction("throw_ref", 0x0a),
      instruction("delegate", 0x18, 0),
      instruction("catch_all", 0x19),
      instruction("try_table", 0x1f, 0x40, 0),
      ["ref.null exn", running([Op.refNull, 0x69, Op.drop]), [0x69, Op.drop]],
      ...valueType("exnref", 0x69),
      ...valueType("nullexnref", 0x74),
    ],
  ],
  [
    "relaxed SIMD",
    Array.from({ length: 0x14 }, (_, i) =>
      instruction(`instruction 0x${(0x100 + i).toString(16)}`, 0xfd, 0x80 + i, 0x02),
    ),
  ],
  [
    "stack switching",
    [
      instruction("cont.new", 0xe0, 0),
      instruction("cont.bind", 0xe1, 0, 0),
      instruction("suspend", 0xe2, 0),
      instruction("resume", 0xe3, 0, 0),
      instruction("resume_throw", 0xe4, 0, 0, 0),
      instruction("resume_throw_ref", 0xe5, 0, 0),
      instruction("switch", 0xe6, 0, 0),
      ["a continuation type", module(types([0x5d, 0])), [0x5d]],
      ...valueType("contref", 0x68),
      ...valueType("nullcontref", 0x75),
    ],
  ],
];

describe.each(proposals)("%s is denied", (proposal, cases) => {
  it.each(cases)("%s", (_what, bytes, at, before = []) => {
    const error = refusal(bytes);
    expect(error.code).toBe("denied-feature");
    expect(error.message).toContain(proposal);
    expect(error.offset).toBe(offsetOf(bytes, before, at) + flat(before).length);
  });
});

const unassignedSimd = [
  0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2,
  0xd3, 0xd4, 0xe2, 0xee,
];
const unassigned = [
  ...[0x16, 0x17, 0x1d, 0x1e, 0x27],
  ...Array.from({ length: 0xcf - 0xc5 + 1 }, (_, i) => 0xc5 + i),
  ...Array.from({ length: 0xdf - 0xd7 + 1 }, (_, i) => 0xd7 + i),
  ...Array.from({ length: 0xfa - 0xe7 + 1 }, (_, i) => 0xe7 + i),
  0xff,
];

const unknown: Case[] = [
  ...unassigned.map((op) => instruction(`opcode 0x${op.toString(16)}`, op)),
  ...[18, 19, 22, 127, 128, 0xffffffff].map((op) =>
    instruction(`opcode 0xfc ${op}`, 0xfc, ...u32(op)),
  ),
  ...[...unassignedSimd, 0x114, 0x200, 0xffffffff].map((op) =>
    instruction(`opcode 0xfd ${op}`, 0xfd, ...u32(op)),
  ),
  ["section 14", module(section(14, 0)), [14, 1, 0]],
  ["section 127", module(section(127)), [127, 0]],
  ["an import kind", module(imports([name("m"), name("n"), 5, 0])), [name("m"), name("n"), 5]],
  ["an export kind", module(exports([name("m"), 5, 0])), [name("m"), 5]],
  ["a type form", module(types([0x61, 0, 0])), [0x61, 0, 0]],
  ["a value type", module(types([0x60, 1, 0x12, 0])), [0x12]],
  ["memory flags", module(memories([8, 1])), [8, 1]],
  ["table flags", module(tables([funcref, 0x10, 1])), [0x10, 1]],
  ["global flags", module(globals([i32, 4, Op.i32Const, 0, Op.end])), [4, Op.i32Const]],
  ["element flags", module(section(9, 1, 8, 0)), [8, 0]],
  ["data flags", module(section(11, 1, 3, 0)), [3, 0]],
];

describe("what isn't known is refused", () => {
  it.each(unknown)("%s", (_what, bytes, at, before = []) => {
    expect(refusal(bytes)).toMatchObject({
      code: "unknown-opcode",
      offset: offsetOf(bytes, before, at) + flat(before).length,
    });
  });
});

const empty = funcType([], []);
const longName = [0x80, 0x80, 0x80, 0x80, 0x08]; // 2^31 bytes

const broken: [what: string, bytes: Uint8Array, code: AdmissionCode][] = [
  ["no bytes", new Uint8Array(0), "malformed"],
  ["half a header", Uint8Array.from(header.slice(0, 6)), "malformed"],
  ["other magic", Uint8Array.from([1, ...header.slice(1)]), "malformed"],
  ["version 2", Uint8Array.from([...header.slice(0, 4), 2, 0, 0, 0]), "malformed"],
  ["a component", Uint8Array.from([...header.slice(0, 4), 13, 0, 1, 0]), "malformed"],
  ["a section past the end", module([1, 100, 0]), "malformed"],
  ["a section without a size", module([1]), "malformed"],
  ["bytes left in a section", module(section(1, 0, 0)), "malformed"],
  ["a section short of its items", module(section(1, 2, empty)), "malformed"],
  ["a section twice", module(types(empty), types(empty)), "malformed"],
  ["sections out of order", module(functions(), types(empty)), "malformed"],
  ["element behind data count", module(dataCount(0), elements()), "malformed"],
  ["data before code", module(types(empty), functions(0), data(), code(body([]))), "malformed"],
  ["a six-byte LEB", module([1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0]), "malformed"],
  ["a LEB above 32 bits", module([1, 0x81, 0x80, 0x80, 0x80, 0x10, 0]), "malformed"],
  ["a six-byte s32", running([Op.i32Const, 0x80, 0x80, 0x80, 0x80, 0x80, 0, Op.drop]), "malformed"],
  [
    "an s32 above 32 bits",
    running([Op.i32Const, 0xff, 0xff, 0xff, 0xff, 0x17, Op.drop]),
    "malformed",
  ],
  [
    "an s64 above 64 bits",
    running([Op.i64Const, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, Op.drop]),
    "malformed",
  ],
  ["a name past its section", module(section(0, longName)), "malformed"],
  ["a name that is no UTF-8", module(section(0, 2, 0xc3, 0x28)), "malformed"],
  ["a surrogate in a name", module(exports([3, 0xed, 0xa0, 0x80, 0, 0])), "malformed"],
  ["a function without a type", module(functions(0), code(body([]))), "malformed"],
  ["a function without a body", module(types(empty), functions(0)), "malformed"],
  ["a body without a function", module(types(empty), code(body([]))), "malformed"],
  ["an export of no function", module(exports([name("f"), 0, 0])), "malformed"],
  ["an element of no function", module(section(9, 1, 1, 0, 1, 0)), "malformed"],
  ["an element of an unknown kind", module(section(9, 1, 1, 1, 0)), "malformed"],
  ["a start of no function", module(section(8, 0)), "malformed"],
  ["an empty body", module(types(empty), functions(0), section(10, 1, 0)), "malformed"],
  ["a body of locals only", module(types(empty), functions(0), section(10, 1, 1, 0)), "malformed"],
  [
    "a body without an end",
    module(types(empty), functions(0), section(10, 1, 2, 0, 1)),
    "malformed",
  ],
  [
    "a body that goes on",
    module(types(empty), functions(0), section(10, 1, 3, 0, Op.end, Op.nop)),
    "malformed",
  ],
  [
    "a body past its section",
    module(types(empty), functions(0), section(10, 1, 9, 0)),
    "malformed",
  ],
  ["a block that isn't closed", running([Op.block, 0x40]), "malformed"],
  ["a br_table past its body", running([Op.brTable, ...u32(0xffffff), 0]), "malformed"],
  ["an alignment of 2^5", running([Op.i32Const, 0, 0x28, 5, 0, Op.drop]), "malformed"],
  ["a select of two types", running([Op.selectTyped, 2, i32, i32]), "malformed"],
  ["a table of numbers", module(tables([i32, 0, 1])), "malformed"],
  ["a block type that is none", running([Op.block, ...s32(-65, 2), Op.end]), "malformed"],
  ["49,998 locals", running([], [[49_998, i64]]), "too-large"],
  [
    "locals that wrap around",
    running(
      [],
      [
        [0xffffffff, i32],
        [2, i32],
      ],
    ),
    "too-large",
  ],
  [
    "blocks too deep",
    running([
      Array.from({ length: 2000 }, () => [Op.block, 0x40]),
      Array.from({ length: 2000 }, () => Op.end),
    ]),
    "too-large",
  ],
  ["no such local", running([Op.localGet, 0, Op.drop]), "invalid"],
  ["a type error", running([Op.i32Const, 0]), "invalid"],
  ["no such label", running([Op.br, 7]), "invalid"],
  ["no such block type", running([Op.block, s32(77), Op.end]), "invalid"],
  [
    "no such type for an indirect call",
    running([Op.i32Const, 0, Op.callIndirect, 77, 0]),
    "invalid",
  ],
  ["no such function called", running([Op.call, 77]), "invalid"],
  [
    "a start with parameters",
    module(types(funcType([i32], [])), functions(0), section(8, 0), code(body([]))),
    "invalid",
  ],
  ["an undeclared ref.func", running([Op.refFunc, 0, Op.drop, Op.refFunc, 1, Op.drop]), "invalid"],
  [
    "an if in an initialiser",
    module(globals([i32, 0, Op.i32Const, 1, Op.if_, 0x40, Op.end, Op.end])),
    "malformed",
  ],
  [
    "a sum in an initialiser",
    module(globals([i32, 0, Op.i32Const, 1, Op.i32Const, 1, Op.i32Eq, Op.end])),
    "invalid",
  ],
];

describe("what isn't a module is refused", () => {
  it.each(broken)("%s", (_what, bytes, code_) => {
    const error = refusal(bytes);
    expect(error.code).toBe(code_);
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
  });

  it("at every length that a module may be cut to", () => {
    const full = running(
      [
        [Op.i32Const, ...s32(70_000), 0x28, 2, ...u32(100_000), Op.drop],
        [Op.i64Const, ...s32(-5, 5), Op.drop, 0x43, 0, 0, 0, 0, Op.drop],
        [0xfd, 12, ...Array<number>(16).fill(0), 0xfd, 0x1b, 0, Op.drop],
        [Op.block, 0x40, Op.i32Const, 0, Op.brTable, 2, 0, 1, 0, Op.end],
        [Op.i32Const, 0, Op.callIndirect, 0, 0],
      ],
      [[300, v128]],
    );
    expect(admit(full)).toBeDefined();
    const admitted: number[] = [];
    for (let length = 0; length < full.length; length++) {
      try {
        admit(full.subarray(0, length));
        admitted.push(length);
      } catch (error) {
        expect(error).toMatchObject({ name: "AdmissionError", code: "malformed" });
      }
    }
    // The empty module, and the one with types only.
    expect(admitted).toEqual([8, 8 + 6]);
  });
});

/** One module with every integer padded to its longest form. */
function padded(): Uint8Array {
  const wide = (value: number): number[] => u32(value, 5);
  const wideSection = (id: number, ...content: Bytes[]): number[] => {
    const bytes = flat(content);
    return [id, ...wide(bytes.length), ...bytes];
  };
  const wideName = (text: string): number[] => [...wide(text.length), ...flat(text)];
  const long64 = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]; // -2
  const codeBytes = flat(
    [Op.block, 0x80, 0x80, 0x80, 0x80, 0x00, Op.localGet, wide(0), Op.end],
    [Op.i32Const, s32(-7, 5), Op.i32Add],
    [Op.i64Const, long64, 0xa7, Op.i32Add],
    [Op.i32Const, s32(0, 5), 0x28, wide(2), wide(8), Op.i32Add],
    [Op.block, 0x40, Op.loop, 0x40, Op.localGet, wide(0), Op.brIf, wide(1), Op.end, Op.end],
    [Op.localSet, wide(1)],
    [Op.i32Const, 0, Op.callIndirect, wide(0), wide(0), Op.localGet, wide(1), Op.i32Add],
    Op.end,
  );
  const content = flat(wide(1), wide(1), i32, codeBytes);
  return module(
    custom("", 1, 2, 3),
    wideSection(1, wide(2), [0x60, wide(0), wide(1), i32], [0x60, wide(1), i32, wide(1), i32]),
    wideSection(3, wide(2), wide(0), wide(1)),
    wideSection(4, wide(1), funcref, 1, wide(1), wide(2)),
    custom("\ufeffname", 0),
    wideSection(5, wide(1), 0, wide(1)),
    wideSection(6, wide(1), i64, 1, Op.i64Const, long64, Op.end),
    wideSection(7, wide(1), wideName("run"), 0, wide(1)),
    wideSection(9, wide(1), wide(0), Op.i32Const, s32(0, 5), Op.end, wide(1), wide(0)),
    wideSection(12, wide(1)),
    wideSection(10, wide(2), body([Op.i32Const, 9]), wide(content.length), content),
    wideSection(11, wide(1), wide(0), Op.i32Const, s32(8, 5), Op.end, wide(4), [5, 0, 0, 0]),
  );
}

describe("what is odd but valid is admitted", () => {
  const odd: [what: string, bytes: Uint8Array][] = [
    ["the empty module", module()],
    [
      "every section empty",
      module(
        [1, 2, 3, 4, 5, 6, 7, 9].map((id) => section(id, 0)),
        dataCount(0),
        section(10, 0),
        section(11, 0),
      ),
    ],
    ["custom sections only", module(custom("a"), custom("a"), custom("", [0xff]))],
    ["a broken name section", module(custom("name", [1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]))],
    ["a name section with a padded name", module(section(0, u32(4, 3), "name", [0, 2, 1], "m"))],
    ["a memory without pages", module(memories([0, 0]))],
    ["a memory of a maximum of none", module(memories([1, 0, 0]))],
    ["two tables, one of externref", module(tables([funcref, 0, 0], [externref, 1, 0, 0]))],
    ["49,997 locals", running([], [[49_997, i64]])],
    [
      "runs of no locals",
      running(
        [],
        Array.from({ length: 500 }, () => [0, f32] as const),
      ),
    ],
    [
      "999 blocks deep",
      running([
        Array.from({ length: 999 }, () => [Op.loop, 0x40]),
        Array.from({ length: 999 }, () => Op.end),
      ]),
    ],
    [
      "a long br_table",
      running([Op.i32Const, 0, Op.brTable, u32(65_000), Array<number>(65_001).fill(0)]),
    ],
    ["all of SIMD", running(everySimd())],
    ["every integer in its longest form", padded()],
  ];
  it.each(odd)("%s", (_what, bytes) => {
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    const metered = meter(admit(bytes));
    verify(metered.bytes);
    expect(WebAssembly.validate(metered.bytes as BufferSource)).toBe(true);
  });
});

describe("integers in their longest form", () => {
  it("run as ever", async () => {
    const script = await new ScriptRuntime({ linker: new Linker() }).load(padded(), { name: "p" });
    // block's parameter - 7 - 2 + the data's 5, and 9 from the indirect call.
    expect(script.call("run", 100)).toMatchObject({ ok: true, value: 100 - 7 - 2 + 5 + 9 });
  });
});

/** Every SIMD opcode that there is, in code that can't be reached. */
function everySimd(): Bytes {
  const all: Bytes[] = [Op.unreachable];
  for (let op = 0; op <= 0xff; op++) {
    if (unassignedSimd.includes(op)) continue;
    const bytes: number[] = [0xfd, ...u32(op)];
    if (op <= 11 || op === 92 || op === 93) bytes.push(0, 0);
    else if (op === 12) bytes.push(...Array<number>(16).fill(1));
    else if (op === 13) bytes.push(...Array<number>(16).fill(31));
    else if (op >= 21 && op <= 34) bytes.push(0);
    else if (op >= 84 && op <= 91) bytes.push(0, 0, 0);
    all.push([Op.block, 0x40, Op.unreachable, bytes, Op.unreachable, Op.end]);
  }
  return all;
}
