import { InstructionCursor } from "../wasm/instructions.ts";
import type { Body, WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";

/** What a value on the stack is known to be. */
const other = 0;
/** A variable that it was given to at some place. */
const likelyParameter = 1;
const firstParameter = 2;
/** What the first imported function has given; those of the others come behind it. */
const firstResult = 3;

/** A block that is open. */
interface Frame {
  /** Of the stack below its parameters. */
  readonly height: number;
  readonly params: number;
  readonly results: number;
}

/** Where a function's calls of some imports get their first argument from. */
export interface OwnSites {
  /** Offsets of calls for which that is the function's own first parameter: for certain, or likely. */
  readonly certain: ReadonlySet<number>;
  readonly likely: ReadonlySet<number>;
  /** By the import that is likely to have given it: how many such calls there are. */
  readonly linked: ReadonlyMap<number, number>;
}

/**
 * Where a function calls one of some imports with its first parameter as the first argument; for certain only where
 * it never writes that. What is neither certain nor likely may be such a call, too.
 * @param isWanted which imports.
 * @param links which imports give what others are called with, of which it is told how often.
 */
export function ownSites(
  module: WasmModule,
  f: number,
  isWanted: (importIndex: number) => boolean,
  links: (importIndex: number) => boolean,
): OwnSites {
  const copies = new Map<number, number>();
  for (;;) {
    const known = copies.size;
    const sites = findOwnSites(module, f, isWanted, links, copies);
    if (copies.size === known) return sites;
  }
}

/** @param copies what variables are given at some place; what is found is added. */
function findOwnSites(
  module: WasmModule,
  f: number,
  isWanted: (importIndex: number) => boolean,
  links: (importIndex: number) => boolean,
  copies: Map<number, number>,
): OwnSites {
  const certain = new Set<number>();
  const likely = new Set<number>();
  const linked = new Map<number, number>();
  const sites = { certain, likely, linked };
  const { codeStart, end } = module.bodies[f] as Body;
  const cursor = new InstructionCursor(module.bytes);
  cursor.seek(codeStart, end);
  const stack: number[] = [];
  const frames: Frame[] = [];
  // Code behind a jump has whatever on its stack: it is passed over up to the end of its block.
  let dead = 0;
  const pop = (count: number): void => {
    stack.length = Math.max(0, stack.length - count);
  };
  const push = (count: number): void => {
    for (let n = 0; n < count; n++) stack.push(other);
  };
  const settle = (height: number): void => {
    if (stack.length > height) stack.length = height;
    push(height - stack.length);
  };
  const beginElse = (): void => {
    const frame = frames.at(-1);
    stack.length = Math.min(stack.length, frame?.height ?? 0);
    push(frame?.params ?? 0);
  };
  while (!cursor.done) {
    cursor.next();
    const { op, a } = cursor;
    if (dead > 0) {
      if (op === Op.block || op === Op.loop || op === Op.if_) dead++;
      else if (op === Op.end && dead-- === 1) {
        const frame = frames.pop();
        if (frame === undefined) break;
        settle(frame.height + frame.results);
      } else if (op === Op.else_ && dead === 1) {
        beginElse();
        dead = 0;
      }
      continue;
    }
    switch (op) {
      case Op.localGet:
        stack.push(a === 0 ? firstParameter : (copies.get(a) ?? other));
        break;
      case Op.localSet:
      case Op.localTee: {
        const value = stack.at(-1) ?? other;
        if (value !== other && !copies.has(a)) {
          copies.set(a, value === firstParameter ? likelyParameter : value);
        }
        if (op === Op.localSet) pop(1);
        break;
      }
      case Op.block:
      case Op.loop:
      case Op.if_: {
        if (op === Op.if_) pop(1);
        const { params, results } = blockShape(module, a);
        frames.push({ height: Math.max(0, stack.length - params), params, results });
        break;
      }
      case Op.else_:
        beginElse();
        break;
      case Op.end: {
        const frame = frames.pop();
        if (frame !== undefined) settle(frame.height + frame.results);
        break;
      }
      case Op.br:
      case Op.brTable:
      case Op.return_:
      case Op.unreachable:
      case Op.returnCall:
      case Op.returnCallIndirect:
        dead = 1;
        break;
      case Op.call: {
        const type = module.types[module.functionTypes[a] as number];
        const params = type?.params.length ?? 0;
        const first = stack[stack.length - params];
        if (isWanted(a) && first === firstParameter) certain.add(cursor.start);
        if (isWanted(a) && first === likelyParameter) likely.add(cursor.start);
        if (isWanted(a) && first !== undefined && first >= firstResult) {
          const link = first - firstResult;
          linked.set(link, (linked.get(link) ?? 0) + 1);
        }
        pop(params);
        if (links(a)) stack.push(firstResult + a);
        else push(type?.results.length ?? 0);
        break;
      }
      case Op.callIndirect: {
        const type = module.types[a];
        pop(1 + (type?.params.length ?? 0));
        push(type?.results.length ?? 0);
        break;
      }
      default: {
        const effect = effectOf(op);
        if (effect === undefined) return sites;
        pop(effect >> 4);
        push(effect & 15);
      }
    }
  }
  return sites;
}

/** Block types are -64 for nothing, other negative numbers for one result, else the index of a function type. */
function blockShape({ types }: WasmModule, type: number): { params: number; results: number } {
  if (type === -64) return { params: 0, results: 0 };
  if (type < 0) return { params: 0, results: 1 };
  const { params = [], results = [] } = types[type] ?? {};
  return { params: params.length, results: results.length };
}

/** How many values an instruction takes, times 16, and how many it gives; undefined where that isn't known here. */
function effectOf(op: number): number | undefined {
  const [none, constant, unary, binary, store] = [0x00, 0x01, 0x11, 0x21, 0x20];
  if (op >= 0x28 && op <= 0x35) return unary;
  if (op >= 0x36 && op <= 0x3e) return store;
  if (op >= Op.i32Const && op <= Op.f64Const) return constant;
  if (op === Op.i32Eqz || op === 0x50) return unary;
  if (op >= 0x46 && op <= 0x66) return binary;
  if ((op >= 0x67 && op <= 0x69) || (op >= 0x79 && op <= 0x7b)) return unary;
  if ((op >= 0x6a && op <= 0x78) || (op >= 0x7c && op <= 0x8a)) return binary;
  if ((op >= 0x8b && op <= 0x91) || (op >= 0x99 && op <= 0x9f)) return unary;
  if ((op >= 0x92 && op <= 0x98) || (op >= 0xa0 && op <= 0xa6)) return binary;
  if (op >= 0xa7 && op <= 0xc4) return unary;
  // Saturating conversions.
  if (op >= 0xfc0000 && op <= 0xfc0007) return unary;
  switch (op) {
    case Op.nop:
      return none;
    case Op.drop:
    case Op.globalSet:
    case Op.brIf:
      return 0x10;
    case Op.memoryGrow:
      return unary;
    case Op.globalGet:
    case Op.memorySize:
      return constant;
    case Op.select:
    case Op.selectTyped:
      return 0x31;
    case Op.memoryCopy:
    case Op.memoryFill:
      return 0x30;
    default:
      return undefined;
  }
}
