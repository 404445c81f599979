import type { InstructionCursor } from "../../wasm/instructions.ts";
import { Op } from "../../wasm/op.ts";

/** What may have been taken from the fuel on the ways to a place: from `least` on, to `most`. Of no way: none at all. */
interface Range {
  least: number;
  most: number;
}

const none = (): Range => ({ least: Infinity, most: -Infinity });

/** A block that the walk is in. */
interface Block {
  /** On all ways to its end but the one that falls through. */
  readonly end: Range;
  /** In front of its second arm; of an `if` without one that is a way to the end. */
  readonly otherwise: Range;
}

/**
 * Whether a function takes exactly `cost` from what it is handed in a parameter on every way to its end, and gives back the
 * rest. Trusts nobody that it does. Fuel that comes from anywhere else may be any amount, and no loop is followed.
 * @param code at the function's code, which an engine has yet to validate; its only result is what it gives back.
 */
export function takesAlways(cost: number, code: InstructionCursor, parameter: number): boolean {
  const blocks: Block[] = [];
  const function_ = none();
  let here: Range = { least: 0, most: 0 };
  // The instructions in front of the one that is looked at, the nearest first.
  let [op1, a1, op2, a2, op3, a3] = [-1, 0, -1, 0, -1, 0];
  const givesBack = (): void =>
    widen(
      function_,
      op1 === Op.localGet && a1 === parameter ? here : { least: -Infinity, most: Infinity },
    );
  while (!code.done) {
    code.next();
    const { op, a } = code;
    switch (op) {
      case Op.localSet:
      case Op.localTee: {
        if (a !== parameter || isEmpty(here)) break;
        const isTaken = op1 === Op.i32Sub && op2 === Op.i32Const && a2 >= 0;
        if (isTaken && op3 === Op.localGet && a3 === parameter) {
          here = { least: here.least + a2, most: here.most + a2 };
        } else here = { least: -Infinity, most: Infinity };
        break;
      }
      case Op.block:
        blocks.push({ end: none(), otherwise: none() });
        break;
      case Op.if_:
        blocks.push({ end: none(), otherwise: { ...here } });
        break;
      case Op.else_: {
        const block = blocks.at(-1);
        if (block === undefined) return false;
        widen(block.end, here);
        here = { ...block.otherwise };
        Object.assign(block.otherwise, none());
        break;
      }
      case Op.end: {
        const block = blocks.pop();
        if (block === undefined) {
          if (!isEmpty(here)) givesBack();
          return code.done && function_.least === cost && function_.most === cost;
        }
        widen(block.end, here);
        widen(block.end, block.otherwise);
        here = block.end;
        break;
      }
      case Op.br:
      case Op.brIf:
      case Op.brTable: {
        const labels = op === Op.brTable ? code.labels.subarray(0, a + 1) : [a];
        for (const label of labels) {
          const block = blocks[blocks.length - 1 - label];
          // At the function's own label anything may be handed over.
          if (block === undefined) return false;
          widen(block.end, here);
        }
        if (op !== Op.brIf) here = none();
        break;
      }
      case Op.return_:
        if (!isEmpty(here)) givesBack();
        here = none();
        break;
      case Op.unreachable:
        here = none();
        break;
      case Op.loop:
      case Op.returnCall:
      case Op.returnCallIndirect:
        return false;
    }
    [op3, a3, op2, a2, op1, a1] = [op2, a2, op1, a1, op, a];
  }
  return false;
}

function isEmpty({ least, most }: Range): boolean {
  return least > most;
}

function widen(range: Range, { least, most }: Range): void {
  if (least < range.least) range.least = least;
  if (most > range.most) range.most = most;
}
