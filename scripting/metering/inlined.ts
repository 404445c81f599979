import { isLoad, isStore } from "../wasm/accesses.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import { type FuncType, readLocalRuns } from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import * as sequences from "./sequences.ts";
import { steadyCost } from "./steady.ts";

/** Longer bodies make up for a call by themselves. In bytes. */
const mostBytes = 4_096;
const mostLocals = 64;
const noResult = 0x40;
/** Bytes of the widest access. */
const widest = 8;

const zeros: ReadonlyMap<number, readonly number[]> = new Map([
  [ValType.i32, [Op.i32Const, 0]],
  [ValType.i64, [Op.i64Const, 0]],
  [ValType.f32, [Op.f32Const, 0, 0, 0, 0]],
  [ValType.f64, [Op.f64Const, 0, 0, 0, 0, 0, 0, 0, 0]],
]);

/** Addresses that a driven function may access without leaving memory. */
export interface DrivenAddresses {
  /** Those of its parameters that are such: the driver hands them over. */
  readonly firstParameter: number;
  readonly parameters: number;
  /** Bytes that memory has at least. */
  readonly bytes: number;
}

/** A piece of a function that stands in another one, too: where it begins in the latter, and in its own. */
export interface InlinedPiece {
  readonly at: number;
  readonly from: number;
}

/**
 * A metered function's body, to stand in its driver in place of a call: engines that don't inline spend as long on a call
 * as on what small functions do.
 */
export class InlinedBody {
  /** Types of its locals, its parameters first. */
  readonly locals: readonly number[];
  /** Whether it can trap in calls and at `unreachable` only, so that it is enough to tell there where it is. */
  readonly trapsInCalls: boolean;
  readonly #bytes: Uint8Array;
  readonly #codeStart: number;
  readonly #end: number;
  readonly #params: number;
  readonly #result: number;

  private constructor(
    bytes: Uint8Array,
    codeStart: number,
    end: number,
    { params, results }: FuncType,
    declared: readonly number[],
    addresses: DrivenAddresses,
  ) {
    this.#bytes = bytes;
    this.#codeStart = codeStart;
    this.#end = end;
    this.#params = params.length;
    this.#result = results[0] ?? noResult;
    this.locals = [...params, ...declared];
    this.trapsInCalls = this.#trapsInCalls(addresses);
  }

  /**
   * The body at `[start, end)`, its locals included, of a function of a type.
   * @param addresses that are within memory.
   * @returns undefined for one that is long, or can't stand in another function.
   */
  static of(
    bytes: Uint8Array,
    start: number,
    end: number,
    type: FuncType,
    addresses: DrivenAddresses,
  ): InlinedBody | undefined {
    if (end - start > mostBytes || type.results.length > 1) return undefined;
    const reader = new ByteReader(bytes, start, end);
    const runs = readLocalRuns(reader);
    // A hostile count isn't made a list of.
    if (runs.reduce((sum, [count]) => sum + count, 0) > mostLocals) return undefined;
    const body = new InlinedBody(
      bytes,
      reader.offset,
      end,
      type,
      runs.flatMap(repeated),
      addresses,
    );
    if (body.locals.some((valType) => !zeros.has(valType))) return undefined;
    const cursor = body.#cursor();
    while (!cursor.done) {
      cursor.next();
      if (cursor.op === Op.returnCall || cursor.op === Op.returnCallIndirect) return undefined;
    }
    return body;
  }

  /**
   * Writes it behind its arguments, which are on the stack; its result, if it has one, is there behind it.
   * @param callee the function that it is of, which the code says: whoever verifies it compares the two.
   * @param first where its locals begin among those of the function that it is written to.
   * @param tell writes what is to be done before each call, and before each `unreachable`; nothing by default.
   * @returns its pieces, in order; positions are those in `out`, and in the bytes that it is of.
   */
  write(out: ByteWriter, callee: number, first: number, tell?: () => void): InlinedPiece[] {
    const { locals } = this;
    sequences.constant(out, callee);
    out.byte(Op.drop);
    for (let n = this.#params - 1; n >= 0; n--) sequences.set(out, first + n);
    for (let n = this.#params; n < locals.length; n++) {
      for (const byte of zeros.get(locals[n] as number) as readonly number[]) out.byte(byte);
      sequences.set(out, first + n);
    }
    out.byte(Op.block);
    out.byte(this.#result);
    const pieces: InlinedPiece[] = [];
    const cursor = this.#cursor();
    let copied = this.#codeStart;
    let depth = 0;
    const copyUpTo = (end: number): void => {
      if (end > copied) {
        pieces.push({ at: out.length, from: copied });
        out.copy(this.#bytes, copied, end);
      }
      copied = cursor.end;
    };
    while (!cursor.done) {
      cursor.next();
      const { op, a, start } = cursor;
      if (op === Op.localGet || op === Op.localSet || op === Op.localTee) {
        copyUpTo(start);
        out.pair(op, first + a);
      } else if (op === Op.return_) {
        copyUpTo(start);
        out.pair(Op.br, depth);
      } else if (tell !== undefined && isTold(op)) {
        copyUpTo(start);
        copied = start;
        tell();
      } else if (op === Op.block || op === Op.loop || op === Op.if_) depth++;
      else if (op === Op.end) depth--;
    }
    // The last end is that of the block.
    copyUpTo(this.#end);
    return pieces;
  }

  /**
   * The fuel of a whole call, where that is the same for all; see {@link steadyCost}.
   * @param deep whether it takes depth behind its fuel.
   */
  steadyCost(deep: boolean): number | undefined {
    return steadyCost(this.#cursor(), this.#params - (deep ? 2 : 1));
  }

  #trapsInCalls({ firstParameter, parameters, bytes }: DrivenAddresses): boolean {
    const written = new Set<number>();
    let cursor = this.#cursor();
    while (!cursor.done) {
      cursor.next();
      if (cursor.op === Op.localSet || cursor.op === Op.localTee) written.add(cursor.a);
    }
    cursor = this.#cursor();
    // The address that the last instruction gives, and the one before it: 0 for one that the driver has handed over.
    let given: number | undefined;
    let givenBefore: number | undefined;
    while (!cursor.done) {
      cursor.next();
      const { op, a, b } = cursor;
      const isAccess = isLoad(op) || isStore(op);
      if (!isAccess && !neverTraps(op)) return false;
      const address = isLoad(op) ? given : givenBefore;
      if (isAccess && (address === undefined || address + b + widest > bytes)) return false;
      const nth = a - firstParameter;
      const isPointer = op === Op.localGet && nth >= 0 && nth < parameters && !written.has(a);
      const isFixed = op === Op.i32Const && a >= 0;
      // What is stored has to be one instruction behind its address.
      givenBefore = op === Op.localGet || op === Op.i32Const ? given : undefined;
      given = isFixed ? a : isPointer ? 0 : undefined;
    }
    return true;
  }

  #cursor(): InstructionCursor {
    const cursor = new InstructionCursor(this.#bytes);
    cursor.seek(this.#codeStart, this.#end);
    return cursor;
  }
}

function repeated([count, type]: [count: number, valType: number]): number[] {
  return Array.from({ length: count }, () => type);
}

function isTold(op: number): boolean {
  return op === Op.call || op === Op.callIndirect || op === Op.unreachable;
}

/** Of all but loads and stores; those that are told count as if they didn't. */
function neverTraps(op: number): boolean {
  const isDivision = (op >= 0x6d && op <= 0x70) || (op >= 0x7f && op <= 0x82);
  const isTruncation = (op >= 0xa8 && op <= 0xab) || (op >= 0xae && op <= 0xb1);
  if (op >= Op.i32Const && op <= 0xc4) return !isDivision && !isTruncation;
  return op <= Op.callIndirect || op === Op.drop || op === Op.select || isVariable(op);
}

function isVariable(op: number): boolean {
  return op >= Op.localGet && op <= Op.globalSet;
}
