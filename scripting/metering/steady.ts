import type { InstructionCursor } from "../wasm/instructions.ts";
import { Op } from "../wasm/op.ts";

// What a place in a body may have instead of the fuel that was taken on the way to it.
const unknown = -1;
const unreached = -2;

/** Takes the fuel's local, a constant from that, and sets it: by so many instructions one behind the other. */
const chargeLength = 3;

interface OpenBlock {
  /** Taken on the ways that have branched to its end so far. */
  joined: number;
  /** On the way around an `if` that has had no `else` yet. */
  around: number;
}

/**
 * What every call takes that comes to a body's end, where that is the same on all ways there: a walk over its structure,
 * which gives up at loops and wherever the fuel comes from anywhere else, but for ways that end in a trap.
 * @param cursor at the body's code, of a function that is handed its fuel and has what is left as its only result.
 * @param local the one that it is handed in.
 * @returns a positive i32; undefined when it isn't the same, or can't be told.
 */
export function steadyCost(cursor: InstructionCursor, local: number): number | undefined {
  const open: OpenBlock[] = [];
  let taken = 0;
  /** On the ways to the end that were found. */
  let whole = unreached;
  let matched = 0;
  let charge = 0;
  const branch = (depth: number): void => {
    const block = open[open.length - 1 - depth];
    // What it hands over at the function's own label may be anything.
    if (block === undefined) whole = join(whole, taken === unreached ? unreached : unknown);
    else block.joined = join(block.joined, taken);
  };
  while (!cursor.done) {
    cursor.next();
    const { op, a } = cursor;
    const isFuel = op === Op.localGet && a === local;
    const before = matched;
    matched = isFuel ? 1 : 0;
    switch (op) {
      case Op.i32Const:
        if (before === 1 && a >= 0) matched = 2;
        charge = a;
        break;
      case Op.i32Sub:
        if (before === 2) matched = chargeLength;
        break;
      case Op.localSet:
      case Op.localTee:
        if (a !== local || taken < 0) break;
        taken = before === chargeLength ? taken + charge : unknown;
        break;
      case Op.block:
        open.push({ joined: unreached, around: unreached });
        break;
      case Op.if_:
        open.push({ joined: unreached, around: taken });
        break;
      case Op.else_: {
        const block = open.at(-1) as OpenBlock;
        block.joined = join(block.joined, taken);
        taken = block.around;
        block.around = unreached;
        break;
      }
      case Op.end: {
        const block = open.pop();
        if (block !== undefined) taken = join(join(taken, block.joined), block.around);
        else if (taken !== unreached) whole = join(whole, before === 1 ? taken : unknown);
        break;
      }
      case Op.br:
        branch(a);
        taken = unreached;
        break;
      case Op.brIf:
        branch(a);
        break;
      case Op.brTable:
        for (let n = 0; n <= a; n++) branch(cursor.labels[n] as number);
        taken = unreached;
        break;
      case Op.return_:
        if (taken !== unreached) whole = join(whole, before === 1 ? taken : unknown);
        taken = unreached;
        break;
      case Op.unreachable:
        taken = unreached;
        break;
      case Op.loop:
      case Op.returnCall:
      case Op.returnCallIndirect:
        return undefined;
    }
  }
  return whole > 0 && whole <= 0x7fffffff ? whole : undefined;
}

function join(one: number, other: number): number {
  if (one === unreached) return other;
  return other === unreached || other === one ? one : unknown;
}
