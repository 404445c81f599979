import { Op } from "../../scripting/wasm/op.ts";
import {
  type Bytes,
  body,
  code,
  elements,
  exports,
  flat,
  funcref,
  funcType,
  functions,
  globals,
  i32,
  imports,
  memories,
  module,
  name,
  s32,
  tables,
  types,
  u32,
} from "../wasm/assemble.ts";

/** One instruction of a structured program over i32. */
export type Instruction =
  | { readonly op: "const" | "local.get" | "local.set" | "local.tee"; readonly value: number }
  | { readonly op: "global.get" | "global.set"; readonly value: number }
  | { readonly op: Plain }
  | { readonly op: "br" | "br_if"; readonly label: number }
  | { readonly op: "br_table"; readonly labels: readonly number[] }
  | { readonly op: "call" | "return_call"; readonly callee: number }
  | { readonly op: "call_indirect" | "return_call_indirect"; readonly type: Signature }
  | {
      readonly op: "block" | "loop";
      readonly type: Signature;
      readonly body: readonly Instruction[];
    }
  | {
      readonly op: "if";
      readonly type: Signature;
      readonly body: readonly Instruction[];
      readonly otherwise: readonly Instruction[] | undefined;
    };

/** Instructions without an immediate, or with one that is always the same. */
export const plain = {
  nop: [Op.nop],
  drop: [Op.drop],
  select: [Op.select],
  return: [Op.return_],
  unreachable: [Op.unreachable],
  eqz: [Op.i32Eqz],
  eq: [Op.i32Eq],
  lt_s: [Op.i32LtS],
  lt_u: [Op.i32LtU],
  add: [Op.i32Add],
  sub: [Op.i32Sub],
  mul: [0x6c],
  div_u: [0x6e],
  and: [0x71],
  xor: [0x73],
  shr_u: [Op.i32ShrU],
  load: [0x28, 2, 0],
  store: [0x36, 2, 0],
  "memory.size": [Op.memorySize, 0],
  "memory.grow": [Op.memoryGrow, 0],
  "memory.fill": [0xfc, 11, 0],
  "memory.copy": [0xfc, 10, 0, 0],
} as const;
export type Plain = keyof typeof plain;

/** Numbers of i32 that a function or block takes and gives. */
export interface Signature {
  readonly params: number;
  readonly results: number;
}

export interface ProgramFunction extends Signature {
  /** Declared locals, parameters not included. */
  readonly locals: number;
  readonly body: readonly Instruction[];
}

/** The host functions of every program, with their prices in fuel. */
export const hostFunctions = [
  { name: "tick", params: 1, results: 1, price: 7 },
  { name: "note", params: 0, results: 0, price: 30 },
] as const;

/** A module: `hostFunctions`, then its own, the first one exported as `run`. */
export interface Program {
  readonly functions: readonly ProgramFunction[];
  /** Function indices, host functions counted first; the table's entries. */
  readonly table: readonly number[];
}

export const globalCount = 2;
export const memoryPages = 1;
export const maxMemoryPages = 3;

/** The signature of a function index. */
export function signatureOf(program: Program, index: number): Signature {
  const own = program.functions[index - hostFunctions.length];
  return own ?? (hostFunctions[index] as Signature);
}

/** The program as a module's bytes. */
export function assemble(program: Program): Uint8Array {
  const typeOf = new Map<string, number>();
  const typeList: Bytes[] = [];
  const typeIndex = (s: Signature): number => {
    const key = `${s.params}>${s.results}`;
    let index = typeOf.get(key);
    if (index === undefined) {
      index = typeList.length;
      typeList.push(
        funcType(Array<number>(s.params).fill(i32), Array<number>(s.results).fill(i32)),
      );
      typeOf.set(key, index);
    }
    return index;
  };
  const blockType = (s: Signature): number[] => {
    if (s.params === 0 && s.results === 0) return [0x40];
    if (s.params === 0 && s.results === 1) return [i32];
    return s32(typeIndex(s));
  };
  const write = (list: readonly Instruction[]): Bytes => list.map((i) => one(i));
  const one = (i: Instruction): Bytes => {
    switch (i.op) {
      case "const":
        return [Op.i32Const, s32(i.value)];
      case "local.get":
        return [Op.localGet, u32(i.value)];
      case "local.set":
        return [Op.localSet, u32(i.value)];
      case "local.tee":
        return [Op.localTee, u32(i.value)];
      case "global.get":
        return [Op.globalGet, u32(i.value)];
      case "global.set":
        return [Op.globalSet, u32(i.value)];
      case "br":
        return [Op.br, u32(i.label)];
      case "br_if":
        return [Op.brIf, u32(i.label)];
      case "br_table":
        return [Op.brTable, u32(i.labels.length - 1), i.labels.map((l) => u32(l))];
      case "call":
        return [Op.call, u32(i.callee)];
      case "return_call":
        return [Op.returnCall, u32(i.callee)];
      case "call_indirect":
        return [Op.callIndirect, u32(typeIndex(i.type)), 0];
      case "return_call_indirect":
        return [Op.returnCallIndirect, u32(typeIndex(i.type)), 0];
      case "block":
        return [Op.block, blockType(i.type), write(i.body), Op.end];
      case "loop":
        return [Op.loop, blockType(i.type), write(i.body), Op.end];
      case "if": {
        const otherwise = i.otherwise === undefined ? [] : [Op.else_, write(i.otherwise)];
        return [Op.if_, blockType(i.type), write(i.body), otherwise, Op.end];
      }
      default:
        return plain[i.op];
    }
  };
  const importList = hostFunctions.map((h) => [name("h"), name(h.name), 0, u32(typeIndex(h))]);
  const functionTypes = program.functions.map((f) => typeIndex(f));
  const bodies = program.functions.map((f) => body(write(f.body), [[f.locals, i32]]));
  const globalList = Array.from({ length: globalCount }, () => [i32, 1, Op.i32Const, 0, Op.end]);
  const tableSize = u32(program.table.length);
  const entries = program.table.map((f) => u32(f));
  return module(
    types(...typeList),
    imports(...importList),
    functions(...functionTypes),
    tables([funcref, 1, tableSize, tableSize]),
    memories([1, memoryPages, maxMemoryPages]),
    globals(...globalList),
    exports(
      [name("run"), 0, u32(hostFunctions.length)],
      [name("memory"), 2, 0],
      ...globalList.map((_, i) => [name(`g${i}`), 3, u32(i)]),
    ),
    elements([0, Op.i32Const, 0, Op.end, flat(tableSize, entries)]),
    code(...bodies),
  );
}
