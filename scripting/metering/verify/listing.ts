import { InstructionCursor } from "../../wasm/instructions.ts";
import type { Body } from "../../wasm/module.ts";
import { emptyBlockType, Op } from "../../wasm/opcodes.ts";

/** A body's instructions as arrays, so that sequences can be matched around any of them. */
export class Listing {
  ops = new Int32Array(1024);
  a = new Int32Array(1024);
  b = new Int32Array(1024);
  offsets = new Int32Array(1024);
  /** Labels of all `br_table`s, one after the other; `a` of such an instruction is where they start. */
  labels: number[] = [];
  length = 0;
  private readonly cursor: InstructionCursor;

  constructor(bytes: Uint8Array) {
    this.cursor = new InstructionCursor(bytes);
  }

  /** Lists a body's instructions, or as many of the first ones as are wanted. */
  read(body: Body, most = Infinity): void {
    const { cursor } = this;
    let { ops, a, b, offsets } = this;
    let length = 0;
    this.labels.length = 0;
    cursor.seek(body.codeStart, body.end);
    while (!cursor.done && length < most) {
      cursor.next();
      if (length === ops.length) {
        this.grow(length * 2);
        ({ ops, a, b, offsets } = this);
      }
      const i = length++;
      ops[i] = cursor.op;
      a[i] = cursor.a;
      b[i] = cursor.b;
      offsets[i] = cursor.start;
      if (cursor.op !== Op.brTable) continue;
      a[i] = this.labels.length;
      b[i] = cursor.a + 1;
      for (let l = 0; l <= cursor.a; l++) this.labels.push(cursor.labels[l] as number);
    }
    this.length = length;
  }

  is(i: number, op: number, a?: number): boolean {
    return i >= 0 && i < this.length && this.ops[i] === op && (a === undefined || this.a[i] === a);
  }

  private grow(size: number): void {
    const bigger = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.ops = bigger(this.ops);
    this.a = bigger(this.a);
    this.b = bigger(this.b);
    this.offsets = bigger(this.offsets);
  }
}

/** Whether instructions `[i, i + 8)` ask for more fuel if there is none left. */
export function isCheck(l: Listing, i: number, fuel: number, refill: number): boolean {
  return (
    l.is(i, Op.localGet, fuel) &&
    l.is(i + 1, Op.i32Const, 0) &&
    l.is(i + 2, Op.i32LtS) &&
    l.is(i + 3, Op.if) &&
    l.a[i + 3] === emptyBlockType - 0x80 &&
    l.is(i + 4, Op.localGet, fuel) &&
    l.is(i + 5, Op.call, refill) &&
    l.is(i + 6, Op.localSet, fuel) &&
    l.is(i + 7, Op.end)
  );
}
