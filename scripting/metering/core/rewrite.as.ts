import { code } from "../../wasm/core/code.as";
import { entriesPerMark, pauseOp } from "../../wasm/core/marks.as";
import { putByte, putU32, sizeOfU32 } from "../../wasm/core/writer.as";
import { emptyBlockType, Op, ValType } from "../../wasm/op";
import { branches } from "./branches.as";
import { calls } from "./calls.as";
import { engineFunctionBytes } from "../bounds";
import { Convention } from "../codes";
import { facts } from "./facts.as";
import { hints } from "./hints.as";
import { BodyField, input } from "./input.as";
import { layout, reference, refuseSize, resultsBlock, tableReference } from "./layout.as";
import { locals } from "./locals.as";
import { offsets } from "./offsets.as";
import { marks, out } from "./output.as";
import { plan } from "./plan.as";
import { planned } from "./plan-reader.as";
import { lengthPrice } from "./prices.as";
import * as sequences from "./sequences.as";
import { spans } from "./spans.as";

/** More than the meter puts in for one mark, in front of it and behind it. */
const markRoom: i32 = 1_024;
/** More runs than an offset map gets for one mark. */
const markRuns: i32 = 64;
/** A byte of a branch table, or of a local's index, can become five. */
const mostGrowth: i32 = 5;
/** More than a function's size, count of declarations, and declarations of the meter's take. */
const headRoom: i32 = 64;

/**
 * Writes metered bodies: copies what stays, span by span, and puts in what the plan says. One
 * object serves all functions of a module.
 */
@unmanaged
export class BodyRewriter {
  // The function being written.
  private f: i32 = 0;
  private convention: i32 = 0;
  /** Where its size goes, and its code for now, from the first byte of all code. */
  private bodyStart: i32 = 0;
  private codeStart: i32 = 0;
  /** Room for the size; and what declarations of locals take behind it, without `scratch`. */
  private sizeBytes: i32 = 0;
  private headBytes: i32 = 0;

  /** Starts a module, once the layout is known. */
  begin(): void {
    const first = input.bodyCount > 0 ? input.body(0, BodyField.start) : 0;
    const last = input.bodyCount > 0 ? input.body(input.bodyCount - 1, BodyField.end) : 0;
    const markCount = code.starts[input.bodyCount] / entriesPerMark;
    branches.prepare();
    marks.bytes = input.bytes;
    marks.byteCount = input.byteCount;
    marks.entries = code.entries;
    sequences.begin();
    spans.begin();
    planned.begin();
    hints.begin(markCount);
    // A span and what is put behind it, for each mark.
    offsets.begin(markCount * 2);
    // Last, to grow in place. Metered code is seldom more than twice as long.
    out.begin(2 * (last - first) + 1024);
  }

  /** Writes defined function `f`. */
  write(f: i32): void {
    const original = f + input.importedFunctions;
    const type = input.typeOf(original);
    const start = input.body(f, BodyField.codeStart);
    const convention = facts.convention[f];
    this.f = f;
    calls.f = f;
    this.convention = convention;
    locals.place(f, type);
    sequences.open();
    planned.open(f);
    this.beginBody();
    spans.open(f, start);
    marks.seek(code.starts[f], start);
    spans.insertAt(start);
    this.prologue();
    const wrapped = convention != Convention.fixed && plan.exitLabelUsed[f] == 1;
    if (wrapped) this.beginWrapper(type);
    branches.begin(original, type, wrapped);
    this.instructions(wrapped);
    this.finish();
  }

  /** Writes the declarations of locals, behind room for the function's size. */
  private beginBody(): void {
    const f = this.f;
    const body = input.body(f, BodyField.start);
    const declared = input.body(f, BodyField.codeStart) - body;
    out.reserve(declared + headRoom + markRoom);
    offsets.reserve(markRuns);
    this.bodyStart = out.length;
    this.sizeBytes = sizeOfU32(this.guessSize());
    this.headBytes = this.declareLocals(out.at + this.sizeBytes, body);
    out.at += this.sizeBytes + this.headBytes;
    this.codeStart = out.length;
    offsets.beginBody(this.bodyStart);
  }

  /** About how many bytes the function will have; right about their number's own length, mostly. */
  private guessSize(): i32 {
    const size = input.body(this.f, BodyField.end) - input.body(this.f, BodyField.start);
    return this.convention == Convention.fixed ? size : size + (size >> 1) + (size >> 2) + 32;
  }

  private prologue(): void {
    const f = this.f;
    if (this.convention == Convention.fixed) return;
    const deep = facts.deep[f] == 1;
    if (this.convention == Convention.shared) {
      sequences.getGlobal(layout.fuelGlobal);
      sequences.set(locals.fuel);
      if (deep) {
        sequences.getGlobal(layout.depthGlobal);
        sequences.set(locals.depth);
      }
    }
    const lateCheck = facts.checkOffset[f];
    planned.setLateCheck(lateCheck);
    if (facts.counted[f] == 1) {
      if (lateCheck < 0) this.countedCheck();
    } else if (deep) {
      sequences.takeDepth(facts.frameUnits[f]);
      out.byte(Op.drop);
    }
  }

  private countedCheck(): void {
    sequences.countedCheck(facts.frameUnits[this.f]);
  }

  /** A block around the body, so that branches to the function's label come by its epilogue. */
  private beginWrapper(type: i32): void {
    const results = input.typeResults[type];
    out.byte(Op.block);
    if (results == 0) out.byte(emptyBlockType);
    else if (results == 1) out.byte(input.firstResult[type]);
    else out.s32(resultsBlock(type));
  }

  private epilogue(): void {
    if (this.convention == Convention.fixed) return;
    sequences.get(locals.fuel);
    if (this.convention == Convention.shared) sequences.setGlobal(layout.fuelGlobal);
  }

  private instructions(wrapped: bool): void {
    for (;;) {
      let op = marks.next();
      this.reserve(marks.end);
      if (planned.next <= <u32>marks.start) {
        this.insertPlanned(marks.runStart);
        if (op != pauseOp) this.insertPlanned(marks.start);
      }
      if (op == pauseOp) continue;
      let live = true;
      if (op != Op.end && op != Op.else_) {
        if (!this.instruction(op)) continue;
        spans.flush(marks.end);
        op = this.passDead();
        live = false;
      }
      while (op == Op.end) {
        if (branches.endsCopy(live)) break;
        const joins = branches.joins(live);
        this.end(wrapped);
        if (branches.done) return;
        if (joins) break;
        // The block's results are on the stack for code that is left out.
        spans.insertAt(marks.end);
        out.byte(Op.unreachable);
        op = this.passDead();
        live = false;
      }
      if (op == Op.else_) branches.beginElse(live);
    }
  }

  /** Passes over what can't be reached, up to the block's `else` or `end`, which it returns. */
  private passDead(): i32 {
    let open = 0;
    for (;;) {
      const op = marks.next();
      if (op == Op.block || op == Op.loop || op == Op.if_) open++;
      else if (op == Op.else_ && open == 0) break;
      else if (op == Op.end && open-- == 0) break;
    }
    // What was passed over isn't copied.
    spans.pending = marks.start;
    this.reserve(marks.end);
    return marks.op;
  }

  /** Makes room for what is pending in front of `offset`, and what the meter puts in for a mark. */
  @inline private reserve(offset: i32): void {
    out.reserve((offset - spans.pending) * mostGrowth + markRoom);
    offsets.reserve(markRuns);
  }

  /** Charges and checks that the plan has for this place. */
  private insertPlanned(offset: i32): void {
    if (planned.lateCheckAt(offset)) {
      spans.insertAt(offset);
      this.countedCheck();
    }
    const fuel = planned.chargeAt(offset);
    if (fuel > 0) {
      spans.insertAt(offset);
      sequences.charge(fuel);
    }
    if (planned.checkAt(offset)) {
      spans.insertAt(offset);
      sequences.check();
    }
  }

  private end(wrapped: bool): void {
    branches.end();
    if (!branches.done) return;
    spans.insertAt(marks.start);
    if (wrapped) out.byte(Op.end);
    const due = plan.endFuel[this.f];
    if (due > 0 && this.convention != Convention.fixed) sequences.charge(due);
    this.epilogue();
  }

  /** One reachable instruction, but `else` and `end`; true when what follows can't be reached. */
  @inline private instruction(op: i32): bool {
    switch (op) {
      case Op.block:
      case Op.if_:
        branches.block();
        return false;
      case Op.loop:
        branches.loop();
        return false;
      case Op.br:
        branches.branch();
        return true;
      case Op.brIf:
        branches.branchIf();
        return false;
      case Op.brTable:
        branches.branchTable();
        return true;
      case Op.return_:
        spans.insertAt(marks.start);
        this.epilogue();
        return true;
      case Op.unreachable:
        return true;
      case Op.call:
        calls.call(marks.a);
        return false;
      case Op.callIndirect:
        calls.callIndirect();
        return false;
      case Op.returnCall:
        calls.tailSync(marks.a);
        spans.replaceIndex(reference(marks.a));
        return true;
      case Op.returnCallIndirect:
        calls.tailSync(-1 - marks.a);
        return true;
      case Op.refFunc:
        spans.replaceIndex(tableReference(marks.a));
        return false;
      default:
        this.priced(op);
        return false;
    }
  }

  private priced(op: i32): void {
    const price = lengthPrice(op);
    if (price == null) return;
    locals.usesScratch = true;
    spans.insertAt(marks.start);
    sequences.chargeLength(price);
    if (op != Op.memoryGrow) return;
    spans.insertAt(marks.end);
    sequences.noteFailedGrow();
  }

  /** Writes the function's size; moves what is behind it if its room isn't right, or a local came. */
  private finish(): void {
    const f = this.f;
    const body = input.body(f, BodyField.start);
    const codeStart = input.body(f, BodyField.codeStart);
    const end = input.body(f, BodyField.end);
    this.reserve(end);
    spans.flush(end);
    const codeLength = out.length - this.codeStart;
    let headLength = this.headBytes;
    if (locals.usesScratch) {
      // Behind where the code will end.
      out.reserve(codeStart - body + 2 * headRoom);
      headLength = this.declareLocals(out.at + headRoom, body);
    }
    const size = headLength + codeLength;
    if (size > engineFunctionBytes) refuseSize(f, size);
    hints.file(layout.function(f + input.importedFunctions), headLength - this.codeStart);
    const sizeBytes = sizeOfU32(size);
    const start = out.bytes + this.bodyStart;
    const from = start + this.sizeBytes;
    const head = start + sizeBytes;
    const shift = sizeBytes + headLength - (this.sizeBytes + this.headBytes);
    if (locals.usesScratch) {
      const declarations = out.at + headRoom;
      if (shift != 0) memory.copy(head + headLength, from + this.headBytes, codeLength);
      memory.copy(head, declarations, headLength);
    } else if (shift != 0) memory.copy(head, from, size);
    putU32(start, size);
    offsets.placeBody(shift);
    out.at = head + size;
  }

  /**
   * Writes the original's declarations, with those that move at the end, and the meter's own behind
   * them. Returns how many bytes they take.
   */
  private declareLocals(to: usize, body: i32): i32 {
    const moved = locals.moved;
    const own = locals.own + i32(locals.usesScratch);
    if (moved + own == 0) {
      const length = input.body(this.f, BodyField.codeStart) - body;
      memory.copy(to, input.bytes + body, length);
      return length;
    }
    let at = to;
    runs.begin(body);
    const count = runs.u32();
    at = putU32(at, count + moved + i32(own > 0));
    let firstType = 0;
    let secondType = 0;
    let found = 0;
    for (let run = 0; run < count; run++) {
      let declared = runs.u32();
      const valType = runs.byte();
      for (; declared != 0 && found < moved; declared--, found++) {
        if (found == 0) firstType = valType;
        else secondType = valType;
      }
      at = putByte(putU32(at, declared), valType);
    }
    if (moved > 0) at = putByte(putByte(at, 1), firstType);
    if (moved > 1) at = putByte(putByte(at, 1), secondType);
    if (own > 0) at = putByte(putByte(at, own), ValType.i32);
    return <i32>(at - to);
  }
}

/** Reads declarations of locals. */
@unmanaged
class RunReader {
  private at: usize = 0;

  begin(offset: i32): void {
    this.at = input.bytes + offset;
  }

  byte(): i32 {
    return <i32>load<u8>(this.at++);
  }

  u32(): i32 {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
}

const runs: RunReader = changetype<RunReader>(memory.data(offsetof<RunReader>()));

export const rewriter: BodyRewriter = changetype<BodyRewriter>(
  memory.data(offsetof<BodyRewriter>()),
);
