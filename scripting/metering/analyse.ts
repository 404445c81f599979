import type { CodeIndex } from "../wasm/code.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import type { Body, FuncType, WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/opcodes.ts";
import { ChargePlacer } from "./charges.ts";
import { costOf, entryCost, hasLengthPrice } from "./costs.ts";
import { Convention, FunctionFacts } from "./facts.ts";
import { copiesOf, fallsThrough, LoopForm, MeteringPlan, unrolling } from "./plan.ts";
import { assumedHostCallFuel, maxUncheckedFuel } from "./protocol.ts";
import { prefixedStackDelta, stackDelta } from "./stack.ts";

/** Fuel a `fixed` function may cost at most; beyond it a caller would charge too far ahead. */
const maxFixedCost = 512;

/**
 * Fuel that a function in a cycle may burn unchecked behind a call into the cycle. Unwinding a
 * recursion of depth d passes d such stretches without any entry.
 */
const maxUnwindFuel = 256;

const notUnwinding = -1;
const none = -1;

/** Bytes that the copies of an unrolled loop's body may have together, and most copies. */
const maxUnrolledBytes = 512;
const maxCopies = 4;

/** How often a loop's body is written: each copy but the last saves a check. */
function unrolledCopies(bytes: number): number {
  return Math.min(maxCopies, Math.floor(maxUnrolledBytes / bytes));
}

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
export function analyse(module: WasmModule, code: CodeIndex): Analysis {
  const facts = new FunctionFacts(module, code);
  const plan = new MeteringPlan(module.bodies.length);
  const analyser = new FunctionAnalyser(module, code, facts, plan);
  for (const f of facts.graph.order) analyser.run(f);
  facts.settleTables();
  return { facts, plan };
}

const blockKind = 0;
const loopKind = 1;
const ifKind = 2;
const elseKind = 3;

class FunctionAnalyser {
  private readonly module: WasmModule;
  private readonly code: CodeIndex;
  private readonly facts: FunctionFacts;
  private readonly plan: MeteringPlan;
  private readonly cursor: InstructionCursor;

  // The control stack; entry 0 is the function itself.
  private depth = 0;
  private kind = new Uint8Array(1024);
  /** Outermost entry that something inside branches to. */
  private outermost = new Int32Array(1024);
  private height = new Int32Array(1024);
  private resultCount = new Int32Array(1024);
  private targeted = new Uint8Array(1024);
  /** Most unchecked fuel, and most since a call into the cycle, over branches to the label. */
  private labelFuel = new Int32Array(1024);
  private labelUnwinding = new Int32Array(1024);
  /** The same where an `if` began, for its other arm. */
  private ifFuel = new Int32Array(1024);
  private ifUnwinding = new Int32Array(1024);
  private loopSlot = new Int32Array(1024);
  private loopStart = new Int32Array(1024);
  private bodyStart = new Int32Array(1024);
  private heavy = new Uint8Array(1024);

  /** Entry that a branch to the n-th open block of the original leads to, outermost first. */
  private labels = new Int32Array(1024);
  /** Open blocks of the original. */
  private nest = 0;

  /** The innermost, strip-mined loops of the function, by offset. */
  private readonly innermost = new Map<number, { bytes: number; fallsThrough: boolean }>();
  /** Those to unroll, see {@link unrolling}. No loop stands in one, so one at a time is open. */
  private readonly unrolled = new Map<number, number>();
  /** Copies of the open one still to come behind this one; none when no such loop is open. */
  private copiesLeft = none;
  private unrolledNest = 0;
  /** The block around it, to whose end the body's end leads. */
  private exitBlock = none;
  private unrolledHeavy = false;
  private bodyEnd = 0;

  // The running state.
  private readonly charges: ChargePlacer;
  private f = 0;
  private live = true;
  private exits = false;
  /** Most fuel burnt since the last check. */
  private unchecked = 0;
  /** Most burnt since a call into the cycle, where no check came since; else {@link notUnwinding}. */
  private unwinding = notUnwinding;
  private mostUnchecked = 0;
  private operands = 0;
  private mostOperands = 0;
  private callArea = 0;
  private vectors = false;

  constructor(module: WasmModule, code: CodeIndex, facts: FunctionFacts, plan: MeteringPlan) {
    this.module = module;
    this.code = code;
    this.facts = facts;
    this.plan = plan;
    this.charges = new ChargePlacer(plan);
    this.cursor = new InstructionCursor(module.bytes);
  }

  run(f: number): void {
    const { module, facts, plan } = this;
    const body = module.bodies[f] as Body;
    const type = this.typeOf(f + module.importedFunctionCount);
    this.f = f;
    plan.open(f);
    this.unrolled.clear();
    this.walk(body, type, false);
    if (this.charges.failed) {
      plan.reopen(f);
      this.walk(body, type, true);
    } else if (this.chooseUnrolled()) {
      plan.reopen(f);
      this.walk(body, type, false);
      if (this.charges.failed || this.unrolledHeavy) {
        this.unrolled.clear();
        plan.reopen(f);
        this.walk(body, type, false);
      }
    }
    plan.endFuel[f] = this.live ? this.charges.due : 0;
    plan.close(f);
    facts.prefixFuel[f] = this.mostUnchecked;
    facts.exitFuel[f] = this.unchecked;
    facts.settleDepth(f, {
      params: type.params.length,
      locals: body.localCount,
      operands: this.mostOperands,
      callArea: this.callArea,
      vectors: this.vectors || module.hasVectors,
    });
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

  /** Whether any of the loops that were found is to be unrolled. */
  private chooseUnrolled(): boolean {
    for (const [start, loop] of this.innermost) {
      const copies = unrolledCopies(loop.bytes);
      if (copies > 1) this.unrolled.set(start, unrolling(copies, loop.fallsThrough));
    }
    this.innermost.clear();
    return this.unrolled.size > 0;
  }

  private typeOf(functionIndex: number): FuncType {
    return this.module.types[this.module.functionTypes[functionIndex] as number] as FuncType;
  }

  private walk(body: Body, type: FuncType, eager: boolean): void {
    const { cursor } = this;
    cursor.seek(body.codeStart, body.end);
    this.bodyEnd = body.end;
    this.depth = 0;
    this.nest = 0;
    this.copiesLeft = none;
    this.unrolledHeavy = false;
    this.innermost.clear();
    this.live = true;
    this.exits = false;
    this.checked();
    this.mostUnchecked = 0;
    this.operands = 0;
    this.mostOperands = 0;
    this.callArea = 0;
    this.vectors = false;
    this.charges.begin(eager);
    this.labels[this.nest++] = this.push(blockKind, 0, type.results.length);
    this.charges.openBlock(0);
    this.charges.add(entryCost(body.localCount), body.codeStart);
    let deadNesting = 0;
    while (this.depth > 0) {
      cursor.next();
      const op = cursor.op;
      if (!this.live) {
        if (op === Op.block || op === Op.loop || op === Op.if) deadNesting++;
        else if (op === Op.end && deadNesting > 0) deadNesting--;
        else if (deadNesting === 0 && (op === Op.end || op === Op.else)) this.instruction(op);
        continue;
      }
      this.instruction(op);
    }
  }

  private instruction(op: number): void {
    const { cursor } = this;
    switch (op) {
      case Op.block:
        this.charges.openBlock(this.pushTyped(blockKind));
        return;
      case Op.loop:
        this.beginLoop();
        return;
      case Op.if:
        this.step(1);
        this.operands--;
        this.charges.openIf(this.pushTyped(ifKind));
        return;
      case Op.else:
        this.beginElse();
        return;
      case Op.end:
        this.endBlock();
        return;
      case Op.br:
        this.step(1);
        this.branch(cursor.a);
        this.live = false;
        return;
      case Op.brIf:
        this.step(1);
        this.operands--;
        this.branch(cursor.a);
        return;
      case Op.brTable:
        this.step(1);
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
        this.call(cursor.a, this.typeOf(cursor.a), op === Op.returnCall);
        return;
      case Op.callIndirect:
      case Op.returnCallIndirect:
        this.operands--;
        this.call(
          -1 - cursor.a,
          this.module.types[cursor.a] as FuncType,
          op === Op.returnCallIndirect,
        );
        return;
      default:
        this.step(costOf(op));
        this.grow(op < 256 ? (stackDelta[op] as number) : prefixedStackDelta(op));
        if (op >= 0xfd0000) this.vectors = true;
        if (hasLengthPrice(op)) {
          // Its charge comes with a check and so with a call.
          this.markHeavy();
          this.checked();
        }
    }
  }

  /** Out of the function without its label: `return` and tail calls. */
  private leave(): void {
    this.charges.leave(this.cursor.start);
    this.outermost[this.depth - 1] = 0;
    this.mergeInto(0);
    this.exits = true;
    this.live = false;
  }

  private push(kind: number, params: number, results: number): number {
    const d = this.depth++;
    if (d >= this.kind.length) throw new RangeError("control stack");
    this.kind[d] = kind;
    this.outermost[d] = d;
    this.height[d] = this.operands - params;
    this.resultCount[d] = results;
    this.targeted[d] = 0;
    this.labelFuel[d] = 0;
    this.labelUnwinding[d] = notUnwinding;
    this.ifFuel[d] = this.unchecked;
    this.ifUnwinding[d] = this.unwinding;
    this.loopSlot[d] = -1;
    this.heavy[d] = 0;
    return d;
  }

  /** Opens a block of the original. */
  private pushTyped(kind: number): number {
    const type = this.cursor.a;
    let d: number;
    if (type < 0) d = this.push(kind, 0, type === -64 ? 0 : 1);
    else {
      const signature = this.module.types[type] as FuncType;
      d = this.push(kind, signature.params.length, signature.results.length);
    }
    this.labels[this.nest++] = d;
    return d;
  }

  private beginLoop(): void {
    const { cursor } = this;
    const type = cursor.a;
    const value = this.unrolled.get(cursor.start) ?? 0;
    if (value !== 0) {
      this.exitBlock = none;
      if (fallsThrough(value)) {
        this.exitBlock = this.push(blockKind, 0, type === -64 ? 0 : 1);
        this.charges.openBlock(this.exitBlock);
      }
    }
    const d = this.pushTyped(loopKind);
    this.charges.openLoop(d);
    this.loopSlot[d] = this.plan.loopForm.length;
    this.loopStart[d] = cursor.start;
    this.bodyStart[d] = cursor.end;
    this.plan.loopForm.push(LoopForm.once);
    this.plan.loopUnrolling.push(value);
    if (value !== 0) {
      this.copiesLeft = copiesOf(value) - 1;
      this.unrolledNest = this.nest - 1;
      this.beginCopy();
    }
    // Strip-mining a loop with parameters would need them twice; it takes the plain form.
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
    const d = this.push(blockKind, 0, 0);
    this.charges.openBlock(d);
    this.labels[nest] = d;
  }

  /** The end of an unrolled loop's body, which leaves the loop; then the next copy, if there is one. */
  private endCopy(): void {
    if (this.live && this.exitBlock !== none) {
      this.reachBlock(this.exitBlock);
      this.charges.branch(this.exitBlock, false);
      this.live = false;
    }
    if (this.copiesLeft > 0) {
      this.closeBlock();
      this.copiesLeft--;
      this.cursor.seek(this.bodyStart[this.depth - 1] as number, this.bodyEnd);
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
    this.charges.beginElse(d, this.live, this.cursor.start);
    if (this.live) {
      // Falling into `else` jumps to the end.
      this.targeted[d] = 1;
      this.mergeInto(d);
    }
    this.kind[d] = elseKind;
    this.live = true;
    this.unchecked = this.ifFuel[d] as number;
    this.unwinding = this.ifUnwinding[d] as number;
    this.operands = this.height[d] as number;
  }

  private mergeInto(d: number): void {
    this.labelFuel[d] = Math.max(this.labelFuel[d] as number, this.unchecked);
    this.labelUnwinding[d] = Math.max(this.labelUnwinding[d] as number, this.unwinding);
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
    const kind = this.kind[d];
    const isLoop = kind === loopKind;
    if (isLoop) this.endLoop(d);
    const joined = !isLoop && (this.targeted[d] === 1 || (d === 0 && this.exits));
    if (kind === ifKind) {
      // Without an `else`, the condition's other way comes straight here.
      this.labelFuel[d] = Math.max(this.labelFuel[d] as number, this.ifFuel[d] as number);
      const unwinding = this.ifUnwinding[d] as number;
      this.labelUnwinding[d] = Math.max(this.labelUnwinding[d] as number, unwinding);
    }
    const others = joined || kind === ifKind;
    const leaves = (this.outermost[d] as number) < d;
    if (isLoop) this.charges.endLoop(d, leaves);
    else this.charges.endBlock(d, this.live, kind === ifKind, leaves, this.cursor.start);
    if (others) {
      this.unchecked = this.live
        ? Math.max(this.unchecked, this.labelFuel[d] as number)
        : (this.labelFuel[d] as number);
      this.unwinding = this.live
        ? Math.max(this.unwinding, this.labelUnwinding[d] as number)
        : (this.labelUnwinding[d] as number);
    }
    this.live = this.live || others;
    this.operands = (this.height[d] as number) + (this.resultCount[d] as number);
    if (d > 0) {
      const parent = d - 1;
      this.outermost[parent] = Math.min(
        this.outermost[parent] as number,
        this.outermost[d] as number,
      );
      if (this.heavy[d] === 1 || isLoop) this.heavy[parent] = 1;
    } else {
      this.plan.exitLabelUsed[this.f] = this.targeted[0] as number;
    }
  }

  private endLoop(d: number): void {
    if (this.targeted[d] === 0) return;
    const form = this.heavy[d] === 1 ? LoopForm.plain : LoopForm.stripMined;
    this.plan.loopForm.values[this.loopSlot[d] as number] = form;
    const start = this.loopStart[d] as number;
    if (form !== LoopForm.stripMined || this.unrolled.has(start)) return;
    const bytes = this.cursor.start - (this.bodyStart[d] as number);
    this.innermost.set(start, { bytes, fallsThrough: this.live });
  }

  private branch(label: number): void {
    const d = this.reach(label);
    this.charges.branch(d, this.kind[d] === loopKind);
  }

  private branchTable(): void {
    const { cursor, charges } = this;
    const targets = new Set<number>();
    for (let i = 0; i <= cursor.a; i++) targets.add(this.reach(cursor.labels[i] as number));
    charges.tableToLoops(
      [...targets].filter((d) => this.kind[d] === loopKind),
      cursor.start,
    );
    for (const d of targets) if (this.kind[d] !== loopKind) charges.tableToBlock(d);
  }

  /** Notes a branch to a label; returns which open block it is. */
  private reach(label: number): number {
    return this.reachBlock(this.labels[this.nest - 1 - label] as number);
  }

  private reachBlock(target: number): number {
    const inner = this.depth - 1;
    this.outermost[inner] = Math.min(this.outermost[inner] as number, target);
    this.targeted[target] = 1;
    if (this.kind[target] !== loopKind) this.mergeInto(target);
    return target;
  }

  /** One instruction of the given cost, with a check before it where too much would go unchecked. */
  private step(fuel: number): void {
    this.burn(fuel);
    this.charges.add(fuel, this.cursor.start);
  }

  /** `ahead` fuel is about to be burnt without a check, of which `fuel` stays for what follows. */
  private burn(fuel: number, ahead = fuel): void {
    const unwindsFar = this.unwinding !== notUnwinding && this.unwinding + ahead > maxUnwindFuel;
    if (unwindsFar || this.unchecked + ahead > maxUncheckedFuel) {
      this.plan.checkOffset.push(this.cursor.start);
      this.markHeavy();
      this.checked();
    }
    this.mostUnchecked = Math.max(this.mostUnchecked, this.unchecked + ahead);
    this.unchecked += fuel;
    if (this.unwinding !== notUnwinding) this.unwinding += fuel;
  }

  private checked(): void {
    this.unchecked = 0;
    this.unwinding = notUnwinding;
  }

  /** The innermost block holds a call, so the loops around it gain nothing from strip-mining. */
  private markHeavy(): void {
    this.heavy[this.depth - 1] = 1;
  }

  private grow(delta: number): void {
    this.operands += delta;
    if (this.operands > this.mostOperands) this.mostOperands = this.operands;
  }

  private call(callee: number, type: FuncType, tail: boolean): void {
    const { facts } = this;
    this.grow(type.results.length - type.params.length);
    this.callArea = Math.max(this.callArea, type.params.length + type.results.length);
    const defined = callee - this.module.importedFunctionCount;
    if (!tail && this.isFixed(defined)) {
      const fuel = 1 + (facts.fixedCost[defined] as number);
      this.burn(fuel);
      this.charges.add(fuel, this.cursor.start);
      return;
    }
    // A call behind which the code ends is a way out of the loop, AssemblyScript's `abort` for one.
    if (this.module.bytes[this.cursor.end] !== Op.unreachable) this.markHeavy();
    this.charges.prepay(this.cursor.start);
    this.charges.add(1, this.cursor.start);
    if (callee < 0) this.burnIndirect(callee);
    else if (facts.inCycle(this.f, callee)) {
      // The callee checks at entry; what it leaves unchecked on return is bounded by maxUnwindFuel.
      this.burn(1);
      this.unchecked = 0;
      this.unwinding = 0;
    } else if (defined < 0) {
      this.burn(1 + assumedHostCallFuel);
    } else {
      this.burn(1 + (facts.exitFuel[defined] as number), 1 + (facts.prefixFuel[defined] as number));
    }
    if (tail) this.leave();
  }

  /** A call through a type, of what checks at entry and of what doesn't. */
  private burnIndirect(callee: number): void {
    const { facts } = this;
    const type = -1 - callee;
    const inCycle = facts.inCycle(this.f, callee);
    // Targets in the cycle check at entry. Only the others are settled by now.
    const others = inCycle ? facts.indirectFactsOutside(type) : facts.indirectFacts(type);
    const host = others.host ? assumedHostCallFuel : 0;
    this.burn(1 + host + others.exitFuel, 1 + host + others.prefixFuel);
    if (inCycle) this.unwinding = Math.max(this.unwinding, 0);
  }

  private isFixed(f: number): boolean {
    return f >= 0 && this.facts.convention[f] === Convention.fixed;
  }
}
