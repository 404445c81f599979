import { Op } from "../../../wasm/op";
import { Objection } from "../objections";
import { FrameKind, frames } from "./frames.as";
import { holder, holders } from "./holders.as";
import { input } from "./input.as";
import { listing as l } from "./listing.as";
import { order } from "./order.as";
import { rules } from "./rules.as";
import { State, states } from "./state.as";
import { maxLeafInstructions, none, Stretch, stretches } from "./stretches.as";

/**
 * Instructions that forward code may run between two checks, the meter's own included; those that
 * generate no code don't count. Far above what a sound rewrite leaves, far below a millisecond.
 */
const maxUncheckedInstructions: i32 = 250_000;
/**
 * Instructions that a function may run without a check behind a call that leads back to it: a
 * recursion runs that many in each of its frames as it unwinds.
 */
const maxUnwindInstructions: i32 = 8_192;
/**
 * What a host call counts as: its price is known to the host only. Too much for unwinding, for the
 * prices of thousands of frames would wrap the fuel.
 */
const hostCallInstructions: i32 = maxUnwindInstructions + 1;

/** What holds where the pass has come to. */
const state: State = changetype<State>(memory.data(offsetof<State>()));

/**
 * One forward pass over a function. Blocks nest and only branches to a loop go back, so what is
 * assumed at a loop's header (not charged yet) needs no second look. One object serves all
 * functions.
 */
@unmanaged
export class BodyFlow {
  private cycles: i32 = 0;
  /** Most instructions since the entry anywhere, on paths without a check. */
  private prefix: i32 = 0;
  private f: i32 = 0;

  /** Starts defined function `f`. */
  begin(f: i32): void {
    this.f = f;
    this.cycles = 1;
    this.prefix = 0;
    state.begin();
    frames.depth = 0;
    frames.push(FrameKind.block, this.cycles);
  }

  /** Whether the function's own end was passed. */
  @inline get done(): bool {
    return frames.depth == 0;
  }

  /** Files the function's stretches; its last instruction is the `last` one. */
  finish(last: i32): void {
    if (holders.isCounted(this.f)) {
      if (this.prefix > maxLeafInstructions) rules.fail(last, Objection.lateDepth);
      if (state.unwinding > maxUnwindInstructions) rules.fail(last, Objection.unwinding);
    }
    const stretch = stretches.of(this.f);
    stretch.set(this.prefix, state.sinceCheck, state.sinceEntry, state.unwinding);
  }

  /** A check stands here. */
  check(): void {
    state.sinceEntry = none;
    state.sinceCheck = 0;
    state.unwinding = none;
  }

  /** A check of fuel and depth stands here. */
  countedCheck(): void {
    this.check();
    state.counted = true;
  }

  /** A charge of at least 1 stands here. */
  @inline charge(): void {
    state.charged = this.cycles;
  }

  /** So many instructions that neither branch nor call end in front of `i`. */
  @inline count(i: i32, instructions: i32): void {
    if (!state.live) return;
    const sinceEntry = grown(state.sinceEntry, instructions);
    const sinceCheck = grown(state.sinceCheck, instructions);
    state.sinceEntry = sinceEntry;
    state.sinceCheck = sinceCheck;
    state.unwinding = grown(state.unwinding, instructions);
    if (sinceEntry > this.prefix) this.prefix = sinceEntry;
    if (max(sinceEntry, sinceCheck) > maxUncheckedInstructions) this.failUnchecked(i);
  }

  /** Instruction `i`, which may be any; `a` is its first immediate. */
  instruction(i: i32, op: i32, a: i32): void {
    switch (op) {
      case Op.block:
        frames.push(FrameKind.block, this.cycles);
        return;
      case Op.loop:
        // What is open outside of it comes first.
        frames.push(
          l.isCheck(i + 1, holder.fuel) ? FrameKind.checkedLoop : FrameKind.loop,
          this.cycles++,
        );
        return;
      case Op.if_:
        frames.push(FrameKind.if_, this.cycles).other = states.copy(state);
        return;
      case Op.else_:
        this.beginElse();
        return;
      case Op.end:
        this.end();
        return;
      case Op.br:
        this.branch(i, a);
        state.live = false;
        return;
      case Op.brIf:
        this.branch(i, a);
        return;
      case Op.brTable: {
        const table = l.whole(l.start(i));
        table.beginLabels();
        for (let n = 0; n <= table.a; n++) this.branch(i, table.nextLabel());
        state.live = false;
        return;
      }
      case Op.return_:
        this.leave(i);
        return;
      case Op.unreachable:
        state.live = false;
        return;
      case Op.call:
      case Op.callIndirect:
        this.call(i, op, a);
        return;
      case Op.returnCall:
      case Op.returnCallIndirect:
        this.call(i, op, a);
        this.leave(i);
    }
  }

  private leave(i: i32): void {
    this.branch(i, frames.depth - 1);
    state.live = false;
  }

  /** Every path goes on for so many instructions. */
  private reach(i: i32, more: i32): void {
    const sinceEntry = state.sinceEntry;
    if (sinceEntry != none && sinceEntry + more > this.prefix) this.prefix = sinceEntry + more;
    if (max(sinceEntry, state.sinceCheck) + more > maxUncheckedInstructions) {
      this.failUnchecked(i);
    }
  }

  private failUnchecked(i: i32): void {
    rules.fail(i, Objection.unchecked);
  }

  private branch(i: i32, label: i32): void {
    if (!state.live) return;
    const depth = frames.depth;
    if (<u32>label >= <u32>depth) rules.fail(i, Objection.noBlock);
    const frame = frames.at(depth - 1 - label);
    if (!frame.isLoop) {
      frame.branchFrom(state);
      return;
    }
    if (holder.fuel < 0) rules.fail(i, Objection.loopWithoutFuel);
    if (frame.kind != FrameKind.checkedLoop && !this.isGuarded(i)) {
      rules.fail(i, Objection.uncheckedCycle);
    }
    if (state.charged <= frame.cycles) rules.fail(i, Objection.freeCycle);
  }

  /** Whether the branch is taken only while fuel is left. */
  private isGuarded(i: i32): bool {
    const fuel = holder.fuel;
    return (
      l.is(i, Op.brIf) &&
      l.is(i - 1, Op.i32GeS) &&
      l.has(i - 2, Op.i32Const, 0) &&
      (l.has(i - 3, Op.localGet, fuel) || l.has(i - 3, Op.localTee, fuel))
    );
  }

  private beginElse(): void {
    const frame = frames.at(frames.depth - 1);
    frame.kind = FrameKind.else_;
    frame.branchFrom(state);
    if (frame.other != 0) state.set(states.at(frame.other));
    else state.live = false;
  }

  private end(): void {
    const frame = frames.at(--frames.depth);
    const cycles = frame.cycles;
    if (frame.join != 0) {
      state.merge(states.at(frame.join));
      states.drop(frame.join);
    }
    if (frame.other != 0) {
      if (frame.kind == FrameKind.if_) state.merge(states.at(frame.other));
      states.drop(frame.other);
    }
    this.cycles = cycles;
    if (state.charged > cycles) state.charged = cycles;
  }

  private call(i: i32, op: i32, callee: i32): void {
    if (!state.live) return;
    const f = this.f;
    const counted = holders.isCounted(f);
    if (op == Op.callIndirect || op == Op.returnCallIndirect) {
      const type = input.canonical(callee);
      const within = order.reachesGroup(f, type);
      this.checkCall(i, counted, within, true);
      this.pass(i, stretches.indirect(f, type, within), within);
      return;
    }
    if (callee < input.importedFunctions) {
      this.count(i, hostCallInstructions);
      return;
    }
    const defined = callee - input.importedFunctions;
    // One that doesn't hold fuel can't lead back.
    const within = order.sameGroup(f, defined);
    this.checkCall(i, counted, within, counted && holders.fuel(defined) >= 0);
    this.pass(i, stretches.direct(defined, within), within);
  }

  private checkCall(i: i32, counted: bool, within: bool, mayReturn: bool): void {
    if (!counted) return;
    if (within && !state.counted) rules.fail(i, Objection.uncheckedGroupCall);
    // Every cycle of calls passes a counted function, so it is enough that those charge.
    if (mayReturn && state.charged < 1) rules.fail(i, Objection.freeCall);
  }

  private pass(i: i32, called: Stretch, within: bool): void {
    const checkedExit = called.checkedExit;
    const uncheckedExit = called.uncheckedExit;
    // Only what is called within the group leads back.
    const unwinding = within ? called.unwinding : none;
    this.reach(i, called.prefix);
    // Where nobody can be called, the call traps.
    if (checkedExit == none && uncheckedExit == none) return;
    state.sinceEntry = behind(state.sinceEntry, uncheckedExit);
    state.sinceCheck = max(checkedExit, behind(state.sinceCheck, uncheckedExit));
    state.unwinding = max(unwinding, behind(state.unwinding, uncheckedExit));
    this.reach(i, 0);
  }
}

/** What a stretch grows to by so many instructions: {@link none} stays what it is. */
@inline
function grown(since: i32, instructions: i32): i32 {
  return since + (instructions & ~(since >> 31));
}

/** What a stretch grows to over a call that returns unchecked after so many. */
@inline
function behind(since: i32, uncheckedExit: i32): i32 {
  return since == none || uncheckedExit == none ? none : since + uncheckedExit;
}

export const flow: BodyFlow = changetype<BodyFlow>(memory.data(offsetof<BodyFlow>()));
