import { Op } from "../../../wasm/op";
import { Objection } from "../objections";
import { depthReaders } from "./depth.as";
import { holder, holders } from "./holders.as";
import { input } from "./input.as";
import { hasLength, isChargedByLength } from "./lengths.as";
import { listing as l } from "./listing.as";
import { meter } from "./meter.as";
import { order } from "./order.as";
import { refuse } from "./refusal.as";
import { tables } from "./tables.as";

/**
 * What each instruction of a function has to keep to on its own, whatever the way to it: fuel and
 * depth are written and handed on by the meter's sequences alone, and nothing runs unpriced. One
 * object serves all functions.
 */
@unmanaged
export class InstructionRules {
  private f: i32 = 0;
  /**
   * Set where a call has handed its fuel back: the instruction behind it writes that, and is right.
   */
  taken: bool = false;
  /** Whether the function calls what reads the depth that its own caller has stored. */
  private readsDepth: bool = false;

  /** Starts defined function `f`. */
  begin(f: i32): void {
    this.f = f;
    this.readsDepth = false;
    this.taken = false;
  }

  /** The function's last instruction, which is the `last` one, was passed. */
  finish(last: i32): void {
    if (holder.fuel >= 0) this.exit(last);
    if (this.readsDepth && holder.depth < 0) depthReaders.add(this.f);
  }

  /**
   * Refuses the module for instruction `i`, unless one of the function can't be read. Doesn't come
   * back.
   */
  fail(i: i32, objection: Objection): void {
    refuse(this.f + input.importedFunctions, l.offsetOf(max(0, i)), objection);
    unreachable();
  }

  /** Instruction `i`, which may be any; `a` is its first immediate. */
  instruction(i: i32, op: i32, a: i32): void {
    switch (op) {
      case Op.localSet:
        if (a == holder.fuel) this.fuelWrite(i);
        else if (a == holder.depth) this.depthWrite(i);
        return;
      case Op.localTee:
        if (a == holder.fuel) this.backEdgeCharge(i);
        if (a == holder.depth) this.depthWrite(i);
        return;
      case Op.globalSet:
        if (meter.hasGlobal(a)) this.globalWrite(i, a);
        return;
      case Op.globalGet:
        if (meter.hasGlobal(a)) this.globalRead(i, a);
        return;
      case Op.call:
        this.call(i, a);
        return;
      case Op.callIndirect:
        this.callIndirect(i, a);
        return;
      case Op.returnCall:
      case Op.returnCallIndirect:
        this.called(i, op, a);
        if (holder.threaded) this.fail(i, Objection.tailCallThreaded);
        if (op == Op.returnCall) {
          if (a < input.importedFunctions) this.fail(i, Objection.tailCallHost);
          if (holders.isThreaded(a - input.importedFunctions)) {
            this.fail(i, Objection.tailCallFuel);
          }
          if (meter.isOwn(a)) this.fail(i, Objection.callOwn);
        } else if (tables.threaded) this.fail(i, Objection.tailCallTable);
        this.stored(i, op, a);
        return;
      case Op.return_:
        if (holder.fuel >= 0) this.exit(i);
        return;
      case Op.refFunc:
        if (!input.isReferenced(a)) this.fail(i, Objection.strayReference);
        return;
      default:
        if (hasLength(op) && !isChargedByLength(i, op, holder.fuel)) {
          this.fail(i, Objection.lengthUncharged);
        }
    }
  }

  private fuelWrite(i: i32): void {
    const fuel = holder.fuel;
    if (l.is(i - 1, Op.i32Sub)) {
      const constant = l.is(i - 2, Op.i32Const) && l.has(i - 3, Op.localGet, fuel);
      if (constant && l.a(i - 2) >= 0) return;
      // Behind a length's price, which is looked at where the operation is.
      if (l.isCheck(i + 1, fuel) && l.is(i + 9, Op.localGet) && hasLength(l.op(i + 10))) return;
      this.fail(i, Objection.notTaken);
    }
    if (l.is(i - 1, Op.call)) {
      const callee = l.a(i - 1);
      if (callee == meter.refill) return;
      if (holders.isThreaded(callee - input.importedFunctions)) return;
    }
    if (l.is(i - 1, Op.callIndirect) && tables.threaded) return;
    if (l.has(i - 1, Op.globalGet, meter.fuel)) {
      const entry = i == 1 && !holder.threaded;
      const afterCall =
        (l.is(i - 2, Op.callIndirect) && !tables.threaded) ||
        (l.is(i - 2, Op.call) && !holders.isThreaded(l.a(i - 2) - input.importedFunctions));
      if (entry || afterCall) return;
    }
    this.fail(i, Objection.fuelWrite);
  }

  /** A charge whose result decides about a branch at once. */
  private backEdgeCharge(i: i32): void {
    const charges =
      l.is(i - 1, Op.i32Sub) &&
      l.is(i - 2, Op.i32Const) &&
      l.a(i - 2) >= 0 &&
      l.has(i - 3, Op.localGet, holder.fuel) &&
      l.has(i + 1, Op.i32Const, 0) &&
      l.is(i + 2, Op.i32GeS);
    if (!charges) this.fail(i, Objection.fuelWrite);
  }

  /** Depth is read at the entry of a shared function, and only ever gets less. */
  private depthWrite(i: i32): void {
    if (i == 3 && !holder.threaded && l.has(2, Op.globalGet, meter.depth)) return;
    const takes =
      l.has(i, Op.localTee, holder.depth) &&
      l.is(i - 1, Op.i32Sub) &&
      l.is(i - 2, Op.i32Const) &&
      l.a(i - 2) >= 1 &&
      l.has(i - 3, Op.localGet, holder.depth);
    if (!takes) this.fail(i, Objection.depthWrite);
  }

  private globalWrite(i: i32, global: i32): void {
    const fuel = holder.fuel;
    const depth = holder.depth;
    if (global == meter.stop) {
      const reason = l.is(i - 1, Op.i32Const) ? l.a(i - 1) : 0;
      if (reason == 1 || reason == 2) return;
    } else if (global == meter.fuel) {
      if (fuel >= 0 && l.has(i - 1, Op.localGet, fuel)) return;
      const priced =
        l.is(i - 1, Op.i32Sub) &&
        l.is(i - 2, Op.globalGet) &&
        meter.isPrice(l.a(i - 2)) &&
        l.has(i - 3, Op.localGet, fuel) &&
        fuel >= 0;
      if (priced) return;
    } else if (global == meter.depth && depth >= 0) {
      if (l.has(i - 1, Op.localGet, depth)) return;
      if (l.is(i - 1, Op.i32Add) && l.has(i - 3, Op.localGet, depth)) {
        // A tail call gives its own frame's depth back, and no more than it took.
        const entry = holder.threaded ? 0 : 4;
        const tail = l.is(i + 1, Op.returnCall) || l.is(i + 1, Op.returnCallIndirect);
        const taken =
          l.entryHas(entry, Op.localGet, depth) &&
          l.entryHas(entry + 1, Op.i32Const, l.a(i - 2)) &&
          l.entryHas(entry + 2, Op.i32Sub, 0) &&
          l.entryHas(entry + 3, Op.localTee, depth);
        if (tail && taken && l.is(i - 2, Op.i32Const)) return;
      }
    }
    this.fail(i, Objection.globalWrite);
  }

  private globalRead(i: i32, global: i32): void {
    if (global == meter.fuel && l.has(i + 1, Op.localSet, holder.fuel)) return;
    if (global == meter.depth && i == 2 && l.has(3, Op.localSet, holder.depth)) return;
    if (meter.isPrice(global) && l.has(i + 2, Op.globalSet, meter.fuel)) return;
    this.fail(i, Objection.globalRead);
  }

  private call(i: i32, callee: i32): void {
    const fuel = holder.fuel;
    if (meter.isOwn(callee)) this.fail(i, Objection.callOwn);
    if (callee == meter.refill) {
      if (fuel < 0 || !l.isCheck(i - 5, fuel)) this.fail(i, Objection.strayRefill);
      return;
    }
    if (callee < input.importedFunctions) {
      const price = this.stored(i, Op.call, callee);
      if (!meter.isPrice(price) || meter.pricedBy(price) != callee) {
        this.fail(i, Objection.wrongPrice);
      }
      this.reloaded(i + 1);
      return;
    }
    this.called(i, Op.call, callee);
    const to = callee - input.importedFunctions;
    const deep = holders.depth(to) >= 0;
    if (fuel >= 0 && holder.depth < 0 && deep) this.fail(i, Objection.depthLost);
    if (holders.isThreaded(to)) {
      if (deep && (holder.depth < 0 || !l.has(i - 1, Op.localGet, holder.depth))) {
        this.fail(i, Objection.depthNotPassed);
      }
      const at = deep ? i - 2 : i - 1;
      if (fuel < 0 || !l.has(at, Op.localGet, fuel)) this.fail(i, Objection.fuelNotPassed);
      if (!l.has(i + 1, Op.localSet, fuel)) this.fail(i, Objection.fuelNotTaken);
      this.taken = true;
      return;
    }
    // Either one that goes by the global, or one without any fuel of its own.
    if (holders.fuel(to) >= 0 || this.touchesGlobal(i)) {
      this.stored(i, Op.call, callee);
      this.reloaded(i + 1);
    }
  }

  private callIndirect(i: i32, type: i32): void {
    const fuel = holder.fuel;
    const depth = holder.depth;
    this.called(i, Op.callIndirect, type);
    if (!tables.threaded) {
      this.stored(i, Op.callIndirect, type);
      this.reloaded(i + 1);
      return;
    }
    // Table index aside, fuel and depth, table index back.
    const canonical = input.canonical(type);
    const deep = tables.isDeep(canonical);
    const at = deep ? i - 4 : i - 3;
    const index = l.a(at);
    const passes =
      canonical >= 0 &&
      fuel >= 0 &&
      index != fuel &&
      index != depth &&
      l.is(at, Op.localSet) &&
      l.has(at + 1, Op.localGet, fuel) &&
      (!deep || (depth >= 0 && l.has(at + 2, Op.localGet, depth))) &&
      l.has(i - 1, Op.localGet, index);
    if (!passes) this.fail(i, Objection.indirectNotPassed);
    if (!l.has(i + 1, Op.localSet, fuel)) this.fail(i, Objection.fuelNotTaken);
    this.taken = true;
  }

  /** A call of what isn't imported keeps to the order of calls. */
  called(i: i32, op: i32, callee: i32): void {
    let objection: i32 = -1;
    if (op == Op.callIndirect || op == Op.returnCallIndirect) {
      objection = order.indirectObjection(this.f, input.canonical(callee));
    } else {
      if (callee < input.importedFunctions) return;
      objection = order.objection(this.f, callee - input.importedFunctions);
    }
    if (objection >= 0) this.fail(i, objection);
    // Of types it is asked at the first call, whoever makes it.
    if (op == Op.call && (this.readsDepth || holder.depth >= 0)) return;
    if (depthReaders.any && depthReaders.isCalledBy(op, callee)) this.readsDepth = true;
  }

  private touchesGlobal(i: i32): bool {
    return l.has(i + 1, Op.globalGet, meter.fuel);
  }

  /**
   * Whether the fuel was just stored in front of the call at `i`, and the depth behind it if what
   * is called reads it. Returns the price global of a host call.
   */
  private stored(i: i32, op: i32, callee: i32): i32 {
    const fuel = holder.fuel;
    let at = i - 1;
    if (l.has(at, Op.globalSet, meter.depth)) {
      at -= l.is(at - 1, Op.i32Add) ? 4 : 2;
    } else if (holder.depth >= 0 && depthReaders.isCalledBy(op, callee)) {
      this.fail(i, Objection.depthNotPassed);
    }
    if (fuel < 0 || !l.has(at, Op.globalSet, meter.fuel)) this.fail(i, Objection.notStored);
    if (op == Op.call && callee < input.importedFunctions) {
      if (!l.is(at - 1, Op.i32Sub) || !l.is(at - 2, Op.globalGet)) {
        this.fail(i, Objection.unpriced);
      }
      return l.a(at - 2);
    }
    if (!l.has(at - 1, Op.localGet, fuel)) this.fail(i, Objection.storedOther);
    return -1;
  }

  private reloaded(i: i32): void {
    if (l.has(i, Op.globalGet, meter.fuel) && l.has(i + 1, Op.localSet, holder.fuel)) return;
    this.fail(i, Objection.notReloaded);
  }

  /** Before a `return` or the end at `i`, fuel is handed back or stored. */
  private exit(i: i32): void {
    const fuel = holder.fuel;
    const back = holder.threaded
      ? l.has(i - 1, Op.localGet, fuel)
      : l.has(i - 1, Op.globalSet, meter.fuel) && l.has(i - 2, Op.localGet, fuel);
    if (!back) this.fail(i, Objection.notHandedBack);
  }
}

export const rules: InstructionRules = changetype<InstructionRules>(
  memory.data(offsetof<InstructionRules>()),
);
