import { code } from "../../wasm/core/code.as";
import { entriesPerMark, MarkReader, pauseOp } from "../../wasm/core/marks.as";
import { Bytes, Ints, newInts } from "../../wasm/core/memory.as";
import { Op } from "../../wasm/op";
import { assumedHostCallFuel, maxLeafFuel } from "../bounds";
import { graph } from "./callgraph.as";
import { charges } from "./charges.as";
import { checks } from "./checks.as";
import { costOf, entryCost } from "./costs.as";
import { Convention } from "../codes";
import { facts } from "./facts.as";
import { BodyField, input } from "./input.as";
import { lateCheck } from "./late-check.as";
import { above, below, BlockKind, blocks, OpenBlock } from "./open-block.as";
import { LoopForm, plan } from "./plan.as";
import { copiesOf, fallsThrough, unroller } from "./unrolling.as";

/** Fuel a `fixed` function may cost at most; beyond it a caller would charge too far ahead. */
const maxFixedCost: i32 = 512;

const none: i32 = -1;
const noBlock: OpenBlock = changetype<OpenBlock>(0);

/** By the code of a mark: its own cost, where that is burnt before all else. */
const stepFuel: Bytes = changetype<Bytes>(memory.data(512));
stepFuel[Op.if_] = 1;
stepFuel[Op.br] = 1;
stepFuel[Op.brIf] = 1;
stepFuel[Op.brTable] = 1;
stepFuel[Op.refFunc] = costOf(Op.refFunc);

/**
 * Decides where charges and checks go.
 *
 * Charges: see {@link ChargePlacer}. A region is what always runs together; it goes on behind a
 * block, an `if` or a loop out of which nothing branches farther than to its end, for whoever
 * enters such a construct leaves it there, or never leaves it at all.
 *
 * Checks: at the header of every loop that something branches back to, at the entry of every
 * function in a cycle of calls, and wherever forward code could burn more than `maxUncheckedFuel`
 * since the last one.
 *
 * Code that can't be reached isn't charged; the rewriter leaves it out.
 */
export function analyseAll(unrollLoops: bool): void {
  graph.build();
  facts.begin();
  plan.begin(code.entryCount / entriesPerMark);
  analyser.begin(unrollLoops);
  const order = graph.order;
  for (let i = 0; i < input.bodyCount; i++) analyser.run(order[i]);
}

const analysedMarks: MarkReader = changetype<MarkReader>(memory.data(offsetof<MarkReader>()));

@unmanaged
class FunctionAnalyser {
  @inline private get marks(): MarkReader {
    return analysedMarks;
  }
  private unrollLoops: bool = false;

  /** The innermost open block; none behind the function's end. */
  private inner: OpenBlock = noBlock;

  private tableCount: i32 = 0;
  /** Blocks that the current `br_table` leads to. */
  private tableTargets: Ints = changetype<Ints>(0);

  /** Block that a branch to the n-th open block of the original leads to, outermost first. */
  private labels: Ints = changetype<Ints>(0);
  /** Open blocks of the original. */
  private nest: i32 = 0;

  /** Copies of the open unrolled loop still to come behind this one; none when there is no such loop. */
  private copiesLeft: i32 = none;
  private unrolledNest: i32 = 0;
  /** The block around it, to whose end the body's end leads. */
  private exitBlock: OpenBlock = noBlock;
  private unrolledHeavy: bool = false;

  private f: i32 = 0;
  /** Whether a cycle of calls passes through it. */
  private recursive: bool = false;
  private component: i32 = 0;
  private live: bool = true;
  private exits: bool = false;

  /** Starts a module. */
  begin(unrollLoops: bool): void {
    this.unrollLoops = unrollLoops;
    this.marks.bytes = input.bytes;
    this.marks.byteCount = input.byteCount;
    this.marks.entries = code.entries;
    blocks.begin();
    charges.beginModule();
    lateCheck.beginModule(blocks.most);
    unroller.beginModule();
    this.labels = newInts(blocks.most);
    this.tableTargets = newInts(blocks.most);
    this.tableCount = 0;
  }

  run(f: i32): void {
    this.f = f;
    this.recursive = graph.recursive[f] == 1;
    this.component = graph.component[f];
    plan.open(f);
    unroller.clear();
    this.walk(false);
    if (charges.failed) {
      plan.reopen(f);
      this.walk(true);
    } else if (this.unrollLoops && unroller.choose()) {
      plan.reopen(f);
      this.walk(false);
      if (charges.failed || this.unrolledHeavy) {
        unroller.clear();
        plan.reopen(f);
        this.walk(false);
      }
    }
    plan.endFuel[f] = this.live ? charges.due : 0;
    plan.close(f);
    facts.prefixFuel[f] = checks.mostUnchecked;
    facts.exitFuel[f] = checks.unchecked;
    facts.settleDepth(f, code.hasTailCall[f] == 1 ? none : lateCheck.offset());
    facts.convention[f] = this.chooseConvention(f);
  }

  private chooseConvention(f: i32): Convention {
    if (code.hasTailCall[f] == 1) return Convention.shared;
    if (facts.isCalledThroughTables(f)) return Convention.threaded;
    if (code.hasLoop[f] == 1 || code.hasLengthOperation[f] == 1 || facts.counted[f] == 1) {
      return Convention.threaded;
    }
    const end = code.callStart[f + 1];
    for (let i = code.callStart[f]; i < end; i++) {
      const callee = code.callees[i] - input.importedFunctions;
      if (callee < 0 || facts.convention[callee] != Convention.fixed) return Convention.threaded;
    }
    const cost = plan.endFuel[f];
    if (cost > maxFixedCost || plan.chargesInside(f)) return Convention.threaded;
    facts.fixedCost[f] = cost;
    return Convention.fixed;
  }

  private walk(eager: bool): void {
    const marks = this.marks;
    const codeStart = input.body(this.f, BodyField.codeStart);
    marks.seek(code.starts[this.f], codeStart);
    this.inner = below(blocks.bottom);
    this.nest = 0;
    this.copiesLeft = none;
    this.unrolledHeavy = false;
    unroller.begin();
    this.live = true;
    this.exits = false;
    lateCheck.begin();
    checks.begin();
    charges.begin(eager);
    charges.openBlock(this.pushOwn(BlockKind.block));
    charges.add(entryCost(input.body(this.f, BodyField.localCount)), codeStart);
    let deadNesting = 0;
    while (changetype<usize>(this.inner) >= changetype<usize>(blocks.bottom)) {
      const op = marks.nextCode();
      if (this.live) {
        this.steps(marks.weight, stepFuel[op]);
        this.instruction(op);
        // What failed is dropped.
        if (charges.failed && !eager) return;
      } else if (op == Op.block || op == Op.loop || op == Op.if_) deadNesting++;
      else if (op == Op.end && deadNesting > 0) deadNesting--;
      else if (deadNesting == 0 && (op == Op.end || op == Op.else_)) this.instruction(op);
    }
  }

  /** Plain code in front of the current mark, and its own cost. */
  @inline private steps(weight: i32, own: i32): void {
    const marks = this.marks;
    const fuel = weight + own;
    if (fuel == 0) return;
    if (checks.fits(fuel)) {
      checks.add(fuel);
      lateCheck.burn(fuel);
      charges.add(fuel, weight > 0 ? marks.runStart : marks.start);
      return;
    }
    if (weight > 0) this.step(marks.runStart, weight);
    if (own > 0) this.step(marks.start, own);
  }

  /** The current mark, whose code is `op`, behind its own cost. */
  @inline private instruction(op: i32): void {
    const marks = this.marks;
    switch (op) {
      case Op.block:
        charges.openBlock(this.pushOwn(BlockKind.block));
        return;
      case Op.loop:
        this.beginLoop();
        return;
      case Op.if_:
        charges.openIf(this.pushOwn(BlockKind.if_));
        return;
      case Op.else_:
        this.beginElse();
        return;
      case Op.end:
        this.endBlock();
        return;
      case Op.br:
        this.branch(marks.a);
        this.live = false;
        return;
      case Op.brIf:
        this.branch(marks.a);
        return;
      case Op.brTable:
        this.branchTable();
        this.live = false;
        return;
      case Op.return_:
        this.leave();
        return;
      case Op.unreachable:
        this.live = false;
        return;
      case Op.call:
      case Op.returnCall:
        this.call(marks.a, op == Op.returnCall);
        return;
      case Op.callIndirect:
      case Op.returnCallIndirect:
        this.call(-1 - marks.a, op == Op.returnCallIndirect);
        return;
      default:
        if (op == Op.refFunc || op == pauseOp) return;
        // Priced by length: its charge comes with a check and so with a call.
        this.takesLong();
        this.step(marks.start, costOf(op));
        this.markHeavy();
        checks.checked();
    }
  }

  /** Out of the function without its label: `return` and tail calls. */
  private leave(): void {
    const bottom = blocks.bottom;
    charges.leave(this.marks.start);
    this.inner.outermost = changetype<usize>(bottom);
    checks.reach(bottom);
    this.exits = true;
    this.live = false;
  }

  private push(kind: BlockKind): OpenBlock {
    const block = above(this.inner);
    this.inner = block;
    block.kind = <u8>kind;
    block.outermost = changetype<usize>(block);
    block.targeted = false;
    block.heavy = false;
    block.start = this.marks.start;
    checks.open(block);
    return block;
  }

  /** Opens a block of the original. */
  private pushOwn(kind: BlockKind): OpenBlock {
    const block = this.push(kind);
    this.labels[this.nest++] = <i32>changetype<usize>(block);
    return block;
  }

  /** The current mark may take long, or calls. */
  @inline private takesLong(): void {
    // Where there is no cycle, nothing is counted behind the entry.
    if (!this.recursive) return;
    const leaves = this.exits || blocks.bottom.targeted;
    lateCheck.takesLong(this.marks.start, this.inner, checks.mostUnchecked, leaves);
  }

  private beginLoop(): void {
    const marks = this.marks;
    this.takesLong();
    const form = unroller.formOf(marks.start);
    if (form != 0) {
      this.exitBlock = noBlock;
      if (fallsThrough(form)) {
        this.exitBlock = this.push(BlockKind.block);
        charges.openBlock(this.exitBlock);
      }
    }
    const block = this.pushOwn(BlockKind.loop);
    charges.openLoop(block);
    block.loopSlot = plan.loopForm.push(LoopForm.once);
    block.bodyStart = marks.end;
    block.bodyPosition = marks.position;
    if (form != 0) {
      this.copiesLeft = copiesOf(form) - 1;
      this.unrolledNest = this.nest - 1;
      this.beginCopy();
    }
    // Strip-mining a loop with parameters would need them twice; it takes the plain form.
    if (marks.a >= 0 && input.typeParams[marks.a] > 0) block.heavy = true;
  }

  /** A copy of an unrolled loop's body; all but the last are blocks, whose end is where it goes on. */
  private beginCopy(): void {
    plan.beginCopy();
    // The last copy stands in the loop itself, the innermost block that is still open.
    let block = this.inner;
    if (this.copiesLeft > 0) {
      block = this.push(BlockKind.block);
      charges.openBlock(block);
    }
    this.labels[this.unrolledNest] = <i32>changetype<usize>(block);
  }

  /** The end of an unrolled loop's body, which leaves the loop; then the next copy, if there is one. */
  private endCopy(): void {
    const exitBlock = this.exitBlock;
    if (this.live && exitBlock != noBlock) {
      this.reach(exitBlock);
      charges.branch(exitBlock, false);
      this.live = false;
    }
    if (this.copiesLeft > 0) {
      this.closeBlock();
      this.copiesLeft--;
      this.marks.seek(this.inner.bodyPosition, this.inner.bodyStart);
      this.beginCopy();
      return;
    }
    if (this.inner.heavy) this.unrolledHeavy = true;
    this.copiesLeft = none;
    this.nest--;
    this.closeBlock();
    if (exitBlock != noBlock) this.closeBlock();
  }

  private beginElse(): void {
    const block = this.inner;
    charges.beginElse(block, this.live, this.marks.start);
    if (this.live) {
      // Falling into `else` jumps to the end.
      block.targeted = true;
      checks.reach(block);
    }
    block.kind = <u8>BlockKind.else_;
    lateCheck.close(blocks.depth(block) - 1);
    this.live = true;
    checks.beginElse(block);
  }

  private endBlock(): void {
    if (this.copiesLeft != none && this.nest - 1 == this.unrolledNest) {
      this.endCopy();
      return;
    }
    this.nest--;
    this.closeBlock();
  }

  private closeBlock(): void {
    const block = this.inner;
    const outer = below(block);
    this.inner = outer;
    lateCheck.close(blocks.depth(outer));
    const leaves = block.outermost < changetype<usize>(block);
    if (block.kind == BlockKind.loop) {
      this.endLoop(block);
      charges.endLoop(block, leaves);
      outer.heavy = true;
    } else {
      const isIf = block.kind == BlockKind.if_;
      const isFunction = block == blocks.bottom;
      const joined = block.targeted || (isFunction && this.exits);
      charges.endBlock(block, this.live, isIf, leaves, this.marks.start);
      // Without an `else`, the condition's other way comes straight here.
      checks.end(block, this.live, joined, isIf);
      if (joined || isIf) this.live = true;
      if (isFunction) {
        plan.exitLabelUsed[this.f] = block.targeted ? 1 : 0;
        return;
      }
      if (block.heavy) outer.heavy = true;
    }
    outer.outermost = min(outer.outermost, block.outermost);
  }

  private endLoop(block: OpenBlock): void {
    if (!block.targeted) return;
    let form: i32 = LoopForm.plain;
    if (!block.heavy) {
      const bytes = this.marks.start - block.bodyStart;
      form = unroller.endInnermost(block.start, bytes, this.live);
    }
    plan.loopForm.values[block.loopSlot] = form;
  }

  @inline private target(label: i32): OpenBlock {
    return changetype<OpenBlock>(<usize>this.labels[this.nest - 1 - label]);
  }

  private branch(label: i32): void {
    const block = this.target(label);
    this.reach(block);
    charges.branch(block, block.kind == BlockKind.loop);
  }

  private branchTable(): void {
    const targets = this.tableTargets;
    const table = this.marks.whole();
    const number = ++this.tableCount;
    let count = 0;
    table.beginLabels();
    for (let i = table.a; i >= 0; i--) {
      const target = this.target(table.nextLabel());
      if (target.table == number) continue;
      target.table = number;
      targets[count++] = <i32>changetype<usize>(target);
      this.reach(target);
    }
    charges.beginTable(this.marks.start);
    for (let i = 0; i < count; i++) {
      const block = changetype<OpenBlock>(<usize>targets[i]);
      if (block.kind == BlockKind.loop) charges.tableToLoop(block);
    }
    charges.settleTable();
    for (let i = 0; i < count; i++) {
      const block = changetype<OpenBlock>(<usize>targets[i]);
      if (block.kind != BlockKind.loop) charges.tableToBlock(block);
    }
  }

  /** Notes a branch to an open block. */
  @inline private reach(target: OpenBlock): void {
    const inner = this.inner;
    inner.outermost = min(inner.outermost, changetype<usize>(target));
    target.targeted = true;
    if (target.kind != BlockKind.loop) checks.reach(target);
  }

  /** Code of the given cost, with a check before it where too much would go unchecked. */
  @inline private step(offset: i32, fuel: i32): void {
    this.burn(offset, fuel, fuel);
    lateCheck.burn(fuel);
    charges.add(fuel, offset);
  }

  @inline private burn(offset: i32, fuel: i32, ahead: i32): void {
    if (checks.burn(offset, fuel, ahead)) this.markHeavy();
  }

  private markHeavy(): void {
    this.inner.heavy = true;
  }

  private call(callee: i32, tail: bool): void {
    const marks = this.marks;
    const start = marks.start;
    const defined = callee - input.importedFunctions;
    if (!tail && defined >= 0 && facts.convention[defined] == Convention.fixed) {
      this.step(start, 1 + facts.fixedCost[defined]);
      return;
    }
    this.takesLong();
    // A call behind which the code ends is a way out of the loop, AssemblyScript's `abort` for one.
    if (load<u8>(input.bytes + <usize>marks.end) != Op.unreachable) this.markHeavy();
    charges.prepay(start);
    charges.add(1, start);
    if (callee < 0) this.burnIndirect(start, -1 - callee);
    else if (defined < 0) {
      this.burn(start, 1 + assumedHostCallFuel, 1 + assumedHostCallFuel);
    } else if (this.recursive && graph.component[defined] == this.component) {
      // The callee returns early, or checks; what it leaves unchecked then is bounded by its own checks.
      this.burn(start, 1 + maxLeafFuel, 1 + maxLeafFuel);
      checks.unwind();
    } else {
      this.burn(start, 1 + facts.exitFuel[defined], 1 + facts.prefixFuel[defined]);
    }
    if (tail) this.leave();
  }

  /** A call through a type, of what is counted and of what isn't. */
  private burnIndirect(start: i32, type: i32): void {
    const inCycle = facts.inCycle(this.f, -1 - type);
    // Targets in the cycle return early, or check. Only the others are settled by now.
    const others = inCycle ? facts.indirectFactsOutside(type) : facts.indirectFacts(type);
    const fuel = 1 + (others.host ? assumedHostCallFuel : 0);
    const leaf = inCycle ? maxLeafFuel : 0;
    this.burn(start, fuel + max(leaf, others.exitFuel), fuel + max(leaf, others.prefixFuel));
    if (inCycle) checks.unwind();
  }
}

const analyser: FunctionAnalyser = changetype<FunctionAnalyser>(
  memory.data(offsetof<FunctionAnalyser>()),
);
