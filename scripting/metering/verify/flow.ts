import { Op } from "../../wasm/opcodes.ts";
import { isCheck, type Listing } from "./listing.ts";
import type { CallOrder } from "./order.ts";
import { maxLeafInstructions, none, type Stretch, type Stretches } from "./stretches.ts";

/**
 * Instructions that forward code may run between two checks, the meter's own included; those that
 * generate no code don't count. Far above what a sound rewrite leaves, far below a millisecond.
 */
const maxUncheckedInstructions = 250_000;
/**
 * Instructions that a function may run without a check behind a call that leads back to it: a
 * recursion runs that many in each of its frames as it unwinds.
 */
const maxUnwindInstructions = 8_192;
/**
 * What a host call counts as: its price is known to the host only. Too much for unwinding, for the
 * prices of thousands of frames would wrap the fuel.
 */
const hostCallInstructions = maxUnwindInstructions + 1;

/** 1 for one-byte instructions that generate no code. */
const isFree: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const op of [Op.nop, Op.block, Op.loop, Op.end, Op.else, Op.drop]) table[op] = 1;
  return table;
})();

/** What holds at a point of the code, on every path to it. */
class State {
  /** Whether any path comes here. */
  live = false;
  /**
   * How many of the open cycles, outermost first, have been charged since they were entered. The
   * function itself is the outermost: calls may lead back to its entry.
   */
  charged = 0;
  /** Whether every path has passed a check of fuel and depth. */
  counted = false;
  /** Most instructions since the entry, on paths without a check; `none` where every path has passed one. */
  sinceEntry = 0;
  /** Most since the last check, on paths that have passed one; `none` where there are none. */
  sinceCheck = none;
  /** Most since the last call that leads back here, if no check came since; else `none`. */
  unwinding = none;

  set(from: State): void {
    this.live = from.live;
    this.charged = from.charged;
    this.counted = from.counted;
    this.sinceEntry = from.sinceEntry;
    this.sinceCheck = from.sinceCheck;
    this.unwinding = from.unwinding;
  }

  /** Takes another way to the same point into account. */
  merge(other: State): void {
    if (!other.live) return;
    if (!this.live) {
      this.set(other);
      return;
    }
    if (other.charged < this.charged) this.charged = other.charged;
    if (!other.counted) this.counted = false;
    if (other.sinceEntry > this.sinceEntry) this.sinceEntry = other.sinceEntry;
    if (other.sinceCheck > this.sinceCheck) this.sinceCheck = other.sinceCheck;
    if (other.unwinding > this.unwinding) this.unwinding = other.unwinding;
  }
}

class Frame {
  op = 0;
  /** Open cycles outside of a loop; for other blocks, those around them. */
  cycles = 0;
  /** Whether a loop's header is a check, so that every branch to it meets one. */
  checkedHeader = false;
  /** Over all branches to the end. */
  readonly join = new State();
  /** Where an `if` began, for its other arm. */
  readonly other = new State();
}

/**
 * One forward pass over a function. Blocks nest and only branches to a loop go back, so what is
 * assumed at a loop's header (not charged yet) needs no second look. One object serves all functions.
 */
export class BodyFlow {
  private readonly frames: Frame[] = [];
  private depth = 0;
  private readonly state = new State();
  private cycles = 1;
  /** Most instructions since the entry anywhere, on paths without a check. */
  private prefix = 0;
  private f = 0;
  private fuel = none;

  constructor(
    private readonly l: Listing,
    private readonly refill: number,
    private readonly stretches: Stretches,
    private readonly order: CallOrder,
    private readonly imported: number,
    /** Whether a function holds fuel; one that doesn't can't lead back. */
    private readonly holdsFuel: (functionIndex: number) => boolean,
    private readonly fail: (i: number, message: string) => never,
  ) {}

  /** Starts defined function `f`, whose fuel is in a local, or nowhere. */
  begin(f: number, fuel: number): void {
    const { state } = this;
    this.f = f;
    this.fuel = fuel;
    this.depth = 0;
    this.cycles = 1;
    this.prefix = 0;
    state.counted = false;
    state.sinceEntry = 0;
    state.sinceCheck = none;
    state.live = true;
    state.charged = 0;
    state.unwinding = none;
    this.push(Op.block, 0);
  }

  /** Whether the function's own end was passed. */
  get done(): boolean {
    return this.depth === 0;
  }

  /** Files the function's stretches. */
  finish(): void {
    const { prefix } = this;
    const { sinceEntry, sinceCheck, unwinding } = this.state;
    const last = this.l.length - 1;
    if (this.order.isCounted(this.f)) {
      if (prefix > maxLeafInstructions) this.fail(last, "a function checks its depth too late");
      if (unwinding > maxUnwindInstructions) {
        this.fail(last, `more than ${maxUnwindInstructions} instructions in each unwound frame`);
      }
    }
    const exits = { checkedExit: sinceCheck, uncheckedExit: sinceEntry };
    this.stretches.set(this.f, { prefix, ...exits, unwinding });
  }

  private push(op: number, i: number): Frame {
    const d = this.depth++;
    this.frames[d] ??= new Frame();
    const frame = this.frames[d];
    frame.op = op;
    frame.cycles = this.cycles;
    frame.checkedHeader = op === Op.loop && isCheck(this.l, i + 1, this.fuel, this.refill);
    frame.join.live = false;
    frame.other.live = false;
    if (op === Op.loop) this.cycles++;
    return frame;
  }

  /** A check stands here. */
  check(): void {
    this.state.sinceEntry = none;
    this.state.sinceCheck = 0;
    this.state.unwinding = none;
  }

  /** A check of fuel and depth stands here. */
  countedCheck(): void {
    this.check();
    this.state.counted = true;
  }

  /** A charge of at least 1 stands here. */
  charge(): void {
    this.state.charged = this.cycles;
  }

  /** So many instructions that neither branch nor call end in front of `i`. */
  count(i: number, instructions: number): void {
    const { state } = this;
    if (!state.live) return;
    if (state.sinceEntry !== none) state.sinceEntry += instructions;
    if (state.sinceCheck !== none) state.sinceCheck += instructions;
    if (state.unwinding !== none) state.unwinding += instructions;
    this.reach(i, 0);
  }

  /** Instruction `i`, which may be any. */
  instruction(i: number): void {
    const { l, state } = this;
    const op = l.ops[i] as number;
    if (isFree[op] !== 1) this.count(i, 1);
    switch (op) {
      case Op.block:
      case Op.loop:
        this.push(op, i);
        return;
      case Op.if:
        this.push(op, i).other.set(state);
        return;
      case Op.else:
        this.beginElse();
        return;
      case Op.end:
        this.end();
        return;
      case Op.br:
        this.branch(i, l.a[i] as number);
        state.live = false;
        return;
      case Op.brIf:
        this.branch(i, l.a[i] as number);
        return;
      case Op.brTable: {
        const at = l.a[i] as number;
        const count = l.labels[at] as number;
        for (let n = 1; n <= count; n++) this.branch(i, l.labels[at + n] as number);
        state.live = false;
        return;
      }
      case Op.return:
        this.leave(i);
        return;
      case Op.unreachable:
        state.live = false;
        return;
      case Op.call:
      case Op.callIndirect:
        this.call(i);
        return;
      case Op.returnCall:
      case Op.returnCallIndirect:
        this.call(i);
        this.leave(i);
    }
  }

  private leave(i: number): void {
    this.branch(i, this.depth - 1);
    this.state.live = false;
  }

  /** Every path goes on for so many instructions. */
  private reach(i: number, more: number): void {
    const { sinceEntry, sinceCheck } = this.state;
    if (sinceEntry !== none && sinceEntry + more > this.prefix) this.prefix = sinceEntry + more;
    if (Math.max(sinceEntry, sinceCheck) + more > maxUncheckedInstructions) {
      this.fail(i, `more than ${maxUncheckedInstructions} instructions without a check`);
    }
  }

  private branch(i: number, label: number): void {
    if (!this.state.live) return;
    const frame = this.frames[this.depth - 1 - label];
    if (label >= this.depth || frame === undefined) this.fail(i, "a branch to no block");
    if (frame.op !== Op.loop) {
      frame.join.merge(this.state);
      return;
    }
    if (this.fuel < 0) this.fail(i, "a loop in a function without fuel");
    if (!frame.checkedHeader && !this.isGuarded(i)) this.fail(i, "a cycle passes no check");
    if (this.state.charged <= frame.cycles)
      this.fail(i, "a cycle charges nothing on some way round");
  }

  /** Whether the branch is taken only while fuel is left. */
  private isGuarded(i: number): boolean {
    const { l, fuel } = this;
    return (
      l.is(i, Op.brIf) &&
      l.is(i - 1, Op.i32GeS) &&
      l.is(i - 2, Op.i32Const, 0) &&
      (l.is(i - 3, Op.localGet, fuel) || l.is(i - 3, Op.localTee, fuel))
    );
  }

  private beginElse(): void {
    const frame = this.frames[this.depth - 1] as Frame;
    frame.op = Op.else;
    frame.join.merge(this.state);
    this.state.set(frame.other);
  }

  private end(): void {
    const { state } = this;
    const frame = this.frames[--this.depth] as Frame;
    state.merge(frame.join);
    if (frame.op === Op.if) state.merge(frame.other);
    this.cycles = frame.cycles;
    if (state.charged > frame.cycles) state.charged = frame.cycles;
  }

  private call(i: number): void {
    const { l, state } = this;
    if (!state.live) return;
    const indirect = l.ops[i] === Op.callIndirect || l.ops[i] === Op.returnCallIndirect;
    const callee = l.a[i] as number;
    if (!indirect && callee < this.imported) {
      this.count(i, hostCallInstructions);
      return;
    }
    const { order, f } = this;
    const defined = callee - this.imported;
    const within = indirect ? order.reachesGroup(f, callee) : order.sameGroup(f, defined);
    if (within && order.isCounted(f) && !state.counted) {
      this.fail(i, "a call within its group before fuel and depth are checked");
    }
    // Every cycle of calls passes a counted function, so it is enough that those charge.
    const mayReturn = order.isCounted(f) && (indirect || this.holdsFuel(callee));
    if (mayReturn && state.charged < 1) this.fail(i, "a call before anything was charged");
    const { stretches } = this;
    this.pass(i, indirect ? stretches.indirect(f, callee) : stretches.direct(f, defined));
  }

  private pass(i: number, called: Stretch): void {
    const { state } = this;
    const { prefix, checkedExit, uncheckedExit, unwinding } = called;
    this.reach(i, prefix);
    // Where nobody can be called, the call traps.
    if (checkedExit === none && uncheckedExit === none) return;
    const on = (since: number): number =>
      since === none || uncheckedExit === none ? none : since + uncheckedExit;
    state.sinceEntry = on(state.sinceEntry);
    state.sinceCheck = Math.max(checkedExit, on(state.sinceCheck));
    state.unwinding = Math.max(unwinding, on(state.unwinding));
    this.reach(i, 0);
  }
}
