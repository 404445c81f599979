import { mediumLength, mediumValue, shortBlockTypes, shortForms } from "../../wasm/forms.ts";
import { InstructionCursor } from "../../wasm/instructions.ts";
import type { Body } from "../../wasm/module.ts";
import { emptyBlockType, Op } from "../../wasm/opcodes.ts";

/** By how much a one-byte immediate is shifted up and down again: signed ones only. */
const signShift: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const op of [Op.i32Const, Op.i64Const, Op.block, Op.loop, Op.if]) table[op] = 25;
  return table;
})();

/** A body's instructions as arrays, so that sequences can be matched around any of them. */
export class Listing {
  ops = new Int32Array(1024);
  /** First immediates; of no meaning where an instruction has none. */
  a = new Int32Array(1024);
  /** Labels of all `br_table`s, each behind its count; `a` of such an instruction is where that stands. */
  labels: number[] = [];
  length = 0;
  private readonly cursor: InstructionCursor;

  constructor(private readonly bytes: Uint8Array) {
    this.cursor = new InstructionCursor(bytes);
  }

  /** Lists a body's instructions, or as many of the first ones as are wanted. */
  read(body: Body, most = Infinity): void {
    const { bytes, cursor } = this;
    const { end } = body;
    let { ops, a } = this;
    let room = Math.min(ops.length, most);
    let length = 0;
    this.labels.length = 0;
    let at = body.codeStart;
    while (at < end) {
      if (length >= room) {
        if (length >= most) break;
        this.grow(length * 2);
        ({ ops, a } = this);
        room = Math.min(ops.length, most);
      }
      const op = bytes[at] as number;
      const byte = bytes[at + 1] as number;
      const form = shortForms[op] as number;
      const size = form & 15;
      // As in `shortLength`, which would read the table again.
      const first = byte & (form >> 4) & 0xff;
      const last = (bytes[at + size - 1] as number) & ((form >> 5) & 0x80);
      const isShort = size !== 0 && (first | last) === 0 && at + size <= end;
      if (isShort && (op > Op.if || op < Op.block || shortBlockTypes[byte] === 1)) {
        const shift = signShift[op] as number;
        ops[length] = op;
        a[length++] = (byte << shift) >> shift;
        at += size;
        continue;
      }
      const medium = mediumLength(bytes, at);
      if (medium > 0 && at + medium <= end) {
        const value = mediumValue(bytes, at, medium);
        // 14 bits of value, or 21.
        const signed = signShift[op] === 0 ? 0 : medium === 3 ? 18 : 11;
        ops[length] = op;
        a[length++] = (value << signed) >> signed;
        at += medium;
        continue;
      }
      cursor.seek(at, end);
      cursor.next();
      ops[length] = cursor.op;
      a[length++] = cursor.op === Op.brTable ? this.table() : cursor.a;
      at = cursor.end;
    }
    this.length = length;
  }

  /** Offset of instruction `i` of a body that was read; found by going through it again. */
  offsetOf(body: Body, i: number): number {
    const { cursor } = this;
    cursor.seek(body.codeStart, body.end);
    for (let n = 0; n <= i && !cursor.done; n++) cursor.next();
    return cursor.start;
  }

  is(i: number, op: number, a?: number): boolean {
    return i >= 0 && i < this.length && this.ops[i] === op && (a === undefined || this.a[i] === a);
  }

  private table(): number {
    const { labels, cursor } = this;
    const at = labels.push(cursor.a + 1) - 1;
    for (let i = 0; i <= cursor.a; i++) labels.push(cursor.labels[i] as number);
    return at;
  }

  private grow(size: number): void {
    const bigger = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.ops = bigger(this.ops);
    this.a = bigger(this.a);
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
