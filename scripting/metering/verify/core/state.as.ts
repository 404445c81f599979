import { allocate, grownInts, Ints } from "../../../wasm/core/memory.as";
import { none } from "./stretches.as";

/** What holds at a point of the code, on every path to it. */
@unmanaged
export class State {
  /** Whether any path comes here. */
  live: bool;
  /** Whether every path has passed a check of fuel and depth. */
  counted: bool;
  /**
   * How many of the open cycles, outermost first, have been charged since they were entered. The
   * function itself is the outermost: calls may lead back to its entry.
   */
  charged: i32;
  /**
   * Most instructions since the entry, on paths without a check; `none` where every path has passed
   * one.
   */
  sinceEntry: i32;
  /** Most since the last check, on paths that have passed one; `none` where there are none. */
  sinceCheck: i32;
  /** Most since the last call that leads back here, if no check came since; else `none`. */
  unwinding: i32;

  /** That of a function's entry. */
  begin(): void {
    this.live = true;
    this.counted = false;
    this.charged = 0;
    this.sinceEntry = 0;
    this.sinceCheck = none;
    this.unwinding = none;
  }

  set(from: State): void {
    const to = changetype<usize>(this);
    const at = changetype<usize>(from);
    // All of its fields; for so few bytes, a copy as one would be a call.
    store<i64>(to, load<i64>(at));
    store<i64>(to, load<i64>(at, 8), 8);
    store<i32>(to, load<i32>(at, 16), 16);
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

const intsPerState: i32 = offsetof<State>() >> 2;

/**
 * States that open blocks keep: few blocks do. Known by numbers above 0; an object is valid until
 * the next one is taken.
 */
@unmanaged
export class StatePool {
  private values: Ints = changetype<Ints>(0);
  private capacity: i32 = 0;
  /** Numbers given out so far, and the last one given back, which leads to those before it. */
  private count: i32 = 0;
  private free: i32 = 0;

  begin(): void {
    this.capacity = 256;
    this.values = changetype<Ints>(allocate((this.capacity * intsPerState) << 2));
    this.count = 1;
    this.free = 0;
  }

  at(state: i32): State {
    return changetype<State>(changetype<usize>(this.values) + ((state * intsPerState) << 2));
  }

  /** A copy of a state. */
  copy(from: State): i32 {
    let taken = this.free;
    if (taken != 0) this.free = this.at(taken).charged;
    else {
      if (this.count == this.capacity) this.grow();
      taken = this.count++;
    }
    this.at(taken).set(from);
    return taken;
  }

  /** Gives one back. */
  drop(state: i32): void {
    this.at(state).charged = this.free;
    this.free = state;
  }

  private grow(): void {
    const to = this.capacity * 2;
    this.values = grownInts(this.values, this.capacity * intsPerState, to * intsPerState);
    this.capacity = to;
  }
}

export const states: StatePool = changetype<StatePool>(memory.data(offsetof<StatePool>()));
