import { Op } from "../../wasm/opcodes.ts";
import type { CallOrder } from "./calls.ts";
import { isCheck, type Listing } from "./listing.ts";

const none = -1;

/**
 * Instructions that forward code may run between two checks, the meter's own included; those that
 * generate no code don't count. Far above what a sound rewrite leaves, far below a millisecond.
 */
const maxUncheckedInstructions = 250_000;
/**
 * Instructions that a function may run without a check behind a call that leads back to it: a
 * recursion runs that many in each of its frames as it unwinds.
 */
const maxUnwindInstructions = 4_096;
/**
 * What a host call counts as: its price is known to the host only. Too much for unwinding, for the
 * prices of thousands of frames would wrap the fuel.
 */
const hostCallInstructions = maxUnwindInstructions + 1;

/** What a function may run without a check, in instructions; `none` where it doesn't. */
export interface Stretch {
  /** From its entry on. */
  readonly prefix: number;
  /** Until its return. */
  readonly exit: number;
  /** Until its return, since a call that leads back into its cycle. */
  readonly unwinding: number;
}

/** What a call's caller has to reckon with; the worst, where there are several callees. */
interface Called {
  /** Before any check. */
  readonly prefix: number;
  /** Until the return, of callees that check at entry and of those that don't. */
  readonly checkedExit: number;
  readonly uncheckedExit: number;
  /** Until the return, since a call that leads back into the caller's cycle. */
  readonly unwinding: number;
}

const nobody: Called = { prefix: 0, checkedExit: none, uncheckedExit: none, unwinding: none };

/** What each function leaves unchecked towards its callers, filled callees first. */
export class Stretches {
  readonly #calls: CallOrder;
  readonly #functions: Stretch[] = [];
  /** Of all that a type leads to, for callers within its cycle, and for all others. */
  readonly #within: Called[] = [];
  readonly #outside: Called[] = [];

  constructor(calls: CallOrder) {
    this.#calls = calls;
  }

  set(f: number, stretch: Stretch): void {
    this.#functions[f] = stretch;
  }

  /** What function `caller` finds in a function that it calls. */
  direct(caller: number, callee: number): Called {
    return this.#called(callee, this.#calls.sameCycle(caller, callee));
  }

  /** What function `caller` finds in what it calls through a type. */
  indirect(caller: number, typeIndex: number): Called {
    const node = this.#calls.typeNode(typeIndex);
    if (node === undefined) return nobody;
    const within = this.#calls.sameCycle(caller, node);
    const known = within ? this.#within : this.#outside;
    known[node] ??= this.#calls
      .targets(node)
      .map((f) => this.#called(f, within && this.#calls.sameCycle(node, f)))
      .reduce(worst, nobody);
    return known[node];
  }

  #called(f: number, within: boolean): Called {
    const checked = this.#calls.isEntryChecked(f);
    // In a cycle the caller may come first; what its callee leaves counts as unwinding.
    if (checked && within) return { ...nobody, checkedExit: 0, unwinding: 0 };
    const stretch = this.#functions[f];
    if (stretch === undefined) return nobody;
    const { prefix, exit } = stretch;
    const unwinding = within ? stretch.unwinding : none;
    return checked
      ? { prefix: 0, checkedExit: exit, uncheckedExit: none, unwinding }
      : { prefix, checkedExit: none, uncheckedExit: exit, unwinding };
  }
}

function worst(a: Called, b: Called): Called {
  return {
    prefix: Math.max(a.prefix, b.prefix),
    checkedExit: Math.max(a.checkedExit, b.checkedExit),
    uncheckedExit: Math.max(a.uncheckedExit, b.uncheckedExit),
    unwinding: Math.max(a.unwinding, b.unwinding),
  };
}

/** 1 for one-byte instructions that generate no code. */
const isFree: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const op of [Op.nop, Op.block, Op.loop, Op.end, Op.else, Op.drop]) table[op] = 1;
  return table;
})();

/** 1 for one-byte instructions that neither branch, call, nor touch a local. */
const isPlain: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(1);
  for (let op = 0; op <= Op.returnCallIndirect; op++) table[op] = 0;
  for (const op of [Op.drop, Op.localGet, Op.localSet, Op.localTee]) table[op] = 0;
  return table;
})();

/** What holds at a point of the code, on every path to it. */
interface State {
  /**
   * How many of the open cycles, outermost first, have been charged since they were entered. The
   * function itself is the outermost: calls may lead back to its entry.
   */
  charged: number;
  /** Most instructions since the last check, or since the entry. */
  unchecked: number;
  /** Most since the last call that leads back here, if no check came since; else `none`. */
  unwinding: number;
}

interface Frame {
  readonly op: number;
  /** Open cycles outside of a loop; for other blocks, those around them. */
  readonly cycles: number;
  /** Whether a loop's header is a check, so that every branch to it meets one. */
  readonly checkedHeader: boolean;
  /** Merged over branches to the end; undefined when there are none. */
  join: State | undefined;
  /** Where an `if` began, for its other arm. */
  readonly other: State | undefined;
}

/**
 * One forward pass over a function. Blocks nest and only branches to a loop go back, so what is
 * assumed at a loop's header (not charged yet) needs no second look.
 */
export class BodyFlow {
  private readonly frames: Frame[] = [];
  private state: State | undefined = { charged: 0, unchecked: 0, unwinding: none };
  private cycles = 1;
  private longest = 0;

  constructor(
    private readonly l: Listing,
    private readonly fuel: number,
    private readonly refill: number,
    private readonly stretches: Stretches,
    private readonly calls: CallOrder,
    private readonly f: number,
    private readonly imported: number,
    /** Whether a function holds fuel; one that doesn't can't lead back here. */
    private readonly holdsFuel: (functionIndex: number) => boolean,
    private readonly fail: (i: number, message: string) => never,
  ) {}

  /** Proves the function's cycles and bounds, and files its stretches. */
  run(): void {
    const { l, fuel } = this;
    const { ops, a } = l;
    this.push(Op.block, 0, undefined);
    let plain = 0; // Instructions since the last one that was looked at; they only count.
    for (let i = 0; i < l.length; i++) {
      const op = ops[i] as number;
      if (op >= 0x100 || isPlain[op] === 1) {
        plain++;
        continue;
      }
      const ofLocal = op === Op.localGet || op === Op.localSet || op === Op.localTee;
      if (ofLocal && a[i] !== fuel) {
        plain++;
        continue;
      }
      if (plain > 0 && this.state !== undefined) this.count(i, plain);
      plain = 0;
      if (this.state !== undefined && isCheck(l, i, fuel, this.refill)) {
        this.state.unchecked = 0;
        this.state.unwinding = none;
        i += 7;
        continue;
      }
      this.instruction(i);
    }
    const unwinding = this.state?.unwinding ?? none;
    if (this.calls.isEntryChecked(this.f) && unwinding > maxUnwindInstructions) {
      this.fail(
        l.length - 1,
        `more than ${maxUnwindInstructions} instructions in each unwound frame`,
      );
    }
    this.stretches.set(this.f, {
      prefix: this.longest,
      exit: this.state?.unchecked ?? 0,
      unwinding,
    });
  }

  private push(op: number, i: number, other: State | undefined): void {
    const checkedHeader = op === Op.loop && isCheck(this.l, i + 1, this.fuel, this.refill);
    this.frames.push({ op, cycles: this.cycles, checkedHeader, join: undefined, other });
    if (op === Op.loop) this.cycles++;
  }

  private instruction(i: number): void {
    const { l } = this;
    const op = l.ops[i] as number;
    if (this.state !== undefined && isFree[op] !== 1) this.count(i, 1);
    switch (op) {
      case Op.block:
      case Op.loop:
        this.push(op, i, undefined);
        return;
      case Op.if:
        this.push(op, i, this.state === undefined ? undefined : { ...this.state });
        return;
      case Op.else:
        this.beginElse();
        return;
      case Op.end:
        this.end();
        return;
      case Op.br:
        this.branch(i, l.a[i] as number);
        this.state = undefined;
        return;
      case Op.brIf:
        this.branch(i, l.a[i] as number);
        return;
      case Op.brTable:
        for (let n = 0; n < (l.b[i] as number); n++) {
          this.branch(i, l.labels[(l.a[i] as number) + n] as number);
        }
        this.state = undefined;
        return;
      case Op.return:
        this.branch(i, this.frames.length - 1);
        this.state = undefined;
        return;
      case Op.unreachable:
        this.state = undefined;
        return;
      case Op.call:
      case Op.callIndirect:
        this.call(i);
        return;
      case Op.returnCall:
      case Op.returnCallIndirect:
        this.call(i);
        this.branch(i, this.frames.length - 1);
        this.state = undefined;
        return;
      case Op.localSet:
      case Op.localTee:
        if (this.isCharge(i) && this.state !== undefined) this.state.charged = this.cycles;
    }
  }

  private isCharge(i: number): boolean {
    const { l, fuel } = this;
    return (
      fuel >= 0 &&
      l.a[i] === fuel &&
      l.is(i - 1, Op.i32Sub) &&
      l.is(i - 2, Op.i32Const) &&
      (l.a[i - 2] as number) >= 1 &&
      l.is(i - 3, Op.localGet, fuel)
    );
  }

  private count(i: number, instructions: number): void {
    const state = this.state as State;
    state.unchecked += instructions;
    if (state.unwinding !== none) state.unwinding += instructions;
    this.reach(i, state.unchecked);
  }

  private reach(i: number, unchecked: number): void {
    this.longest = Math.max(this.longest, unchecked);
    if (unchecked > maxUncheckedInstructions) {
      this.fail(i, `more than ${maxUncheckedInstructions} instructions without a check`);
    }
  }

  private branch(i: number, label: number): void {
    const frame = this.frames[this.frames.length - 1 - label];
    if (frame === undefined || this.state === undefined) return;
    if (frame.op !== Op.loop) {
      frame.join = merged(frame.join, this.state);
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
    const frame = this.frames.pop();
    if (frame === undefined) return;
    const join = this.state === undefined ? frame.join : merged(frame.join, this.state);
    this.frames.push({ ...frame, op: Op.else, join });
    this.state = frame.other;
  }

  private end(): void {
    const frame = this.frames.pop();
    if (frame === undefined) return;
    let state = this.state;
    if (frame.join !== undefined) state = merged(frame.join, state);
    if (frame.op === Op.if && frame.other !== undefined) state = merged(frame.other, state);
    this.cycles = frame.cycles;
    this.state =
      state === undefined
        ? undefined
        : { ...state, charged: Math.min(state.charged, frame.cycles) };
  }

  private call(i: number): void {
    const { l, state } = this;
    if (state === undefined) return;
    const indirect = l.ops[i] === Op.callIndirect || l.ops[i] === Op.returnCallIndirect;
    const callee = l.a[i] as number;
    if (!indirect && callee < this.imported) {
      this.count(i, hostCallInstructions);
      return;
    }
    // Every cycle of calls passes an entry check, so it is enough that those functions charge.
    const mayReturn = this.calls.isEntryChecked(this.f) && (indirect || this.holdsFuel(callee));
    if (mayReturn && state.charged < 1) this.fail(i, "a call before anything was charged");
    const called = indirect
      ? this.stretches.indirect(this.f, callee)
      : this.stretches.direct(this.f, callee - this.imported);
    this.reach(i, state.unchecked + called.prefix);
    const { checkedExit, uncheckedExit, unwinding } = called;
    const on = (since: number): number =>
      since === none || uncheckedExit === none ? none : since + uncheckedExit;
    // Where nobody can be called, the call traps.
    if (checkedExit === none && uncheckedExit === none) return;
    this.state = {
      charged: state.charged,
      unchecked: Math.max(checkedExit, on(state.unchecked)),
      unwinding: Math.max(unwinding, on(state.unwinding)),
    };
    this.reach(i, this.state.unchecked);
  }
}

/** What holds on both of two ways. */
function merged(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined || b === undefined) {
    const only = a ?? b;
    return only === undefined ? undefined : { ...only };
  }
  return {
    charged: Math.min(a.charged, b.charged),
    unchecked: Math.max(a.unchecked, b.unchecked),
    unwinding: Math.max(a.unwinding, b.unwinding),
  };
}
