import type { AdmissionCode } from "../../scripting/index.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { wasm } from "../metering/harness.ts";
import {
  type Bytes,
  body,
  code,
  custom,
  exports,
  flat,
  funcType,
  functions,
  header,
  i32,
  imports,
  memories,
  module,
  name,
  section,
  types,
  u32,
} from "../wasm/assemble.ts";

/** A module that nobody should run, and how admission refuses it. */
export interface RefusedModule {
  readonly what: string;
  readonly bytes: () => Uint8Array;
  readonly code: AdmissionCode;
}

const nothing = funcType([], []);
const huge = 0xffff_ffff;

function bytes(...parts: Bytes[]): Uint8Array {
  return Uint8Array.from(flat(...parts));
}

/** One function with that code. */
function running(...instructions: Bytes[]): Uint8Array {
  return module(types(nothing), functions(0), code(body([...instructions])));
}

function text(what: string, source: string, code: AdmissionCode): RefusedModule {
  return { what, bytes: () => wasm(source), code };
}

export const refusedModules: readonly RefusedModule[] = [
  { what: "no bytes at all", bytes: () => bytes(), code: "malformed" },
  { what: "half a header", bytes: () => bytes(0, 0x61, 0x73, 0x6d, 1), code: "malformed" },
  { what: "JavaScript", bytes: () => bytes("while (true) {}"), code: "malformed" },
  {
    what: "a component instead of a module",
    bytes: () => bytes(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0),
    code: "malformed",
  },
  {
    what: "a section that goes on behind the end",
    bytes: () => bytes(header, 1, u32(1_000_000), 0),
    code: "malformed",
  },
  {
    what: "a section of 4 GiB",
    bytes: () => bytes(header, 1, u32(huge), 0),
    code: "malformed",
  },
  {
    what: "sections out of order",
    bytes: () => module(functions(), types(nothing)),
    code: "malformed",
  },
  {
    what: "a section twice",
    bytes: () => module(types(nothing), types(nothing)),
    code: "malformed",
  },
  {
    what: "a section of no known kind",
    bytes: () => module(section(99, 0)),
    code: "unknown-opcode",
  },
  {
    what: "four thousand million types in five bytes",
    bytes: () => module(section(1, u32(huge))),
    code: "malformed",
  },
  {
    what: "four thousand million functions in five bytes",
    bytes: () => module(types(nothing), section(3, u32(huge))),
    code: "malformed",
  },
  {
    what: "four thousand million imports in five bytes",
    bytes: () => module(section(2, u32(huge))),
    code: "malformed",
  },
  {
    what: "four thousand million locals in eight bytes",
    bytes: () => module(types(nothing), functions(0), code(u32(8), 1, u32(huge), i32, Op.end)),
    code: "too-large",
  },
  {
    what: "locals in many runs that add up to as many",
    bytes: () => {
      const runs = Array.from({ length: 100 }, () => [0x7fff_ffff, i32] as const);
      return module(types(nothing), functions(0), code(body([Op.nop], runs)));
    },
    code: "too-large",
  },
  {
    what: "more locals than an engine and the meter have room for",
    bytes: () => module(types(nothing), functions(0), code(body([Op.nop], [[50_000, i32]]))),
    code: "too-large",
  },
  {
    what: "blocks nested a hundred thousand deep",
    bytes: () => running(Array.from({ length: 100_000 }, () => [Op.block, 0x40])),
    code: "too-large",
  },
  {
    what: "a branch table of two thousand million labels",
    bytes: () => running(Op.i32Const, 0, Op.brTable, u32(0x7fff_ffff), 0),
    code: "malformed",
  },
  {
    what: "an integer of six bytes",
    bytes: () => running(Op.i32Const, 0x80, 0x80, 0x80, 0x80, 0x80, 0, Op.drop),
    code: "malformed",
  },
  {
    what: "a function without an end",
    bytes: () => module(types(nothing), functions(0), code(u32(2), 0, Op.nop)),
    code: "malformed",
  },
  {
    what: "code behind a function's end",
    bytes: () => running(Op.end, Op.nop),
    code: "malformed",
  },
  {
    what: "an opcode that nobody knows",
    bytes: () => running(0x27),
    code: "unknown-opcode",
  },
  {
    what: "a function larger than functionBytes",
    bytes: () => running(Array.from({ length: 300_000 }, () => Op.nop)),
    code: "too-large",
  },
  {
    what: "a module larger than moduleBytes",
    bytes: () => module(custom("filler", new Uint8Array(5 << 20))),
    code: "too-large",
  },
  {
    what: "fewer bodies than functions",
    bytes: () => module(types(nothing), functions(0, 0), code(body([Op.nop]))),
    code: "malformed",
  },
  {
    what: "a name that is no UTF-8",
    bytes: () => module(types(nothing), imports([u32(2), 0xc3, 0x28, name("f"), 0, 0])),
    code: "malformed",
  },
  {
    what: "an import whose name goes on behind the module",
    bytes: () => module(types(nothing), section(2, u32(1), u32(huge), "a")),
    code: "malformed",
  },
  {
    what: "a thousand and one imports",
    bytes: () =>
      module(
        types(nothing),
        imports(...Array.from({ length: 1_001 }, (_, i) => [name("m"), name(`f${i}`), 0, 0])),
      ),
    code: "too-large",
  },
  {
    what: "ten thousand and one exports",
    bytes: () =>
      module(
        memories([0, 1]),
        exports(...Array.from({ length: 10_001 }, (_, i) => [name(`m${i}`), 2, 0])),
      ),
    code: "too-large",
  },
  {
    what: "a megabyte of custom sections of three bytes",
    bytes: () => module(Array.from({ length: 350_000 }, () => [0, 1, 0])),
    code: "too-large",
  },
  text("more memory than it may ever have", "(module (memory 65536))", "too-large"),
  text("a table of four thousand million", "(module (table 4294967295 funcref))", "too-large"),
  text(
    "tables filled over and over when it is made",
    `(module (table 100 funcref) (func $f) ${"(elem (i32.const 0) $f $f $f $f $f $f $f $f $f $f)".repeat(1_001)})`,
    "too-large",
  ),
  text(
    "an export that takes the meter's name",
    `(module (func (export "fusewire:fuel")))`,
    "reserved-name",
  ),
  text(
    "an export that takes the meter's name and goes on for long",
    `(module (func (export "fusewire:${"x".repeat(100_000)}")))`,
    "reserved-name",
  ),
  text(
    "an export twice, of a long name",
    `(module (func $f) (export "${"x".repeat(100_000)}" (func $f)) (export "${"x".repeat(100_000)}" (func $f)))`,
    "invalid",
  ),
  text(
    "an import of the meter's refill",
    `(module (import "fusewire:meter" "refill" (func (param i32) (result i32))))`,
    "reserved-name",
  ),
  text(
    "an import that begins like the meter's names",
    `(module (import "env" "fusewire:stop" (global (mut i32))))`,
    "reserved-name",
  ),
  {
    what: "a start that takes arguments",
    bytes: () =>
      module(types(funcType([i32], [])), functions(0), section(8, 0), code(body([Op.nop]))),
    code: "invalid",
  },
  {
    what: "one export name twice",
    bytes: () =>
      module(
        types(nothing),
        functions(0),
        exports([name("a"), 0, 0], [name("a"), 0, 0]),
        code(body([Op.nop])),
      ),
    code: "invalid",
  },
  { what: "values that aren't on the stack", bytes: () => running(Op.drop), code: "invalid" },
  {
    what: "a local that it hasn't, where the meter's will be",
    bytes: () => running(Op.localGet, 0, Op.drop),
    code: "invalid",
  },
  {
    what: "a global that it hasn't, where the meter's will be",
    bytes: () => running(Op.i32Const, 0, Op.globalSet, 0),
    code: "invalid",
  },
  {
    what: "a call of a function that it hasn't, where the meter's will be",
    bytes: () => running(Op.call, 1),
    code: "invalid",
  },
  {
    what: "threads",
    bytes: () => module(types(nothing), memories([3, 1, 1])),
    code: "denied-feature",
  },
  { what: "two memories", bytes: () => module(memories([0, 1], [0, 1])), code: "denied-feature" },
  { what: "a memory of 64 bits", bytes: () => module(memories([4, 1])), code: "denied-feature" },
  { what: "exceptions", bytes: () => running(0x06, 0x40, Op.end), code: "denied-feature" },
  { what: "a catch for everything", bytes: () => running(0x19), code: "denied-feature" },
  { what: "a struct", bytes: () => running(0xfb, 0), code: "denied-feature" },
  { what: "an atomic instruction", bytes: () => running(0xfe, 0), code: "denied-feature" },
];
