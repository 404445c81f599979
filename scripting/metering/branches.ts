import type { MarkReader } from "../wasm/marks.ts";
import type { FuncType, WasmModule } from "../wasm/module.ts";
import { emptyBlockType, Op } from "../wasm/opcodes.ts";
import type { Layout } from "./layout.ts";
import type { MeterLocals } from "./locals.ts";
import { baseForm, LoopForm } from "./plan.ts";
import type { PlanReader } from "./plan-reader.ts";
import * as sequences from "./sequences.ts";
import type { SpanCopier } from "./spans.ts";
import { copiesOf, fallsThrough } from "./unrolling.ts";

const noLabel = -1;

/** Writes blocks, loops and branches: their labels move where the meter puts blocks of its own. */
export class BranchWriter {
  // For every open block of the original, the labels it has in the output.
  private depth = 0;
  private readonly labels: Int32Array;
  /** Outer label of a strip-mined loop. */
  private readonly outerLabels: Int32Array;
  /** Opcode that began each, and whether something branches to it. */
  private readonly kinds: Uint8Array;
  private readonly targeted: Uint8Array;
  private readonly blockTypes: Int32Array;
  /** Labels open in the output. */
  private open = 0;
  /** The function's index in the original. */
  private functionIndex = 0;
  private functionType: FuncType = { params: [], results: [] };

  /** Copies of the open unrolled loop's body still to come; `noLabel` when there is no such loop. */
  private copiesLeft = noLabel;
  /** Its place among the open blocks of the original, and its labels in the output. */
  private unrolledDepth = 0;
  private unrolledInner = 0;
  private unrolledOuter = 0;
  private unrolledExit = noLabel;
  private unrolledBody = 0;
  private unrolledPosition = 0;

  constructor(
    private readonly module: WasmModule,
    private readonly plan: PlanReader,
    private readonly layout: Layout,
    private readonly marks: MarkReader,
    private readonly spans: SpanCopier,
    private readonly locals: MeterLocals,
    mostBlocks: number,
  ) {
    this.labels = new Int32Array(mostBlocks);
    this.outerLabels = new Int32Array(mostBlocks);
    this.kinds = new Uint8Array(mostBlocks);
    this.targeted = new Uint8Array(mostBlocks);
    this.blockTypes = new Int32Array(mostBlocks);
  }

  /** Starts a function; `wrapped` in a block by the meter. */
  begin(functionIndex: number, type: FuncType, wrapped: boolean): void {
    this.functionIndex = functionIndex;
    this.functionType = type;
    this.copiesLeft = noLabel;
    this.depth = 0;
    this.open = wrapped ? 2 : 1;
    this.pushLabel(this.open - 1, noLabel);
    this.kinds[0] = Op.block;
  }

  /** Whether the function's own end was passed. */
  get done(): boolean {
    return this.depth === 0;
  }

  /** Whether what follows the end of the innermost block can be reached. */
  joins(live: boolean): boolean {
    const d = this.depth - 1;
    const kind = this.kinds[d];
    return live || kind === Op.if || (kind !== Op.loop && this.targeted[d] === 1);
  }

  /** An `else`; `live` when the arm before it comes to its end. */
  beginElse(live: boolean): void {
    const d = this.depth - 1;
    this.kinds[d] = Op.else;
    if (live) this.targeted[d] = 1;
  }

  /** Notes a branch to a label; returns which open block of the original it is. */
  private target(label: number): number {
    const d = this.depth - 1 - label;
    this.targeted[d] = 1;
    return d;
  }

  /** The current `block` or `if`. */
  block(): void {
    this.open++;
    this.pushLabel(this.open - 1, noLabel);
  }

  private pushLabel(label: number, outer: number): void {
    this.blockTypes[this.depth] = this.marks.a;
    this.labels[this.depth] = label;
    this.outerLabels[this.depth] = outer;
    this.kinds[this.depth] = this.marks.op;
    this.targeted[this.depth] = 0;
    this.depth++;
  }

  /** The current `loop`. */
  loop(): void {
    const { marks } = this;
    const { out } = this.spans;
    const planned = this.plan.nextLoopForm();
    const form = baseForm(planned);
    const copies = copiesOf(planned);
    this.open++;
    if (form === LoopForm.once) {
      this.pushLabel(this.open - 1, noLabel);
      return;
    }
    const { profile } = this.layout;
    const { fuel } = this.locals;
    if (profile !== undefined) this.spans.insertAt(marks.start);
    const counted = profile?.enter(
      out,
      { functionIndex: this.functionIndex, offset: marks.start },
      fuel,
    );
    this.spans.insertAt(marks.end);
    sequences.check(out, this.layout, fuel);
    if (form === LoopForm.plain) {
      this.pushLabel(this.open - 1, noLabel);
      if (counted !== undefined) profile?.turn(out, counted, fuel);
      return;
    }
    const outer = this.open - 1;
    this.unrolledExit = noLabel;
    if (copies > 1 && fallsThrough(planned)) {
      out.byte(Op.block);
      out.copy(this.module.bytes, marks.start + 1, marks.end);
      this.unrolledExit = this.open++;
    }
    out.copy(this.module.bytes, marks.start, marks.end);
    const inner = this.open++;
    this.pushLabel(inner, outer);
    if (counted !== undefined) profile?.turn(out, counted, fuel);
    if (copies === 1) return;
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
    const { unrolledDepth } = this;
    const { out } = this.spans;
    this.plan.beginCopy();
    if (this.copiesLeft === 0) {
      this.labels[unrolledDepth] = this.unrolledInner;
      this.outerLabels[unrolledDepth] = this.unrolledOuter;
      return;
    }
    out.byte(Op.block);
    out.byte(emptyBlockType);
    this.labels[unrolledDepth] = this.open++;
    this.outerLabels[unrolledDepth] = noLabel;
  }

  /**
   * At an `end`: whether it is that of an unrolled loop's body and another copy follows, to which the
   * reader then goes. `live` when it can be reached.
   */
  endsCopy(live: boolean): boolean {
    if (this.copiesLeft === noLabel || this.depth - 1 !== this.unrolledDepth) return false;
    const { marks } = this;
    const { out } = this.spans;
    this.spans.insertAt(marks.start);
    if (live && this.unrolledExit !== noLabel) {
      const fuel = this.plan.nextEdge();
      if (fuel > 0) sequences.charge(out, this.locals.fuel, fuel);
      if (this.copiesLeft > 0) sequences.branch(out, Op.br, this.relative(this.unrolledExit));
    }
    if (this.copiesLeft === 0) {
      this.copiesLeft = noLabel;
      if (this.unrolledExit !== noLabel) {
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
    this.spans.resume(this.unrolledBody);
    return true;
  }

  /** The end of a block; the function's own is somebody else's to write. */
  end(): void {
    const { marks } = this;
    const { out } = this.spans;
    this.depth--;
    if (this.depth === 0) return;
    if (this.kinds[this.depth] === Op.if) {
      const fuel = this.plan.nextOtherwise();
      if (fuel > 0) {
        this.spans.insertAt(marks.start);
        out.byte(Op.else);
        sequences.charge(out, this.locals.fuel, fuel);
      }
    }
    this.open--;
    if (this.outerLabels[this.depth] !== noLabel) {
      this.spans.insertAt(marks.start);
      out.byte(Op.end);
      this.open--;
    }
  }

  private relative(label: number): number {
    return this.open - 1 - label;
  }

  /** The current `br`. */
  branch(): void {
    const { marks } = this;
    const { out } = this.spans;
    const target = this.target(marks.a);
    const outer = this.outerLabels[target] as number;
    const label = this.labels[target] as number;
    const fuel = this.plan.nextEdge();
    if (outer === noLabel) {
      if (fuel > 0) {
        this.spans.insertAt(marks.start);
        sequences.charge(out, this.locals.fuel, fuel);
      }
      this.spans.replaceIndex(this.relative(label));
      return;
    }
    this.spans.replace();
    this.backEdge(label, outer, fuel);
  }

  /** To the inner header while fuel is left, else to the outer one, where the check is. */
  private backEdge(inner: number, outer: number, fuel: number): void {
    const { out } = this.spans;
    sequences.get(out, this.locals.fuel);
    if (fuel > 0) {
      sequences.constant(out, fuel);
      out.byte(Op.i32Sub);
      sequences.tee(out, this.locals.fuel);
    }
    sequences.constant(out, 0);
    out.byte(Op.i32GeS);
    this.layout.hints.likely(out.length);
    sequences.branch(out, Op.brIf, this.relative(inner));
    sequences.branch(out, Op.br, this.relative(outer));
  }

  /** The current `br_if`. */
  branchIf(): void {
    const { marks } = this;
    const { out } = this.spans;
    const target = this.target(marks.a);
    const outer = this.outerLabels[target] as number;
    const label = this.labels[target] as number;
    const fuel = this.plan.nextEdge();
    if (outer === noLabel && fuel === 0) {
      this.spans.replaceIndex(this.relative(label));
      return;
    }
    this.spans.replace();
    out.byte(Op.if);
    this.writeCarrying(target);
    this.open++;
    if (outer !== noLabel) this.backEdge(label, outer, fuel);
    else {
      sequences.charge(out, this.locals.fuel, fuel);
      sequences.branch(out, Op.br, this.relative(label));
    }
    out.byte(Op.end);
    this.open--;
  }

  /** Block type of an `if` that passes on what a branch to the target carries. */
  private writeCarrying(target: number): void {
    const type = this.blockTypes[target] as number;
    let carried: readonly number[] = [];
    if (target === 0) carried = this.functionType.results;
    else if (type >= 0) {
      const signature = this.module.types[type] as FuncType;
      carried = this.kinds[target] === Op.loop ? signature.params : signature.results;
    } else if (type !== -64 && this.kinds[target] !== Op.loop) carried = [type & 0x7f];
    if (carried.length === 0) this.spans.out.byte(emptyBlockType);
    else this.spans.out.s32(this.layout.addType({ params: carried, results: carried }));
  }

  /** The current `br_table`. */
  branchTable(): void {
    const table = this.marks.whole();
    const { out } = this.spans;
    let moved = false;
    for (let i = 0; i <= table.a; i++) {
      const label = table.labels[i] as number;
      const target = this.target(label);
      const outer = this.outerLabels[target] as number;
      const to = this.relative(outer === noLabel ? (this.labels[target] as number) : outer);
      if (to !== label) moved = true;
      table.labels[i] = to;
    }
    if (!moved) return;
    this.spans.replace();
    out.byte(Op.brTable);
    out.u32(table.a);
    for (let i = 0; i <= table.a; i++) out.u32(table.labels[i] as number);
  }
}
