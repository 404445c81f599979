import { code } from "../../wasm/core/code.as";
import { Bytes, Ints, newBytes, newInts } from "../../wasm/core/memory.as";
import { emptyBlockType, Op } from "../../wasm/op";
import { hints } from "./hints.as";
import { input } from "./input.as";
import { carryValue, layout } from "./layout.as";
import { profile } from "./loop-profile.as";
import { marks, out } from "./output.as";
import { baseForm, LoopForm } from "./plan.as";
import { planned } from "./plan-reader.as";
import * as sequences from "./sequences.as";
import { spans } from "./spans.as";
import { copiesOf, fallsThrough } from "./unrolling.as";

const noLabel: i32 = -1;

/** Writes blocks, loops and branches: their labels move where the meter puts blocks of its own. */
@unmanaged
export class BranchWriter {
  // For every open block of the original, the labels it has in the output.
  private depth: i32 = 0;
  private labels: Ints = changetype<Ints>(0);
  /** Outer label of a strip-mined loop. */
  private outerLabels: Ints = changetype<Ints>(0);
  /** Opcode that began each, and whether something branches to it. */
  private kinds: Bytes = changetype<Bytes>(0);
  private targeted: Bytes = changetype<Bytes>(0);
  private blockTypes: Ints = changetype<Ints>(0);
  /** Labels open in the output. */
  private open: i32 = 0;
  /** The function's index in the original, and its type. */
  private functionIndex: i32 = 0;
  private functionType: i32 = 0;

  /** Copies of the open unrolled loop's body still to come; `noLabel` without such a loop. */
  private copiesLeft: i32 = 0;
  /** Its place among the open blocks of the original, and its labels in the output. */
  private unrolledDepth: i32 = 0;
  private unrolledInner: i32 = 0;
  private unrolledOuter: i32 = 0;
  private unrolledExit: i32 = 0;
  private unrolledBody: i32 = 0;
  private unrolledPosition: i32 = 0;

  /** Starts a module. */
  prepare(): void {
    const mostBlocks = code.deepestNesting;
    this.labels = newInts(mostBlocks);
    this.outerLabels = newInts(mostBlocks);
    this.kinds = newBytes(mostBlocks);
    this.targeted = newBytes(mostBlocks);
    this.blockTypes = newInts(mostBlocks);
  }

  /** Starts a function of that type; `wrapped` in a block by the meter. */
  begin(functionIndex: i32, type: i32, wrapped: bool): void {
    this.functionIndex = functionIndex;
    this.functionType = type;
    this.copiesLeft = noLabel;
    this.depth = 0;
    this.open = wrapped ? 2 : 1;
    this.pushLabel(this.open - 1, noLabel);
    this.kinds[0] = Op.block;
  }

  /** Whether the function's own end was passed. */
  @inline get done(): bool {
    return this.depth == 0;
  }

  /** Whether what follows the end of the innermost block can be reached. */
  @inline joins(live: bool): bool {
    if (live) return true;
    const d = this.depth - 1;
    const kind = this.kinds[d];
    return kind == Op.if_ || (kind != Op.loop && this.targeted[d] == 1);
  }

  /** An `else`; `live` when the arm before it comes to its end. */
  beginElse(live: bool): void {
    const d = this.depth - 1;
    this.kinds[d] = Op.else_;
    if (live) this.targeted[d] = 1;
  }

  /** Notes a branch to a label; returns which open block of the original it is. */
  @inline private target(label: i32): i32 {
    const d = this.depth - 1 - label;
    this.targeted[d] = 1;
    return d;
  }

  /** The current `block` or `if`. */
  block(): void {
    this.open++;
    this.pushLabel(this.open - 1, noLabel);
  }

  private pushLabel(label: i32, outer: i32): void {
    const d = this.depth;
    this.blockTypes[d] = marks.a;
    this.labels[d] = label;
    this.outerLabels[d] = outer;
    this.kinds[d] = marks.op;
    this.targeted[d] = 0;
    this.depth = d + 1;
  }

  /** The current `loop`. */
  loop(): void {
    const form = planned.nextLoopForm();
    const base = baseForm(form);
    const copies = copiesOf(form);
    this.open++;
    if (base == LoopForm.once) {
      this.pushLabel(this.open - 1, noLabel);
      return;
    }
    let counted = 0;
    if (profile.isOn) {
      spans.insertAt(marks.start);
      counted = profile.enter(this.functionIndex, marks.start);
    }
    spans.insertAt(marks.end);
    sequences.check();
    if (base == LoopForm.plain) {
      this.pushLabel(this.open - 1, noLabel);
      if (profile.isOn) profile.turn(counted);
      return;
    }
    const outer = this.open - 1;
    this.unrolledExit = noLabel;
    const start = input.bytes + marks.start;
    const length = marks.end - marks.start;
    if (copies > 1 && fallsThrough(form)) {
      out.byte(Op.block);
      out.copy(start + 1, length - 1);
      this.unrolledExit = this.open++;
    }
    out.copy(start, length);
    const inner = this.open++;
    this.pushLabel(inner, outer);
    if (profile.isOn) profile.turn(counted);
    if (copies == 1) return;
    this.copiesLeft = copies - 1;
    this.unrolledDepth = this.depth - 1;
    this.unrolledInner = inner;
    this.unrolledOuter = outer;
    this.unrolledBody = marks.end;
    this.unrolledPosition = marks.position;
    this.beginCopy();
  }

  /** A branch to the loop leads to the next copy; in the last one, back to the first. */
  private beginCopy(): void {
    const d = this.unrolledDepth;
    planned.beginCopy();
    if (this.copiesLeft == 0) {
      this.labels[d] = this.unrolledInner;
      this.outerLabels[d] = this.unrolledOuter;
      return;
    }
    out.byte(Op.block);
    out.byte(emptyBlockType);
    this.labels[d] = this.open++;
    this.outerLabels[d] = noLabel;
  }

  /**
   * At an `end`: whether it is that of an unrolled loop's body and another copy follows, to which
   * the reader then goes. `live` when it can be reached.
   */
  @inline endsCopy(live: bool): bool {
    if (this.copiesLeft == noLabel || this.depth - 1 != this.unrolledDepth) return false;
    return this.endCopy(live);
  }

  private endCopy(live: bool): bool {
    spans.insertAt(marks.start);
    if (live && this.unrolledExit != noLabel) {
      const fuel = planned.nextEdge();
      if (fuel > 0) sequences.charge(fuel);
      if (this.copiesLeft > 0) sequences.branch(Op.br, this.relative(this.unrolledExit));
    }
    if (this.copiesLeft == 0) {
      this.copiesLeft = noLabel;
      if (this.unrolledExit != noLabel) {
        out.byte(Op.end);
        this.open--;
      }
      return false;
    }
    out.byte(Op.end);
    this.open--;
    this.copiesLeft--;
    this.beginCopy();
    marks.seek(this.unrolledPosition, this.unrolledBody);
    spans.resume(this.unrolledBody);
    return true;
  }

  /** The end of a block; the function's own is somebody else's to write. */
  end(): void {
    const d = --this.depth;
    if (d == 0) return;
    if (this.kinds[d] == Op.if_) {
      const fuel = planned.nextOtherwise();
      if (fuel > 0) {
        spans.insertAt(marks.start);
        out.byte(Op.else_);
        sequences.charge(fuel);
      }
    }
    this.open--;
    if (this.outerLabels[d] != noLabel) {
      spans.insertAt(marks.start);
      out.byte(Op.end);
      this.open--;
    }
  }

  @inline private relative(label: i32): i32 {
    return this.open - 1 - label;
  }

  /** The current `br`. */
  branch(): void {
    const target = this.target(marks.a);
    const outer = this.outerLabels[target];
    const label = this.labels[target];
    const fuel = planned.nextEdge();
    if (outer == noLabel) {
      if (fuel > 0) {
        spans.insertAt(marks.start);
        sequences.charge(fuel);
      }
      spans.replaceIndex(this.relative(label));
      return;
    }
    spans.replace();
    this.backEdge(label, outer, fuel);
  }

  /** To the inner header while fuel is left, else to the outer one, where the check is. */
  private backEdge(inner: i32, outer: i32, fuel: i32): void {
    sequences.takeFuel(fuel);
    hints.likely(out.length);
    sequences.branch(Op.brIf, this.relative(inner));
    sequences.branch(Op.br, this.relative(outer));
  }

  /** The current `br_if`. */
  branchIf(): void {
    const target = this.target(marks.a);
    const outer = this.outerLabels[target];
    const label = this.labels[target];
    const fuel = planned.nextEdge();
    if (outer == noLabel && fuel == 0) {
      spans.replaceIndex(this.relative(label));
      return;
    }
    spans.replace();
    out.byte(Op.if_);
    this.writeCarrying(target);
    this.open++;
    if (outer != noLabel) this.backEdge(label, outer, fuel);
    else {
      sequences.charge(fuel);
      sequences.branch(Op.br, this.relative(label));
    }
    out.byte(Op.end);
    this.open--;
  }

  /** Block type of an `if` that passes on what a branch to the target carries. */
  private writeCarrying(target: i32): void {
    const type = target == 0 ? this.functionType : this.blockTypes[target];
    const isLoop = this.kinds[target] == Op.loop;
    if (type >= 0) {
      const count = isLoop ? input.typeParams[type] : input.typeResults[type];
      if (count > 0) {
        out.s32(isLoop ? layout.carryParams(type) : layout.carryResults(type));
        return;
      }
    } else if (type != -64 && !isLoop) {
      out.s32(carryValue(type & 0x7f));
      return;
    }
    out.byte(emptyBlockType);
  }

  /** The current `br_table`. */
  branchTable(): void {
    const table = marks.whole();
    const count = table.a;
    let moved = false;
    table.beginLabels();
    for (let i = 0; i <= count; i++) {
      const label = table.nextLabel();
      if (this.labelTo(this.target(label)) != label) moved = true;
    }
    if (!moved) return;
    spans.replace();
    out.byte(Op.brTable);
    out.u32(count);
    table.beginLabels();
    for (let i = 0; i <= count; i++) {
      out.u32(this.labelTo(this.depth - 1 - table.nextLabel()));
    }
  }

  /** Label in the output of a branch to an open block, without fuel for its way. */
  private labelTo(target: i32): i32 {
    const outer = this.outerLabels[target];
    return this.relative(outer == noLabel ? this.labels[target] : outer);
  }
}

export const branches: BranchWriter = changetype<BranchWriter>(
  memory.data(offsetof<BranchWriter>()),
);
