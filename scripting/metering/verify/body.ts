import { VerifyError } from "../../errors.ts";
import { ExternKind, type WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import { CallOrder } from "./calls.ts";
import { DepthReaders } from "./depth.ts";
import { BodyFlow, Stretches } from "./flow.ts";
import { type FuelHolder, noFuel, readClaims } from "./holders.ts";
import { hasLength, isChargedByLength } from "./lengths.ts";
import { isCheck, Listing } from "./listing.ts";
import { hostHandlesFunctions, TableConvention } from "./tables.ts";
import { isOwnFunction, strayInThunk, usesFuelGlobal } from "./thunks.ts";
import type { MeterIndices } from "./verify.ts";

/**
 * Verifies every function, callees first, so that what a callee leaves unchecked is known to its
 * callers.
 */
export function verifyBodies(module: WasmModule, meter: MeterIndices): void {
  const holders = readClaims(module);
  const listing = new Listing(module.bytes);
  const imported = module.importedFunctionCount;
  const calls = new CallOrder(module);
  for (const [f, body] of module.bodies.entries()) {
    listing.read(body, entryCheckLength);
    const verifier = new BodyVerifier(module, meter, holders, listing, f, undefined, undefined);
    calls.add(f, verifier.entryCheckEnd() > 0, body);
  }
  const exported = module.exports.filter((e) => e.kind === ExternKind.func).map((e) => e.index);
  const inTables = module.functionUses.map((u) => u.functionIndex);
  for (const index of exported) {
    if (holders[index - imported]?.threaded) {
      throw new VerifyError(index, 0, "takes fuel as a parameter, yet can be reached from outside");
    }
  }
  // A host that handles function references may put any exported one into a table.
  const reachable = hostHandlesFunctions(module) ? [...inTables, ...exported] : inTables;
  const order = calls.calleesFirst(reachable);
  const tables = new TableConvention(module, hostHandlesFunctions(module));
  for (const index of [...inTables, ...calls.references]) {
    tables.add(index, holders[index - imported]);
  }
  const stretches = new Stretches(calls);
  const depthReaders = new DepthReaders(calls, meter, imported, holders);
  for (const node of order) {
    const body = module.bodies[node];
    if (body === undefined) {
      depthReaders.settleType(node);
      continue;
    }
    listing.read(body);
    const verifier = new BodyVerifier(module, meter, holders, listing, node, tables, depthReaders);
    verifier.run(stretches, calls);
    if (depthReaders.any && (holders[node]?.depth ?? -1) < 0)
      depthReaders.settleFunction(node, listing);
  }
}

/** Instructions within which the check at a function's entry ends. */
const entryCheckLength = 30;

/** 1 for one-byte instructions that carry control, fuel or depth along, or may take long. */
const matters: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const op of [
    Op.localSet,
    Op.localTee,
    Op.globalSet,
    Op.globalGet,
    Op.call,
    Op.callIndirect,
    Op.returnCall,
    Op.returnCallIndirect,
    Op.return,
    Op.refFunc,
    Op.memoryGrow,
  ]) {
    table[op] = 1;
  }
  return table;
})();

class BodyVerifier {
  private readonly index: number;

  constructor(
    private readonly module: WasmModule,
    private readonly meter: MeterIndices,
    private readonly holders: readonly FuelHolder[],
    private readonly l: Listing,
    private readonly f: number,
    /** These two are known once all functions were looked at. */
    private readonly tables: TableConvention | undefined,
    private readonly depthReaders: DepthReaders | undefined,
  ) {
    this.index = f + module.importedFunctionCount;
  }

  run(stretches: Stretches, calls: CallOrder): void {
    const { l, holder } = this;
    if (this.isOwn(this.index)) {
      if (!isOwnFunction(l, this.meter, this.index)) this.fail(0, "not the meter's own function");
      return;
    }
    if (holder.fuel < 0 && usesFuelGlobal(l, this.meter)) {
      const stray = strayInThunk(l, this.meter, this.module, this.f, (i) => this.holderOf(i));
      if (stray >= 0) this.fail(stray, "neither a thunk nor a metered function");
    } else {
      if (holder.depth < 0 && holder.fuel >= 0 && this.callsDeep()) this.fail(0, "depth is lost");
      const { ops } = l;
      for (let i = 0; i < l.length; i++) {
        const op = ops[i] as number;
        if (op >= 0x100 || matters[op] === 1) this.instruction(i);
      }
      if (holder.fuel >= 0) this.exit(l.length - 1);
    }
    new BodyFlow(
      l,
      holder.fuel,
      this.meter.refill,
      stretches,
      calls,
      this.f,
      this.module.importedFunctionCount,
      (functionIndex) => this.holderOf(functionIndex).fuel >= 0,
      (i, message) => this.fail(i, message),
    ).run();
  }

  /** Whether it calls a function that takes depth. */
  private callsDeep(): boolean {
    const { l } = this;
    for (let i = 0; i < l.length; i++) {
      if (l.is(i, Op.call) && this.holderOf(l.a[i] as number).depth >= 0) return true;
    }
    return false;
  }

  private get holder(): FuelHolder {
    return this.holders[this.f] ?? noFuel;
  }

  private fail(i: number, message: string): never {
    throw new VerifyError(this.index, this.l.offsets[Math.max(0, i)] ?? 0, message);
  }

  private instruction(i: number): void {
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
        if (holder.threaded) this.fail(i, "a tail call would lose the fuel that is handed back");
        if (l.ops[i] === Op.returnCall) {
          if (a < this.module.importedFunctionCount) this.fail(i, "an unpriced host call");
          if (this.holderOf(a).threaded) this.fail(i, "a tail call without fuel");
          if (this.isOwn(a)) this.fail(i, "a call of a function that sets or reads the fuel");
        } else if (this.tables?.threaded) this.fail(i, "a tail call into a table that wants fuel");
        this.stored(i - 1, i);
        return;
      case Op.return:
        if (holder.fuel >= 0) this.exit(i);
        return;
      case Op.refFunc:
        if (a < this.module.importedFunctionCount || this.isOwn(a)) {
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
    if (l.is(i - 1, Op.callIndirect) && this.tables?.threaded) return;
    if (l.is(i - 1, Op.globalGet, meter.fuel)) {
      const entry = i === 1 && !holder.threaded;
      const afterCall =
        (l.is(i - 2, Op.callIndirect) && this.tables?.threaded !== true) ||
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

  private depthWrite(i: number): void {
    const { l, meter, holder } = this;
    const start = holder.threaded ? 0 : 4;
    if (i === 3 && start === 4 && l.is(2, Op.globalGet, meter.depth)) return;
    const takes =
      i === start + 3 &&
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
        const taken = l.a[(holder.threaded ? 0 : 4) + 1] as number;
        const next = l.ops[i + 1];
        const tail = next === Op.returnCall || next === Op.returnCallIndirect;
        if (tail && l.is(i - 2, Op.i32Const, taken)) return;
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
    const to = this.holderOf(callee);
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
    if (tables?.threaded !== true) {
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
    } else if (holder.depth >= 0 && this.depthReaders?.isCalledAt(l, at) === true) {
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

  /** Index behind the check of fuel and depth at the entry; 0 when there is none. */
  entryCheckEnd(): number {
    const { l, meter, holder } = this;
    if (holder.fuel < 0 || holder.depth < 0) return 0;
    const s = holder.threaded ? 0 : 4;
    const ok =
      l.is(s, Op.localGet, holder.depth) &&
      l.is(s + 1, Op.i32Const) &&
      l.is(s + 2, Op.i32Sub) &&
      l.is(s + 3, Op.localTee, holder.depth) &&
      l.is(s + 4, Op.localGet, holder.fuel) &&
      l.is(s + 5, Op.i32Or) &&
      l.is(s + 6, Op.i32Const, 0) &&
      l.is(s + 7, Op.i32LtS) &&
      l.is(s + 8, Op.if) &&
      l.is(s + 9, Op.localGet, holder.depth) &&
      l.is(s + 10, Op.i32Const, 0) &&
      l.is(s + 11, Op.i32LtS) &&
      l.is(s + 12, Op.if) &&
      l.is(s + 13, Op.i32Const, 1) &&
      l.is(s + 14, Op.globalSet, meter.stop) &&
      l.is(s + 15, Op.unreachable) &&
      l.is(s + 16, Op.end) &&
      this.isCheck(s + 17) &&
      l.is(s + 25, Op.end);
    return ok ? s + 26 : 0;
  }
}
