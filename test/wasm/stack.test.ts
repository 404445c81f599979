import { describe, expect, it } from "vitest";
import { compileAssembly } from "../../scripting/core/source.ts";
import { Immediate, Op } from "../../scripting/wasm/op.ts";
import { immediates, unassignedSimdOpcodes } from "../../scripting/wasm/opcodes.ts";
import {
  body,
  code,
  dataCount,
  elements,
  f32,
  f64,
  funcref,
  funcType,
  functions,
  globals,
  i32,
  i64,
  memories,
  module,
  section,
  tables,
  types,
  u32,
  v128,
} from "./assemble.ts";

const core = new WebAssembly.Instance(
  new WebAssembly.Module(await compileAssembly("test/wasm/stack.as.ts")),
);
const { shortDelta, prefixedDelta } = core.exports as unknown as {
  shortDelta(op: number): number;
  prefixedDelta(op: number): number;
};

const valTypes = [i32, i64, f32, f64, v128, funcref];
const signatures: number[][] = [[]];
for (const list of signatures) {
  if (list.length < 3) for (const t of valTypes) signatures.push([...list, t]);
}

/** Whether the engine takes the instruction for a function of these parameters and this result. */
function accepts(
  instruction: readonly number[],
  params: readonly number[],
  results: readonly number[],
): boolean {
  const bytes = module(
    types(funcType(params, results)),
    functions(0),
    tables([funcref, 0, 1]),
    memories([0, 1]),
    globals([i32, 1, Op.i32Const, 0, Op.end]),
    elements([1, 0, 1, 0]),
    dataCount(1),
    code(body([params.map((_, i) => [Op.localGet, i]), instruction], [[1, i32]])),
    section(11, 1, 1, 0),
  );
  return WebAssembly.validate(bytes as BufferSource);
}

/** The change of the stack's height, found by trying. */
function deltaOf(instruction: readonly number[]): number | undefined {
  for (const params of signatures) {
    if (accepts(instruction, params, [])) return 0 - params.length;
    for (const result of valTypes) {
      if (accepts(instruction, params, [result])) return 1 - params.length;
    }
  }
  return undefined;
}

function immediateOf(op: number): number[] {
  switch (immediates[op]) {
    case Immediate.memoryAccess:
      return [0, 0];
    case Immediate.memoryIndex:
    case Immediate.index:
    case Immediate.i32:
    case Immediate.i64:
      return [0];
    case Immediate.f32:
      return [0, 0, 0, 0];
    case Immediate.f64:
      return [0, 0, 0, 0, 0, 0, 0, 0];
    case Immediate.refType:
      return [funcref];
    default:
      return [];
  }
}

describe("the height of the operand stack", () => {
  const control = new Set<number>([
    ...[Op.unreachable, Op.block, Op.loop, Op.if_, Op.else_, Op.end, Op.br, Op.brIf, Op.brTable],
    ...[Op.return_, Op.call, Op.callIndirect, Op.returnCall, Op.returnCallIndirect],
    Op.selectTyped,
  ]);
  const plain = Array.from({ length: 0x100 }, (_, op) => op).filter(
    (op) => (immediates[op] as number) < Immediate.prefixFc && !control.has(op),
  );
  it.each(plain)("after opcode %i", (op) => {
    const locals = op >= Op.localGet && op <= Op.localTee;
    // The last local is an i32 of the function's own.
    const found = locals
      ? { [Op.localGet]: 1, [Op.localSet]: -1, [Op.localTee]: 0 }[op]
      : deltaOf([op, ...immediateOf(op)]);
    expect(shortDelta(op)).toBe(found);
  });

  it.each(Array.from({ length: 18 }, (_, op) => op))("after opcode 0xfc %i", (op) => {
    const two = [8, 10, 12, 14].includes(op);
    const none = op < 8;
    const delta = deltaOf([0xfc, op, ...(none ? [] : two ? [0, 0] : [0])]);
    expect(prefixedDelta(0xfc0000 | op)).toBe(delta);
  });

  it("after every SIMD opcode", () => {
    for (let op = 0; op < 0x100; op++) {
      const bytes = [0xfd, ...u32(op)];
      const access = op <= 11 || op === 92 || op === 93 || (op >= 84 && op <= 91);
      if (access) bytes.push(0, 0);
      if (op === 12 || op === 13) bytes.push(...Array<number>(16).fill(0));
      if ((op >= 21 && op <= 34) || (op >= 84 && op <= 91)) bytes.push(0);
      const delta = deltaOf(bytes);
      expect(delta === undefined).toBe(unassignedSimdOpcodes.has(op));
      if (delta !== undefined) expect([op, prefixedDelta(0xfd0000 | op)]).toEqual([op, delta]);
    }
  });
});
