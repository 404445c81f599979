import type { CodeIndex } from "../wasm/code.ts";
import { MarkReader, markCount, pauseOp } from "../wasm/marks.ts";
import type { Body, FuncType, WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/opcodes.ts";
import { ChargePlacer } from "./charges.ts";
import { CheckPlacer } from "./checks.ts";
import { costOf, entryCost } from "./costs.ts";
import { Convention, FunctionFacts } from "./facts.ts";
import { LateCheck } from "./late-check.ts";
import { LoopForm, MeteringPlan } from "./plan.ts";
import { assumedHostCallFuel, maxLeafFuel } from "./protocol.ts";
import { copiesOf, fallsThrough, LoopUnroller } from "./unrolling.ts";

/** Fuel a `fixed` function may cost at most; beyond it a caller would charge too far ahead. */
const maxFixedCost = 512;

const none = -1;

/** Blocks that are open beside the original's: a copy of an unrolled loop's body, and around it. */
const maxOwnBlocks = 2;

export interface Analysis {
  readonly facts: FunctionFacts;
  readonly plan: MeteringPlan;
}

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
export function analyse(module: WasmModule, code: CodeIndex, unrollLoops = true): Analysis {
  const facts = new FunctionFacts(module, code);
  const plan = new MeteringPlan(module.bodies.length, markCount(code.marks));
  const analyser = new FunctionAnalyser(module, code, facts, plan, unrollLoops);
  for (const f of facts.graph.order) analyser.run(f);
  facts.settleTables();
  return { facts, plan };
}

const blockKind = 0;
const loopKind = 1;
const ifKind = 2;
const elseKind = 3;

class FunctionAnalyser {
  private readonly marks: MarkReader;
  private readonly charges: ChargePlacer;
  private readonly checks: CheckPlacer;
  private readonly unroller = new LoopUnroller();
  private readonly lateCheck: LateCheck;

  // The control stack; entry 0 is the function itself.
  private depth = 0;
  private readonly kind: Uint8Array;
  /** Outermost entry that something inside branches to. */
  private readonly outermost: Int32Array;
  private readonly targeted: Uint8Array;
  private readonly loopSlot: Int32Array;
  private readonly loopStart: Int32Array;
  /** Behind the loop's header: offset, and position among the marks. */
  private readonly bodyStart: Int32Array;
  private readonly bodyPosition: Int32Array;
  /** 1 where a block holds a call, so that the loops around it gain nothing from strip-mining. */
  private readonly heavy: Uint8Array;

  /** By open block: the last `br_table` that leads to it; how many there were, and this one's targets. */
  private readonly tables: Int32Array;
  private tableCount = 0;
  private readonly tableTargets: number[] = [];

  /** Entry that a branch to the n-th open block of the original leads to, outermost first. */
  private readonly labels: Int32Array;
  /** Open blocks of the original. */
  private nest = 0;

  /** Copies of the open unrolled loop still to come behind this one; none when there is no such loop. */
  private copiesLeft = none;
  private unrolledNest = 0;
  /** The block around it, to whose end the body's end leads. */
  private exitBlock = none;
  private unrolledHeavy = false;

  private f = 0;
  private live = true;
  private exits = false;

  constructor(
    private readonly module: WasmModule,
    private readonly code: CodeIndex,
    private readonly facts: FunctionFacts,
    private readonly plan: MeteringPlan,
    private readonly unrollLoops: boolean,
  ) {
    const mostBlocks = code.deepestNesting + maxOwnBlocks;
    this.charges = new ChargePlacer(plan, mostBlocks);
    this.checks = new CheckPlacer(plan, mostBlocks);
    this.lateCheck = new LateCheck(mostBlocks);
    this.kind = new Uint8Array(mostBlocks);
    this.outermost = new Int32Array(mostBlocks);
    this.targeted = new Uint8Array(mostBlocks);
    this.loopSlot = new Int32Array(mostBlocks);
    this.loopStart = new Int32Array(mostBlocks);
    this.bodyStart = new Int32Array(mostBlocks);
    this.bodyPosition = new Int32Array(mostBlocks);
    this.heavy = new Uint8Array(mostBlocks);
    this.labels = new Int32Array(mostBlocks);
    this.tables = new Int32Array(mostBlocks);
    this.marks = new MarkReader(module.bytes, code.marks);
  }

  run(f: number): void {
    const { module, code, facts, plan, unroller } = this;
    const body = module.bodies[f] as Body;
    const type = this.typeOf(f + module.importedFunctionCount);
    this.f = f;
    plan.open(f);
    unroller.clear();
    this.walk(body, false);
    if (this.charges.failed) {
      plan.reopen(f);
      this.walk(body, true);
    } else if (this.unrollLoops && unroller.choose()) {
      plan.reopen(f);
      this.walk(body, false);
      if (this.charges.failed || this.unrolledHeavy) {
        unroller.clear();
        plan.reopen(f);
        this.walk(body, false);
      }
    }
    plan.endFuel[f] = this.live ? this.charges.due : 0;
    plan.close(f);
    facts.prefixFuel[f] = this.checks.mostUnchecked;
    facts.exitFuel[f] = this.checks.unchecked;
    facts.settleDepth(
      f,
      {
        params: type.params.length,
        locals: body.localCount,
        operands: code.mostOperands[f] as number,
        callArea: code.callArea[f] as number,
        vectors: code.hasVector[f] === 1 || module.hasVectors,
      },
      code.hasTailCall[f] === 1 ? none : this.lateCheck.offset,
    );
    facts.convention[f] = this.chooseConvention(f);
  }

  private chooseConvention(f: number): number {
    const { code, facts, plan } = this;
    if (code.hasTailCall[f] === 1) return Convention.shared;
    if (facts.isCalledThroughTables(f)) return Convention.threaded;
    if (code.hasLoop[f] === 1 || code.hasLengthOperation[f] === 1 || facts.counted[f] === 1) {
      return Convention.threaded;
    }
    for (let i = code.callStart[f] as number; i < (code.callStart[f + 1] as number); i++) {
      const callee = (code.callees[i] as number) - this.module.importedFunctionCount;
      if (callee < 0 || facts.convention[callee] !== Convention.fixed) return Convention.threaded;
    }
    const cost = plan.endFuel[f] as number;
    if (cost > maxFixedCost || plan.chargesInside(f)) return Convention.threaded;
    facts.fixedCost[f] = cost;
    return Convention.fixed;
  }

  private typeOf(functionIndex: number): FuncType {
    return this.module.types[this.module.functionTypes[functionIndex] as number] as FuncType;
  }

  private walk(body: Body, eager: boolean): void {
    const { marks, charges, checks, unroller } = this;
    marks.open(this.f, body.codeStart);
    this.depth = 0;
    this.nest = 0;
    this.copiesLeft = none;
    this.unrolledHeavy = false;
    unroller.begin();
    this.live = true;
    this.exits = false;
    this.lateCheck.begin();
    checks.begin();
    charges.begin(eager);
    this.labels[this.nest++] = this.push(blockKind);
    charges.openBlock(0);
    charges.add(entryCost(body.localCount), body.codeStart);
    let deadNesting = 0;
    while (this.depth > 0) {
      marks.next();
      const op = marks.op;
      if (this.live) {
        const { weight, runStart } = marks;
        if (weight > 0) this.step(runStart, weight);
        if (op !== pauseOp) this.instruction(op);
      } else if (op === Op.block || op === Op.loop || op === Op.if) deadNesting++;
      else if (op === Op.end && deadNesting > 0) deadNesting--;
      else if (deadNesting === 0 && (op === Op.end || op === Op.else)) this.instruction(op);
    }
  }

  private instruction(op: number): void {
    const { marks } = this;
    switch (op) {
      case Op.block:
        this.charges.openBlock(this.pushOwn(blockKind));
        return;
      case Op.loop:
        this.beginLoop();
        return;
      case Op.if:
        this.step(marks.start, 1);
        this.charges.openIf(this.pushOwn(ifKind));
        return;
      case Op.else:
        this.beginElse();
        return;
      case Op.end:
        this.endBlock();
        return;
      case Op.br:
        this.step(marks.start, 1);
        this.branch(marks.a);
        this.live = false;
        return;
      case Op.brIf:
        this.step(marks.start, 1);
        this.branch(marks.a);
        return;
      case Op.brTable:
        this.step(marks.start, 1);
        this.branchTable();
        this.live = false;
        return;
      case Op.return:
        this.leave();
        return;
      case Op.unreachable:
        this.live = false;
        return;
      case Op.call:
      case Op.returnCall:
        this.call(marks.a, op === Op.returnCall);
        return;
      case Op.callIndirect:
      case Op.returnCallIndirect:
        this.call(-1 - marks.a, op === Op.returnCallIndirect);
        return;
      case Op.refFunc:
        this.step(marks.start, costOf(op));
        return;
      default:
        // Priced by length: its charge comes with a check and so with a call.
        this.takesLong();
        this.step(marks.start, costOf(op));
        this.markHeavy();
        this.checks.checked();
    }
  }

  /** Out of the function without its label: `return` and tail calls. */
  private leave(): void {
    this.charges.leave(this.marks.start);
    this.outermost[this.depth - 1] = 0;
    this.checks.reach(0);
    this.exits = true;
    this.live = false;
  }

  private push(kind: number): number {
    const d = this.depth++;
    this.kind[d] = kind;
    this.outermost[d] = d;
    this.targeted[d] = 0;
    this.loopSlot[d] = none;
    this.heavy[d] = 0;
    this.checks.open(d);
    this.lateCheck.open(d, this.marks.start);
    return d;
  }

  /** Opens a block of the original. */
  private pushOwn(kind: number): number {
    const d = this.push(kind);
    this.labels[this.nest++] = d;
    return d;
  }

  /** The current mark may take long, or calls. */
  private takesLong(): void {
    const leaves = this.exits || this.targeted[0] === 1;
    this.lateCheck.takesLong(this.marks.start, this.depth, this.checks.mostUnchecked, leaves);
  }

  private beginLoop(): void {
    const { marks } = this;
    this.takesLong();
    const form = this.unroller.formOf(marks.start);
    if (form !== 0) {
      this.exitBlock = none;
      if (fallsThrough(form)) {
        this.exitBlock = this.push(blockKind);
        this.charges.openBlock(this.exitBlock);
      }
    }
    const d = this.pushOwn(loopKind);
    this.charges.openLoop(d);
    this.loopSlot[d] = this.plan.loopForm.length;
    this.loopStart[d] = marks.start;
    this.bodyStart[d] = marks.end;
    this.bodyPosition[d] = marks.position;
    this.plan.loopForm.push(LoopForm.once);
    if (form !== 0) {
      this.copiesLeft = copiesOf(form) - 1;
      this.unrolledNest = this.nest - 1;
      this.beginCopy();
    }
    // Strip-mining a loop with parameters would need them twice; it takes the plain form.
    const type = marks.a;
    if (type >= 0 && (this.module.types[type] as FuncType).params.length > 0) this.heavy[d] = 1;
  }

  /** A copy of an unrolled loop's body; all but the last are blocks, whose end is where it goes on. */
  private beginCopy(): void {
    const nest = this.unrolledNest;
    this.plan.beginCopy();
    if (this.copiesLeft === 0) {
      // The last copy stands in the loop itself, the innermost block that is still open.
      this.labels[nest] = this.depth - 1;
      return;
    }
    const d = this.push(blockKind);
    this.charges.openBlock(d);
    this.labels[nest] = d;
  }

  /** The end of an unrolled loop's body, which leaves the loop; then the next copy, if there is one. */
  private endCopy(): void {
    if (this.live && this.exitBlock !== none) {
      this.reach(this.exitBlock);
      this.charges.branch(this.exitBlock, false);
      this.live = false;
    }
    if (this.copiesLeft > 0) {
      this.closeBlock();
      this.copiesLeft--;
      const loop = this.depth - 1;
      this.marks.seek(this.bodyPosition[loop] as number, this.bodyStart[loop] as number);
      this.beginCopy();
      return;
    }
    this.unrolledHeavy ||= this.heavy[this.depth - 1] === 1;
    this.copiesLeft = none;
    this.nest--;
    this.closeBlock();
    if (this.exitBlock !== none) this.closeBlock();
  }

  private beginElse(): void {
    const d = this.depth - 1;
    this.charges.beginElse(d, this.live, this.marks.start);
    if (this.live) {
      // Falling into `else` jumps to the end.
      this.targeted[d] = 1;
      this.checks.reach(d);
    }
    this.kind[d] = elseKind;
    this.lateCheck.close(d);
    this.live = true;
    this.checks.beginElse(d);
  }

  private endBlock(): void {
    if (this.copiesLeft !== none && this.nest - 1 === this.unrolledNest) {
      this.endCopy();
      return;
    }
    this.nest--;
    this.closeBlock();
  }

  private closeBlock(): void {
    const d = --this.depth;
    this.lateCheck.close(d);
    const isLoop = this.kind[d] === loopKind;
    const isIf = this.kind[d] === ifKind;
    if (isLoop) this.endLoop(d);
    const joined = !isLoop && (this.targeted[d] === 1 || (d === 0 && this.exits));
    const leaves = (this.outermost[d] as number) < d;
    if (isLoop) this.charges.endLoop(d, leaves);
    else this.charges.endBlock(d, this.live, isIf, leaves, this.marks.start);
    // Without an `else`, the condition's other way comes straight here.
    this.checks.end(d, this.live, joined, isIf);
    this.live = this.live || joined || isIf;
    if (d === 0) {
      this.plan.exitLabelUsed[this.f] = this.targeted[0] as number;
      return;
    }
    const outermost = this.outermost[d] as number;
    if (outermost < (this.outermost[d - 1] as number)) this.outermost[d - 1] = outermost;
    if (this.heavy[d] === 1 || isLoop) this.heavy[d - 1] = 1;
  }

  private endLoop(d: number): void {
    if (this.targeted[d] === 0) return;
    const { plan, unroller } = this;
    const start = this.loopStart[d] as number;
    let form: number = this.heavy[d] === 1 ? LoopForm.plain : LoopForm.stripMined;
    if (form === LoopForm.stripMined) {
      const bytes = this.marks.start - (this.bodyStart[d] as number);
      form = unroller.endInnermost(start, bytes, this.live);
    }
    plan.loopForm.values[this.loopSlot[d] as number] = form;
  }

  private branch(label: number): void {
    const d = this.reach(this.labels[this.nest - 1 - label] as number);
    this.charges.branch(d, this.kind[d] === loopKind);
  }

  private branchTable(): void {
    const { marks, charges, kind, tables, tableTargets } = this;
    const table = marks.whole();
    const number = ++this.tableCount;
    tableTargets.length = 0;
    for (let i = 0; i <= table.a; i++) {
      const target = this.labels[this.nest - 1 - (table.labels[i] as number)] as number;
      if (tables[target] === number) continue;
      tables[target] = number;
      tableTargets.push(target);
      this.reach(target);
    }
    charges.beginTable(marks.start);
    for (const d of tableTargets) if (kind[d] === loopKind) charges.tableToLoop(d);
    charges.settleTable();
    for (const d of tableTargets) if (kind[d] !== loopKind) charges.tableToBlock(d);
  }

  /** Notes a branch to an open block. */
  private reach(target: number): number {
    const inner = this.depth - 1;
    if (target < (this.outermost[inner] as number)) this.outermost[inner] = target;
    this.targeted[target] = 1;
    if (this.kind[target] !== loopKind) this.checks.reach(target);
    return target;
  }

  /** Code of the given cost, with a check before it where too much would go unchecked. */
  private step(offset: number, fuel: number): void {
    this.burn(offset, fuel, fuel);
    this.lateCheck.burn(fuel);
    this.charges.add(fuel, offset);
  }

  private burn(offset: number, fuel: number, ahead: number): void {
    if (this.checks.burn(offset, fuel, ahead)) this.markHeavy();
  }

  private markHeavy(): void {
    this.heavy[this.depth - 1] = 1;
  }

  private call(callee: number, tail: boolean): void {
    const { facts, marks } = this;
    const { start } = marks;
    const defined = callee - this.module.importedFunctionCount;
    if (!tail && defined >= 0 && facts.convention[defined] === Convention.fixed) {
      this.step(start, 1 + (facts.fixedCost[defined] as number));
      return;
    }
    this.takesLong();
    // A call behind which the code ends is a way out of the loop, AssemblyScript's `abort` for one.
    if (this.module.bytes[marks.end] !== Op.unreachable) this.markHeavy();
    this.charges.prepay(start);
    this.charges.add(1, start);
    if (callee < 0) this.burnIndirect(start, -1 - callee);
    else if (facts.inCycle(this.f, callee)) {
      // The callee returns early, or checks; what it leaves unchecked then is bounded by its own checks.
      this.burn(start, 1 + maxLeafFuel, 1 + maxLeafFuel);
      this.checks.unwind();
    } else if (defined < 0) {
      this.burn(start, 1 + assumedHostCallFuel, 1 + assumedHostCallFuel);
    } else {
      const exit = facts.exitFuel[defined] as number;
      this.burn(start, 1 + exit, 1 + (facts.prefixFuel[defined] as number));
    }
    if (tail) this.leave();
  }

  /** A call through a type, of what is counted and of what isn't. */
  private burnIndirect(start: number, type: number): void {
    const { facts } = this;
    const inCycle = facts.inCycle(this.f, -1 - type);
    // Targets in the cycle return early, or check. Only the others are settled by now.
    const others = inCycle ? facts.indirectFactsOutside(type) : facts.indirectFacts(type);
    const fuel = 1 + (others.host ? assumedHostCallFuel : 0);
    const leaf = inCycle ? maxLeafFuel : 0;
    this.burn(
      start,
      fuel + Math.max(leaf, others.exitFuel),
      fuel + Math.max(leaf, others.prefixFuel),
    );
    if (inCycle) this.checks.unwind();
  }
}
