import { engineFunctionBytes } from "../admission/engine-limits.ts";
import { AdmissionError } from "../errors.ts";
import type { CodeIndex } from "../wasm/code.ts";
import { MarkReader, markCount, pauseOp } from "../wasm/marks.ts";
import { type Body, type FuncType, readLocalRuns, type WasmModule } from "../wasm/module.ts";
import { emptyBlockType, Op, ValType } from "../wasm/opcodes.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { Analysis } from "./analyse.ts";
import { BranchWriter } from "./branches.ts";
import { CallWriter } from "./calls.ts";
import { lengthPrices } from "./costs.ts";
import { Convention, type FunctionFacts } from "./facts.ts";
import type { Layout } from "./layout.ts";
import { MeterLocals } from "./locals.ts";
import { OffsetMapBuilder } from "./offsets.ts";
import type { MeteringPlan } from "./plan.ts";
import { PlanReader } from "./plan-reader.ts";
import * as sequences from "./sequences.ts";
import { SpanCopier } from "./spans.ts";

/**
 * Writes metered bodies: copies what stays, span by span, and puts in what the plan says.
 * One object serves all functions of a module.
 */
export class BodyRewriter {
  /** The code section's bodies, sizes included. */
  readonly code: ByteWriter;
  readonly offsets: OffsetMapBuilder;

  private readonly module: WasmModule;
  private readonly facts: FunctionFacts;
  private readonly plan: MeteringPlan;
  private readonly layout: Layout;
  private readonly marks: MarkReader;
  private readonly spans: SpanCopier;
  private readonly locals = new MeterLocals();
  private readonly planned: PlanReader;
  private readonly branches: BranchWriter;
  private readonly calls: CallWriter;
  private readonly head = new ByteWriter(64);

  // The function being written.
  private f = 0;
  private convention = 0;
  /** Where the function checks fuel and depth, if not at its entry and not yet; else -1. */
  private lateCheck = -1;

  constructor(module: WasmModule, code: CodeIndex, analysis: Analysis, layout: Layout) {
    this.module = module;
    this.facts = analysis.facts;
    this.plan = analysis.plan;
    this.layout = layout;
    // Metered code is seldom more than twice as long.
    this.code = new ByteWriter(2 * codeBytes(module) + 1024);
    // A span and what is put behind it, for each mark.
    this.offsets = new OffsetMapBuilder(2 * markCount(code.marks));
    const { facts, locals } = this;
    const marks = new MarkReader(module.bytes, code.marks);
    const spans = new SpanCopier(module.bytes, code, marks, locals, this.offsets);
    const planned = new PlanReader(this.plan);
    this.marks = marks;
    this.spans = spans;
    this.planned = planned;
    this.branches = new BranchWriter(
      module,
      planned,
      layout,
      marks,
      spans,
      locals,
      code.deepestNesting,
    );
    this.calls = new CallWriter(module, facts, layout, marks, spans, locals);
  }

  /** Writes defined function `f`. */
  write(f: number): void {
    const { module, facts, plan } = this;
    const body = module.bodies[f] as Body;
    const original = f + module.importedFunctionCount;
    const type = module.types[module.functionTypes[original] as number] as FuncType;
    this.f = f;
    this.calls.f = f;
    this.convention = facts.convention[f] as number;
    this.locals.place(facts, f, type, body);
    this.planned.open(f);
    this.offsets.beginBody();
    this.spans.begin(f, body.codeStart);
    this.marks.open(f, body.codeStart);
    this.spans.insertAt(body.codeStart);
    this.prologue();
    const wrapped = this.convention !== Convention.fixed && plan.exitLabelUsed[f] === 1;
    if (wrapped) this.beginWrapper(type);
    this.branches.begin(original, type, wrapped);
    this.instructions(wrapped);
    this.finish(body);
  }

  private prologue(): void {
    const { layout, facts, f } = this;
    const { out } = this.spans;
    this.lateCheck = -1;
    if (this.convention === Convention.fixed) return;
    const deep = facts.deep[f] === 1;
    if (this.convention === Convention.shared) {
      sequences.getGlobal(out, layout.fuelGlobal);
      sequences.set(out, this.locals.fuel);
      if (deep) {
        sequences.getGlobal(out, layout.depthGlobal);
        sequences.set(out, this.locals.depth);
      }
    }
    const units = facts.frameUnits[f] as number;
    this.lateCheck = facts.checkOffset[f] as number;
    if (facts.counted[f] === 1) {
      if (this.lateCheck < 0) this.countedCheck();
    } else if (deep) {
      sequences.takeDepth(out, this.locals.depth, units);
      out.byte(Op.drop);
    }
  }

  private countedCheck(): void {
    const { facts, layout, locals } = this;
    const units = facts.frameUnits[this.f] as number;
    sequences.countedCheck(this.spans.out, layout, locals.fuel, locals.depth, units);
  }

  /** A block around the body, so that branches to the function's label come by its epilogue. */
  private beginWrapper(type: FuncType): void {
    this.spans.out.byte(Op.block);
    if (type.results.length === 0) this.spans.out.byte(emptyBlockType);
    else if (type.results.length === 1) this.spans.out.byte(type.results[0] as number);
    else this.spans.out.s32(this.layout.addType({ params: [], results: type.results }));
  }

  private epilogue(): void {
    if (this.convention === Convention.fixed) return;
    sequences.get(this.spans.out, this.locals.fuel);
    if (this.convention === Convention.shared) {
      sequences.setGlobal(this.spans.out, this.layout.fuelGlobal);
    }
  }

  private instructions(wrapped: boolean): void {
    const { marks, branches, spans } = this;
    let dead = 0; // Blocks open since the last reachable instruction, that one's block included.
    while (!branches.done) {
      marks.next();
      const op = marks.op;
      if (dead === 0) {
        this.insertPlanned(marks.runStart);
        if (op === pauseOp) continue;
        this.insertPlanned(marks.start);
      }
      const live = dead === 0;
      if (dead > 0) {
        const closes = dead === 1 && (op === Op.end || op === Op.else);
        if (op === Op.block || op === Op.loop || op === Op.if) dead++;
        else if (op === Op.end) dead--;
        if (!closes) continue;
        // What was passed over isn't copied.
        spans.pending = marks.start;
      }
      dead = 0;
      if (op === Op.end) {
        if (branches.endsCopy(live)) continue;
        const joins = branches.joins(live);
        this.end(wrapped);
        if (branches.done || joins) continue;
        // The block's results are on the stack for code that is left out.
        spans.insertAt(marks.end);
        spans.out.byte(Op.unreachable);
        dead = 1;
        continue;
      }
      if (op === Op.else) branches.beginElse(live);
      if (this.instruction(op)) {
        spans.flush(marks.end);
        dead = 1;
      }
    }
  }

  /** Charges and checks that the plan has for this place. */
  private insertPlanned(offset: number): void {
    const { planned, spans, locals } = this;
    if (offset === this.lateCheck) {
      this.lateCheck = -1;
      spans.insertAt(offset);
      this.countedCheck();
    }
    if (!planned.isAt(offset)) return;
    const fuel = planned.chargeAt(offset);
    if (fuel > 0) {
      spans.insertAt(offset);
      sequences.charge(spans.out, locals.fuel, fuel);
    }
    if (planned.checkAt(offset)) {
      spans.insertAt(offset);
      sequences.check(spans.out, this.layout, locals.fuel);
    }
  }

  private end(wrapped: boolean): void {
    const { branches, spans } = this;
    branches.end();
    if (!branches.done) return;
    spans.insertAt(this.marks.start);
    if (wrapped) spans.out.byte(Op.end);
    const due = this.plan.endFuel[this.f] as number;
    if (due > 0 && this.convention !== Convention.fixed) {
      sequences.charge(spans.out, this.locals.fuel, due);
    }
    this.epilogue();
  }

  /** One reachable instruction; true when what follows it can't be reached. */
  private instruction(op: number): boolean {
    const { marks, spans, branches, calls } = this;
    switch (op) {
      case Op.block:
      case Op.if:
        branches.block();
        return false;
      case Op.loop:
        branches.loop();
        return false;
      case Op.else:
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
      case Op.return:
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
        spans.replaceIndex(this.layout.reference(marks.a));
        return true;
      case Op.returnCallIndirect:
        calls.tailSync(-1 - marks.a);
        return true;
      case Op.refFunc:
        spans.replaceIndex(this.layout.tableReference(marks.a));
        return false;
      default:
        this.priced(op);
        return false;
    }
  }

  private priced(op: number): void {
    const price = lengthPrices.get(op);
    if (price === undefined) return;
    const { marks, spans, layout, locals } = this;
    locals.usesScratch = true;
    spans.insertAt(marks.start);
    sequences.chargeLength(spans.out, layout, locals.fuel, locals.scratch, price);
    if (op !== Op.memoryGrow) return;
    spans.flush(marks.end);
    spans.insertAt(marks.end);
    sequences.noteFailedGrow(spans.out, layout, locals.scratch);
  }

  private finish(body: Body): void {
    const { head, code, locals } = this;
    const { out } = this.spans;
    this.spans.flush(body.end);
    head.clear();
    if (locals.moved + locals.own === 0 && !locals.usesScratch) {
      head.copy(this.module.bytes, body.start, body.codeStart);
    } else this.declareLocals(body);
    const size = head.length + out.length;
    if (size > engineFunctionBytes) {
      throw new AdmissionError(
        "too-large",
        body.start,
        `function ${this.f + this.module.importedFunctionCount} has ${size} bytes once metered, ` +
          `engines take ${engineFunctionBytes}`,
      );
    }
    this.layout.hints.file(
      this.layout.function(this.f + this.module.importedFunctionCount),
      head.length,
    );
    const start = code.length;
    code.u32(size);
    code.append(head);
    this.offsets.placeBody(start, code.length);
    code.append(out);
  }

  /** The original's declarations, with those that move at the end, and the meter's own behind them. */
  private declareLocals(body: Body): void {
    const { head, locals } = this;
    const runs = readLocalRuns(new ByteReader(this.module.bytes, body.start, body.end));
    const moved: [count: number, valType: number][] = [];
    for (let run = 0; moved.length < locals.moved; run++) {
      const declared = runs[run] as [number, number];
      while (declared[0] > 0 && moved.length < locals.moved) {
        declared[0]--;
        moved.push([1, declared[1]]);
      }
    }
    const own = locals.own + (locals.usesScratch ? 1 : 0);
    if (own > 0) moved.push([own, ValType.i32]);
    head.u32(runs.length + moved.length);
    for (const [count, valType] of [...runs, ...moved]) {
      head.u32(count);
      head.byte(valType);
    }
  }
}

function codeBytes(module: WasmModule): number {
  const first = module.bodies[0];
  const last = module.bodies[module.bodies.length - 1];
  return first === undefined || last === undefined ? 0 : last.end - first.start;
}
