import { maxUncheckedFuel } from "../bounds";
import { OpenBlock } from "./open-block.as";
import { plan } from "./plan.as";

/**
 * Fuel that a function in a cycle may burn unchecked behind a call into the cycle. Unwinding a
 * recursion of depth d passes d such stretches without any entry.
 */
const maxUnwindFuel: i32 = 256;

/** So low that no fuel burnt before the next check makes it positive. */
const notUnwinding: i32 = -(1 << 30);

/**
 * Places the checks that forward code needs: keeps the most fuel that any path has burnt since its
 * last check, and sets one where it would become more than `maxUncheckedFuel`.
 */
@unmanaged
export class CheckPlacer {
  /** Most fuel burnt since the last check. */
  unchecked: i32 = 0;
  /** Most of it anywhere in the function. */
  mostUnchecked: i32 = 0;
  /** Most burnt since a call into the cycle, where no check came since; else below 0. */
  private unwinding: i32 = notUnwinding;

  /** Starts a function. */
  begin(): void {
    this.checked();
    this.mostUnchecked = 0;
  }

  /** There is a check here. */
  checked(): void {
    this.unchecked = 0;
    this.unwinding = notUnwinding;
  }

  /**
   * `ahead` fuel is about to be burnt at `offset` without a check, of which `fuel` stays for what
   * follows. True when that took a check.
   */
  @inline burn(offset: i32, fuel: i32, ahead: i32): bool {
    const placed = !this.fits(ahead);
    if (placed) {
      plan.checkOffset.push(offset);
      this.checked();
    }
    const unchecked = this.unchecked;
    this.mostUnchecked = max(this.mostUnchecked, unchecked + ahead);
    this.unchecked = unchecked + fuel;
    this.unwinding += fuel;
    return placed;
  }

  /** Whether so much can be burnt without a check. */
  @inline fits(ahead: i32): bool {
    return this.unchecked + ahead <= maxUncheckedFuel && this.unwinding + ahead <= maxUnwindFuel;
  }

  /** Burns what fits. */
  @inline add(fuel: i32): void {
    const unchecked = this.unchecked + fuel;
    this.unchecked = unchecked;
    this.unwinding += fuel;
    this.mostUnchecked = max(this.mostUnchecked, unchecked);
  }

  /** A callee of the own cycle has come back: what was burnt since a check in it counts as unwinding. */
  unwind(): void {
    if (this.unwinding < 0) this.unwinding = 0;
  }

  @inline open(block: OpenBlock): void {
    block.labelFuel = 0;
    block.labelUnwinding = notUnwinding;
    block.ifFuel = this.unchecked;
    block.ifUnwinding = this.unwinding;
  }

  /** A way to the end of a block. */
  @inline reach(block: OpenBlock): void {
    merge(block, this.unchecked, this.unwinding);
  }

  /** The other arm of an `if` begins. */
  beginElse(block: OpenBlock): void {
    this.unchecked = block.ifFuel;
    this.unwinding = block.ifUnwinding;
  }

  /** Behind the end of a block; `live` when its last instruction comes there, `otherwise` when an `if` without `else` does. */
  @inline end(block: OpenBlock, live: bool, joined: bool, otherwise: bool): void {
    if (otherwise) merge(block, block.ifFuel, block.ifUnwinding);
    if (!joined && !otherwise) return;
    if (live) merge(block, this.unchecked, this.unwinding);
    this.unchecked = block.labelFuel;
    this.unwinding = block.labelUnwinding;
  }
}

@inline
function merge(block: OpenBlock, fuel: i32, unwinding: i32): void {
  if (fuel > block.labelFuel) block.labelFuel = fuel;
  if (unwinding > block.labelUnwinding) block.labelUnwinding = unwinding;
}

export const checks: CheckPlacer = changetype<CheckPlacer>(memory.data(offsetof<CheckPlacer>()));
