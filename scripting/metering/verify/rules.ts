import { VerifyError } from "../../errors.ts";
import type { Body, WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import type { DepthReaders } from "./depth.ts";
import { type FuelHolder, noFuel } from "./holders.ts";
import { hasLength, isChargedByLength } from "./lengths.ts";
import { isCheck, type Listing } from "./listing.ts";
import type { CallOrder } from "./order.ts";
import type { TableConvention } from "./tables.ts";
import type { MeterIndices } from "./verify.ts";

/**
 * What each instruction of a function has to keep to on its own, whatever the way to it: fuel and
 * depth are written and handed on by the meter's sequences alone, and nothing runs unpriced. One
 * object serves all functions.
 */
export class InstructionRules {
  private f = 0;
  private index = 0;
  private holder = noFuel;
  /** Whether the function calls what reads the depth that its own caller has stored. */
  private readsDepth = false;

  constructor(
    private readonly module: WasmModule,
    private readonly meter: MeterIndices,
    private readonly holders: readonly FuelHolder[],
    private readonly l: Listing,
    private readonly order: CallOrder,
    private readonly tables: TableConvention,
    private readonly depthReaders: DepthReaders,
    private readonly references: ReadonlySet<number>,
  ) {}

  /** Starts defined function `f`. */
  begin(f: number): void {
    this.f = f;
    this.index = f + this.module.importedFunctionCount;
    this.holder = this.holders[f] ?? noFuel;
    this.readsDepth = false;
  }

  /** The function's last instruction was passed. */
  finish(): void {
    if (this.holder.fuel >= 0) this.exit(this.l.length - 1);
    if (this.readsDepth && this.holder.depth < 0) this.depthReaders.add(this.f);
  }

  fail(i: number, message: string): never {
    const body = this.module.bodies[this.f] as Body;
    throw new VerifyError(this.index, this.l.offsetOf(body, Math.max(0, i)), message);
  }

  /** Instruction `i`, which may be any. */
  instruction(i: number): void {
    const { l, meter, holder } = this;
    const a = l.a[i] as number;
    switch (l.ops[i]) {
      case Op.localSet:
        if (a === holder.fuel) this.fuelWrite(i);
        else if (a === holder.depth) this.depthWrite(i);
        return;
      case Op.localTee:
        if (a === holder.fuel) this.backEdgeCharge(i);
        if (a === holder.depth) this.depthWrite(i);
        return;
      case Op.globalSet:
        if (meter.globals.has(a)) this.globalWrite(i, a);
        return;
      case Op.globalGet:
        if (meter.globals.has(a)) this.globalRead(i, a);
        return;
      case Op.call:
        this.call(i, a);
        return;
      case Op.callIndirect:
        this.callIndirect(i, a);
        return;
      case Op.returnCall:
      case Op.returnCallIndirect:
        this.called(i);
        if (holder.threaded) this.fail(i, "a tail call would lose the fuel that is handed back");
        if (l.ops[i] === Op.returnCall) {
          if (a < this.module.importedFunctionCount) this.fail(i, "an unpriced host call");
          if (this.holderOf(a).threaded) this.fail(i, "a tail call without fuel");
          if (this.isOwn(a)) this.fail(i, "a call of a function that sets or reads the fuel");
        } else if (this.tables.threaded) this.fail(i, "a tail call into a table that wants fuel");
        this.stored(i - 1, i);
        return;
      case Op.return:
        if (holder.fuel >= 0) this.exit(i);
        return;
      case Op.refFunc:
        if (!this.references.has(a)) {
          this.fail(i, "a reference to a function that may not be reached from outside");
        }
        return;
      default:
        if (hasLength(l.ops[i] as number) && !isChargedByLength(l, i, holder.fuel, meter.refill)) {
          this.fail(i, "an operation priced by length runs without its charge");
        }
    }
  }

  private holderOf(functionIndex: number): FuelHolder {
    return this.holders[functionIndex - this.module.importedFunctionCount] ?? noFuel;
  }

  /** Whether instructions `[i, i + 8)` are a check of the fuel. */
  private isCheck(i: number): boolean {
    const { l, meter, holder } = this;
    return isCheck(l, i, holder.fuel, meter.refill);
  }

  private fuelWrite(i: number): void {
    const { l, meter, holder } = this;
    const fuel = holder.fuel;
    if (l.is(i - 1, Op.i32Sub)) {
      const constant = l.is(i - 2, Op.i32Const) && l.is(i - 3, Op.localGet, fuel);
      if (constant && (l.a[i - 2] as number) >= 0) return;
      // Behind a length's price, which is looked at where the operation is.
      if (this.isCheck(i + 1) && l.is(i + 9, Op.localGet) && hasLength(l.ops[i + 10] ?? -1)) {
        return;
      }
      this.fail(i, "what is taken from the fuel isn't a constant of at least 0");
    }
    if (l.is(i - 1, Op.call)) {
      const callee = l.a[i - 1] as number;
      if (callee === meter.refill || this.holderOf(callee).threaded) return;
    }
    if (l.is(i - 1, Op.callIndirect) && this.tables.threaded) return;
    if (l.is(i - 1, Op.globalGet, meter.fuel)) {
      const entry = i === 1 && !holder.threaded;
      const afterCall =
        (l.is(i - 2, Op.callIndirect) && this.tables.threaded !== true) ||
        (l.is(i - 2, Op.call) && !this.holderOf(l.a[i - 2] as number).threaded);
      if (entry || afterCall) return;
    }
    this.fail(i, "fuel is written outside of the meter's sequences");
  }

  /** A charge whose result decides about a branch at once. */
  private backEdgeCharge(i: number): void {
    const { l, holder } = this;
    const charges =
      l.is(i - 1, Op.i32Sub) &&
      l.is(i - 2, Op.i32Const) &&
      (l.a[i - 2] as number) >= 0 &&
      l.is(i - 3, Op.localGet, holder.fuel) &&
      l.is(i + 1, Op.i32Const, 0) &&
      l.is(i + 2, Op.i32GeS);
    if (!charges) this.fail(i, "fuel is written outside of the meter's sequences");
  }

  /** Depth is read at the entry of a shared function, and only ever gets less. */
  private depthWrite(i: number): void {
    const { l, meter, holder } = this;
    if (i === 3 && !holder.threaded && l.is(2, Op.globalGet, meter.depth)) return;
    const takes =
      l.is(i, Op.localTee, holder.depth) &&
      l.is(i - 1, Op.i32Sub) &&
      l.is(i - 2, Op.i32Const) &&
      (l.a[i - 2] as number) >= 1 &&
      l.is(i - 3, Op.localGet, holder.depth);
    if (!takes) this.fail(i, "depth is written outside of the meter's sequences");
  }

  private globalWrite(i: number, global: number): void {
    const { l, meter, holder } = this;
    if (global === meter.stop) {
      const reason = l.is(i - 1, Op.i32Const) ? (l.a[i - 1] as number) : 0;
      if (reason === 1 || reason === 2) return;
    } else if (global === meter.fuel) {
      if (l.is(i - 1, Op.localGet, holder.fuel) && holder.fuel >= 0) return;
      const priced =
        l.is(i - 1, Op.i32Sub) &&
        l.is(i - 2, Op.globalGet) &&
        meter.prices.has(l.a[i - 2] as number) &&
        l.is(i - 3, Op.localGet, holder.fuel) &&
        holder.fuel >= 0;
      if (priced) return;
    } else if (global === meter.depth && holder.depth >= 0) {
      if (l.is(i - 1, Op.localGet, holder.depth)) return;
      if (l.is(i - 1, Op.i32Add) && l.is(i - 3, Op.localGet, holder.depth)) {
        // A tail call gives its own frame's depth back, and no more than it took.
        const entry = holder.threaded ? 0 : 4;
        const next = l.ops[i + 1];
        const tail = next === Op.returnCall || next === Op.returnCallIndirect;
        const taken =
          l.is(entry, Op.localGet, holder.depth) &&
          l.is(entry + 1, Op.i32Const, l.a[i - 2]) &&
          l.is(entry + 2, Op.i32Sub) &&
          l.is(entry + 3, Op.localTee, holder.depth);
        if (tail && taken && l.is(i - 2, Op.i32Const)) return;
      }
    }
    this.fail(i, "a global of the meter is written outside of the meter's sequences");
  }

  private globalRead(i: number, global: number): void {
    const { l, meter, holder } = this;
    if (global === meter.fuel && l.is(i + 1, Op.localSet, holder.fuel)) return;
    if (global === meter.depth && i === 2 && l.is(3, Op.localSet, holder.depth)) return;
    if (meter.prices.has(global) && l.is(i + 2, Op.globalSet, meter.fuel)) return;
    this.fail(i, "a global of the meter is read outside of the meter's sequences");
  }

  private isOwn(functionIndex: number): boolean {
    return functionIndex === this.meter.begin || functionIndex === this.meter.remaining;
  }

  private call(i: number, callee: number): void {
    const { l, meter, holder } = this;
    if (this.isOwn(callee)) this.fail(i, "a call of a function that sets or reads the fuel");
    if (callee === meter.refill) {
      if (holder.fuel < 0 || !this.isCheck(i - 5)) this.fail(i, "refill outside of a check");
      return;
    }
    if (callee < this.module.importedFunctionCount) {
      const price = this.stored(i - 1, i, true);
      if (meter.prices.get(price) !== callee) this.fail(i, "a host call at no price, or another's");
      this.reloaded(i + 1);
      return;
    }
    this.called(i);
    const to = this.holderOf(callee);
    if (holder.fuel >= 0 && holder.depth < 0 && to.depth >= 0) this.fail(i, "depth is lost");
    if (to.threaded) {
      const at = to.depth >= 0 ? i - 2 : i - 1;
      if (to.depth >= 0 && (holder.depth < 0 || !l.is(i - 1, Op.localGet, holder.depth))) {
        this.fail(i, "a call that doesn't pass the depth on");
      }
      if (holder.fuel < 0 || !l.is(at, Op.localGet, holder.fuel)) {
        this.fail(i, "a call that doesn't pass the fuel on");
      }
      if (!l.is(i + 1, Op.localSet, holder.fuel))
        this.fail(i, "a call whose fuel isn't taken back");
      return;
    }
    // Either one that goes by the global, or one without any fuel of its own.
    if (to.fuel >= 0 || this.touchesGlobal(i)) {
      this.stored(i - 1, i);
      this.reloaded(i + 1);
    }
  }

  private callIndirect(i: number, type: number): void {
    const { l, holder, tables } = this;
    this.called(i);
    if (tables.threaded !== true) {
      this.stored(i - 1, i);
      this.reloaded(i + 1);
      return;
    }
    // Table index aside, fuel and depth, table index back.
    const deep = tables.isDeep(type);
    const at = deep ? i - 4 : i - 3;
    const index = l.a[at] as number;
    const passes =
      holder.fuel >= 0 &&
      index !== holder.fuel &&
      index !== holder.depth &&
      l.is(at, Op.localSet) &&
      l.is(at + 1, Op.localGet, holder.fuel) &&
      (!deep || (holder.depth >= 0 && l.is(at + 2, Op.localGet, holder.depth))) &&
      l.is(i - 1, Op.localGet, index);
    if (!passes) this.fail(i, "an indirect call that doesn't pass fuel and depth on");
    if (!l.is(i + 1, Op.localSet, holder.fuel)) this.fail(i, "a call whose fuel isn't taken back");
  }

  /** A call of what isn't imported keeps to the order of calls. */
  called(i: number): void {
    const { l, order, depthReaders } = this;
    const callee = l.a[i] as number;
    const indirect = l.ops[i] === Op.callIndirect || l.ops[i] === Op.returnCallIndirect;
    const defined = callee - this.module.importedFunctionCount;
    if (!indirect && defined < 0) return;
    const objection = indirect
      ? order.indirectObjection(this.f, callee)
      : order.objection(this.f, defined);
    if (objection !== undefined) this.fail(i, objection);
    if (depthReaders.any && depthReaders.isCalledAt(l, i)) this.readsDepth = true;
  }

  private touchesGlobal(i: number): boolean {
    return this.l.is(i + 1, Op.globalGet, this.meter.fuel);
  }

  /**
   * Whether the fuel was just stored, ending at instruction `end`, and the depth behind it if what is
   * called at `at` reads it. Returns the price global of a host call.
   */
  private stored(end: number, at: number, priced = false): number {
    const { l, meter, holder } = this;
    let i = end;
    if (l.is(i, Op.globalSet, meter.depth)) {
      i -= l.is(i - 1, Op.i32Add) ? 4 : 2;
    } else if (holder.depth >= 0 && this.depthReaders.isCalledAt(l, at)) {
      this.fail(at, "a call that doesn't pass the depth on");
    }
    if (holder.fuel < 0 || !l.is(i, Op.globalSet, meter.fuel)) {
      this.fail(at, "control leaves with the fuel not stored");
    }
    if (priced) {
      if (!l.is(i - 1, Op.i32Sub) || !l.is(i - 2, Op.globalGet))
        this.fail(at, "an unpriced host call");
      return l.a[i - 2] as number;
    }
    if (!l.is(i - 1, Op.localGet, holder.fuel)) this.fail(at, "what is stored isn't the fuel");
    return -1;
  }

  private reloaded(i: number): void {
    const { l, meter, holder } = this;
    if (l.is(i, Op.globalGet, meter.fuel) && l.is(i + 1, Op.localSet, holder.fuel)) return;
    this.fail(i, "the fuel isn't read again behind a call");
  }

  /** Before a `return` or the end at `i`, fuel is handed back or stored. */
  private exit(i: number): void {
    const { l, meter, holder } = this;
    const back = holder.threaded
      ? l.is(i - 1, Op.localGet, holder.fuel)
      : l.is(i - 1, Op.globalSet, meter.fuel) && l.is(i - 2, Op.localGet, holder.fuel);
    if (!back) this.fail(i, "the function ends without handing its fuel back");
  }
}
