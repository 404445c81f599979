import { engineFunctionBytes } from "../admission/engine-limits.ts";
import { AdmissionError } from "../errors.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import { type Body, type FuncType, readLocalRuns, type WasmModule } from "../wasm/module.ts";
import { emptyBlockType, Op, ValType } from "../wasm/opcodes.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import type { Analysis } from "./analyse.ts";
import { lengthPrices } from "./costs.ts";
import { Convention, type FunctionFacts } from "./facts.ts";
import type { Layout } from "./layout.ts";
import { OffsetMapBuilder } from "./offsets.ts";
import { LoopForm, type MeteringPlan } from "./plan.ts";
import * as sequences from "./sequences.ts";

const noLabel = -1;

/**
 * Writes metered bodies: copies what stays, span by span, and puts in what the plan says.
 * One object serves all functions of a module.
 */
export class BodyRewriter {
  /** The code section's bodies, sizes included. */
  readonly code: ByteWriter;
  readonly offsets = new OffsetMapBuilder();

  private readonly module: WasmModule;
  private readonly facts: FunctionFacts;
  private readonly plan: MeteringPlan;
  private readonly layout: Layout;
  private readonly cursor: InstructionCursor;
  private readonly out = new ByteWriter(4096);
  private readonly head = new ByteWriter(64);

  // The function being written.
  private f = 0;
  private convention = 0;
  private params = 0;
  private shift = 0;
  private fuel = 0;
  private depthLocal = 0;
  private scratch = 0;
  private usesScratch = false;
  private functionType: FuncType = { params: [], results: [] };
  /** Start of the bytes read but not copied yet. */
  private pending = 0;
  private nextCharge = 0;
  private endCharge = 0;
  private nextCheck = 0;
  private endCheck = 0;
  private nextEdge = 0;
  private nextOtherwise = 0;
  private nextLoop = 0;

  // Control: for every open block of the original, the labels it has in the output.
  private depth = 0;
  private labels = new Int32Array(1024);
  /** Outer label of a strip-mined loop. */
  private outerLabels = new Int32Array(1024);
  /** Opcode that began each, and whether something branches to it. */
  private kinds = new Uint8Array(1024);
  private targeted = new Uint8Array(1024);
  private blockTypes = new Int32Array(1024);
  /** Labels open in the output. */
  private open = 0;

  constructor(module: WasmModule, analysis: Analysis, layout: Layout) {
    this.module = module;
    this.facts = analysis.facts;
    this.plan = analysis.plan;
    this.layout = layout;
    this.cursor = new InstructionCursor(module.bytes);
    this.code = new ByteWriter(module.bytes.length + 1024);
  }

  /** Writes defined function `f`. */
  write(f: number): void {
    const { module, facts, plan, cursor } = this;
    const body = module.bodies[f] as Body;
    const original = f + module.importedFunctionCount;
    const type = module.types[module.functionTypes[original] as number] as FuncType;
    const deep = facts.deep[f] as number;
    this.f = f;
    this.convention = facts.convention[f] as number;
    this.params = type.params.length;
    const threaded = this.convention === Convention.threaded;
    this.shift = threaded ? 1 + deep : 0;
    const firstOwn = this.params + this.shift + body.localCount;
    this.fuel = threaded ? this.params : firstOwn;
    this.depthLocal = this.fuel + 1;
    const ownLocals = this.convention === Convention.shared ? 1 + deep : 0;
    this.scratch = firstOwn + ownLocals;
    this.usesScratch = false;
    this.nextCharge = plan.first(plan.chargeOffset, f);
    this.endCharge = plan.end(plan.chargeOffset, f);
    this.nextCheck = plan.first(plan.checkOffset, f);
    this.endCheck = plan.end(plan.checkOffset, f);
    this.nextLoop = plan.first(plan.loopForm, f);
    this.nextEdge = plan.first(plan.edgeFuel, f);
    this.nextOtherwise = plan.first(plan.otherwiseFuel, f);
    this.depth = 0;
    this.open = 1;
    this.out.clear();
    const firstRun = this.offsets.length;
    this.offsets.none(0);
    this.pending = body.codeStart;

    cursor.seek(body.codeStart, body.end);
    this.insertAt(body.codeStart);
    this.prologue();
    const wrapped = this.convention !== Convention.fixed && plan.exitLabelUsed[f] === 1;
    if (wrapped) this.beginWrapper(type);
    this.pushLabel(this.open - 1, noLabel);
    this.kinds[0] = Op.block;
    this.functionType = type;
    this.instructions(wrapped);
    this.finish(body, ownLocals, firstRun);
  }

  private prologue(): void {
    const { out, layout, facts, f } = this;
    if (this.convention === Convention.fixed) return;
    const deep = facts.deep[f] === 1;
    if (this.convention === Convention.shared) {
      sequences.getGlobal(out, layout.fuelGlobal);
      sequences.set(out, this.fuel);
      if (deep) {
        sequences.getGlobal(out, layout.depthGlobal);
        sequences.set(out, this.depthLocal);
      }
    }
    const units = facts.frameUnits[f] as number;
    if (facts.counted[f] === 1) {
      sequences.countedEntry(out, layout, this.fuel, this.depthLocal, units);
    } else if (deep) {
      sequences.takeDepth(out, this.depthLocal, units);
      out.byte(Op.drop);
    }
  }

  /** A block around the body, so that branches to the function's label come by its epilogue. */
  private beginWrapper(type: FuncType): void {
    this.out.byte(Op.block);
    if (type.results.length === 0) this.out.byte(emptyBlockType);
    else if (type.results.length === 1) this.out.byte(type.results[0] as number);
    else this.out.s32(this.layout.addType({ params: [], results: type.results }));
    this.open++;
  }

  private epilogue(): void {
    if (this.convention === Convention.fixed) return;
    sequences.get(this.out, this.fuel);
    if (this.convention === Convention.shared) {
      sequences.setGlobal(this.out, this.layout.fuelGlobal);
    }
  }

  private instructions(wrapped: boolean): void {
    const { cursor } = this;
    let dead = 0; // Blocks open since the last reachable instruction, that one's block included.
    while (this.depth > 0) {
      if (dead === 0) this.planned(cursor.end);
      cursor.next();
      const op = cursor.op;
      const live = dead === 0;
      if (dead > 0) {
        const closes = dead === 1 && (op === Op.end || op === Op.else);
        if (op === Op.block || op === Op.loop || op === Op.if) dead++;
        else if (op === Op.end) dead--;
        if (!closes) continue;
        // What was passed over isn't copied.
        this.pending = cursor.start;
      }
      dead = 0;
      if (op === Op.end && !this.joins(live)) {
        this.instruction(op, wrapped);
        if (this.depth === 0) return;
        // The block's results are on the stack for code that is left out.
        this.flush(cursor.end);
        this.out.byte(Op.unreachable);
        dead = 1;
        continue;
      }
      if (op === Op.else) this.beginElse(live);
      if (this.instruction(op, wrapped)) {
        this.flush(cursor.end);
        dead = 1;
      }
    }
  }

  /** Whether what follows the end of the innermost block can be reached. */
  private joins(live: boolean): boolean {
    const d = this.depth - 1;
    const kind = this.kinds[d];
    return live || kind === Op.if || (kind !== Op.loop && this.targeted[d] === 1);
  }

  private beginElse(live: boolean): void {
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

  /** Charges and checks that the plan has for this place. */
  private planned(offset: number): void {
    const { plan } = this;
    let fuel = 0;
    while (this.nextCharge < this.endCharge && plan.chargeOffset.at(this.nextCharge) === offset) {
      fuel += plan.chargeFuel.at(this.nextCharge++);
    }
    if (fuel > 0) {
      this.insertAt(offset);
      sequences.charge(this.out, this.fuel, fuel);
    }
    if (this.nextCheck < this.endCheck && plan.checkOffset.at(this.nextCheck) === offset) {
      this.nextCheck++;
      this.insertAt(offset);
      sequences.check(this.out, this.layout, this.fuel);
    }
  }

  /** One reachable instruction; true when what follows it can't be reached. */
  private instruction(op: number, wrapped: boolean): boolean {
    const { cursor } = this;
    switch (op) {
      case Op.block:
      case Op.if:
        this.open++;
        this.pushLabel(this.open - 1, noLabel);
        return false;
      case Op.loop:
        this.loop();
        return false;
      case Op.else:
        return false;
      case Op.end:
        this.end(wrapped);
        return false;
      case Op.br:
        this.branch();
        return true;
      case Op.brIf:
        this.branchIf();
        return false;
      case Op.brTable:
        this.branchTable();
        return true;
      case Op.return:
        this.insertAt(cursor.start);
        this.epilogue();
        return true;
      case Op.unreachable:
        return true;
      case Op.call:
        this.call(cursor.a);
        return false;
      case Op.callIndirect:
        this.callIndirect();
        return false;
      case Op.returnCall:
        this.tailSync(cursor.a);
        this.replaceIndex(this.layout.reference(cursor.a));
        return true;
      case Op.returnCallIndirect:
        this.tailSync(-1 - cursor.a);
        return true;
      case Op.localGet:
      case Op.localSet:
      case Op.localTee:
        if (this.shift > 0 && cursor.a >= this.params) this.replaceIndex(cursor.a + this.shift);
        return false;
      case Op.refFunc:
        this.replaceIndex(this.layout.tableReference(cursor.a));
        return false;
      default:
        if (op >= 0xfc0000 || op === Op.memoryGrow) this.priced(op);
        return false;
    }
  }

  private pushLabel(label: number, outer: number): void {
    this.blockTypes[this.depth] = this.cursor.a;
    this.labels[this.depth] = label;
    this.outerLabels[this.depth] = outer;
    this.kinds[this.depth] = this.cursor.op;
    this.targeted[this.depth] = 0;
    this.depth++;
  }

  private loop(): void {
    const { cursor, out } = this;
    const form = this.plan.loopForm.at(this.nextLoop++);
    this.open++;
    if (form === LoopForm.once) {
      this.pushLabel(this.open - 1, noLabel);
      return;
    }
    this.insertAt(cursor.end);
    sequences.check(out, this.layout, this.fuel);
    if (form === LoopForm.plain) {
      this.pushLabel(this.open - 1, noLabel);
      return;
    }
    out.copy(this.module.bytes, cursor.start, cursor.end);
    this.open++;
    this.pushLabel(this.open - 1, this.open - 2);
  }

  private end(wrapped: boolean): void {
    const { cursor, out } = this;
    this.depth--;
    if (this.depth === 0) {
      this.insertAt(cursor.start);
      if (wrapped) out.byte(Op.end);
      const due = this.plan.endFuel[this.f] as number;
      if (due > 0 && this.convention !== Convention.fixed) sequences.charge(out, this.fuel, due);
      this.epilogue();
      return;
    }
    if (this.kinds[this.depth] === Op.if) {
      const fuel = this.plan.otherwiseFuel.at(this.nextOtherwise++);
      if (fuel > 0) {
        this.insertAt(cursor.start);
        out.byte(Op.else);
        sequences.charge(out, this.fuel, fuel);
      }
    }
    this.open--;
    if (this.outerLabels[this.depth] !== noLabel) {
      this.insertAt(cursor.start);
      out.byte(Op.end);
      this.open--;
    }
  }

  private relative(label: number): number {
    return this.open - 1 - label;
  }

  private branch(): void {
    const { cursor, out } = this;
    const target = this.target(cursor.a);
    const outer = this.outerLabels[target] as number;
    const label = this.labels[target] as number;
    const fuel = this.plan.edgeFuel.at(this.nextEdge++);
    if (outer === noLabel) {
      if (fuel > 0) {
        this.insertAt(cursor.start);
        sequences.charge(out, this.fuel, fuel);
      }
      this.replaceIndex(this.relative(label));
      return;
    }
    this.replaceWith();
    this.backEdge(label, outer, fuel);
    this.pending = cursor.end;
  }

  /** To the inner header while fuel is left, else to the outer one, where the check is. */
  private backEdge(inner: number, outer: number, fuel: number): void {
    const { out } = this;
    sequences.get(out, this.fuel);
    if (fuel > 0) {
      sequences.constant(out, fuel);
      out.byte(Op.i32Sub);
      sequences.tee(out, this.fuel);
    }
    sequences.constant(out, 0);
    out.byte(Op.i32GeS);
    sequences.branch(out, Op.brIf, this.relative(inner));
    sequences.branch(out, Op.br, this.relative(outer));
  }

  private branchIf(): void {
    const { cursor, out } = this;
    const target = this.target(cursor.a);
    const outer = this.outerLabels[target] as number;
    const label = this.labels[target] as number;
    const fuel = this.plan.edgeFuel.at(this.nextEdge++);
    if (outer === noLabel && fuel === 0) {
      this.replaceIndex(this.relative(label));
      return;
    }
    this.replaceWith();
    out.byte(Op.if);
    this.writeCarrying(target);
    this.open++;
    if (outer !== noLabel) this.backEdge(label, outer, fuel);
    else {
      sequences.charge(out, this.fuel, fuel);
      sequences.branch(out, Op.br, this.relative(label));
    }
    out.byte(Op.end);
    this.open--;
    this.pending = cursor.end;
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
    if (carried.length === 0) this.out.byte(emptyBlockType);
    else this.out.s32(this.layout.addType({ params: carried, results: carried }));
  }

  private branchTable(): void {
    const { cursor, out } = this;
    let moved = false;
    for (let i = 0; i <= cursor.a; i++) {
      const label = cursor.labels[i] as number;
      const target = this.target(label);
      const outer = this.outerLabels[target] as number;
      const to = this.relative(outer === noLabel ? (this.labels[target] as number) : outer);
      if (to !== label) moved = true;
      cursor.labels[i] = to;
    }
    if (!moved) return;
    this.replaceWith();
    out.byte(Op.brTable);
    out.u32(cursor.a);
    for (let i = 0; i <= cursor.a; i++) out.u32(cursor.labels[i] as number);
    this.pending = cursor.end;
  }

  private call(callee: number): void {
    const { out, layout, facts, cursor } = this;
    const f = callee - this.module.importedFunctionCount;
    const convention = f < 0 ? undefined : facts.convention[f];
    if (convention === Convention.fixed) {
      this.replaceIndex(layout.function(callee));
      return;
    }
    this.insertAt(cursor.start);
    sequences.get(out, this.fuel);
    if (convention === Convention.threaded) {
      if (facts.deep[f] === 1) sequences.get(out, this.depthLocal);
      this.replaceIndex(layout.function(callee));
      this.flush(cursor.end);
      this.insertAt(cursor.end);
      sequences.set(out, this.fuel);
      return;
    }
    if (f < 0) {
      sequences.getGlobal(out, layout.priceGlobal(callee));
      out.byte(Op.i32Sub);
    }
    sequences.setGlobal(out, layout.fuelGlobal);
    if (f >= 0 && facts.deep[f] === 1) this.shareDepth();
    this.replaceIndex(layout.function(callee));
    this.reloadAfterCall();
  }

  private callIndirect(): void {
    if (this.facts.threadsTables) {
      this.callTable();
      return;
    }
    this.insertAt(this.cursor.start);
    sequences.get(this.out, this.fuel);
    sequences.setGlobal(this.out, this.layout.fuelGlobal);
    if (this.facts.callIsDeep(this.f, -1 - this.cursor.a)) this.shareDepth();
    this.reloadAfterCall();
  }

  /** The fuel goes in under the table index, which is on top of the stack. */
  private callTable(): void {
    const { cursor, out, layout, facts } = this;
    this.usesScratch = true;
    this.replaceWith();
    sequences.set(out, this.scratch);
    sequences.get(out, this.fuel);
    if (facts.callIsDeep(this.f, -1 - cursor.a)) sequences.get(out, this.depthLocal);
    sequences.get(out, this.scratch);
    this.offsets.copied(out.length, cursor.start);
    out.byte(Op.callIndirect);
    out.u32(layout.indirectType(cursor.a));
    out.u32(cursor.b);
    this.pending = cursor.end;
    this.insertAt(cursor.end);
    sequences.set(out, this.fuel);
  }

  private shareDepth(): void {
    sequences.get(this.out, this.depthLocal);
    sequences.setGlobal(this.out, this.layout.depthGlobal);
  }

  private reloadAfterCall(): void {
    this.flush(this.cursor.end);
    this.insertAt(this.cursor.end);
    sequences.getGlobal(this.out, this.layout.fuelGlobal);
    sequences.set(this.out, this.fuel);
  }

  /** Before a tail call; the callee's frame takes this one's place, so its depth is given back. */
  private tailSync(callee: number): void {
    const { out, layout, facts } = this;
    this.insertAt(this.cursor.start);
    sequences.get(out, this.fuel);
    sequences.setGlobal(out, layout.fuelGlobal);
    if (!facts.callIsDeep(this.f, callee)) return;
    sequences.get(out, this.depthLocal);
    sequences.constant(out, facts.frameUnits[this.f] as number);
    out.byte(Op.i32Add);
    sequences.setGlobal(out, layout.depthGlobal);
  }

  private priced(op: number): void {
    const price = lengthPrices.get(op);
    if (price === undefined) return;
    const { cursor, out, layout } = this;
    this.usesScratch = true;
    this.insertAt(cursor.start);
    sequences.chargeLength(out, layout, this.fuel, this.scratch, price);
    if (op !== Op.memoryGrow) return;
    this.flush(cursor.end);
    this.insertAt(cursor.end);
    sequences.noteFailedGrow(out, layout, this.scratch);
  }

  /** Copies what is pending up to `offset`. */
  private flush(offset: number): void {
    if (this.pending < offset) {
      this.offsets.copied(this.out.length, this.pending);
      this.out.copy(this.module.bytes, this.pending, offset);
    }
    this.pending = offset;
  }

  /** Bytes written from here on stand before the instruction at `offset`. */
  private insertAt(offset: number): void {
    this.flush(offset);
    this.offsets.inserted(this.out.length, offset);
  }

  /** Bytes written from here on stand for the current instruction. */
  private replaceWith(): void {
    this.insertAt(this.cursor.start);
  }

  /** Copies the current instruction with another index behind its one-byte opcode. */
  private replaceIndex(index: number): void {
    const { cursor, out } = this;
    if (index === cursor.a) return;
    this.flush(cursor.start);
    this.offsets.copied(out.length, cursor.start);
    out.byte(cursor.op);
    out.u32(index);
    this.pending = cursor.end;
  }

  private finish(body: Body, ownLocals: number, firstRun: number): void {
    const { head, out, code } = this;
    this.flush(body.end);
    head.clear();
    const reader = new ByteReader(this.module.bytes, body.start, body.end);
    const extra = ownLocals + (this.usesScratch ? 1 : 0);
    if (extra === 0) head.copy(this.module.bytes, body.start, body.codeStart);
    else {
      const runs = readLocalRuns(reader);
      head.u32(runs.length + 1);
      for (const [count, valType] of runs) {
        head.u32(count);
        head.byte(valType);
      }
      head.u32(extra);
      head.byte(ValType.i32);
    }
    const size = head.length + out.length;
    if (size > engineFunctionBytes) {
      throw new AdmissionError(
        "too-large",
        body.start,
        `function ${this.f + this.module.importedFunctionCount} has ${size} bytes once metered, ` +
          `engines take ${engineFunctionBytes}`,
      );
    }
    code.u32(size);
    code.append(head);
    this.offsets.move(firstRun, code.length);
    code.append(out);
  }
}
