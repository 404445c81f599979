import type { MeteringPlan } from "./plan.ts";
import { maxUncheckedFuel } from "./protocol.ts";

/**
 * Fuel that a function in a cycle may burn unchecked behind a call into the cycle. Unwinding a
 * recursion of depth d passes d such stretches without any entry.
 */
const maxUnwindFuel = 256;

const notUnwinding = -1;

/**
 * Places the checks that forward code needs: keeps the most fuel that any path has burnt since its
 * last check, and sets one where it would become more than `maxUncheckedFuel`. Blocks are known by
 * their place on the control stack; 0 is the function.
 */
export class CheckPlacer {
  /** Most fuel burnt since the last check. */
  unchecked = 0;
  /** Most of it anywhere in the function. */
  mostUnchecked = 0;
  /** Most burnt since a call into the cycle, where no check came since; else `notUnwinding`. */
  private unwinding = notUnwinding;
  /** Both over all branches to a block's end. */
  private readonly labelFuel: Int32Array;
  private readonly labelUnwinding: Int32Array;
  /** Both where an `if` began, for its other arm. */
  private readonly ifFuel: Int32Array;
  private readonly ifUnwinding: Int32Array;

  /** @param mostBlocks how many blocks may be open at a time. */
  constructor(
    private readonly plan: MeteringPlan,
    mostBlocks: number,
  ) {
    this.labelFuel = new Int32Array(mostBlocks);
    this.labelUnwinding = new Int32Array(mostBlocks);
    this.ifFuel = new Int32Array(mostBlocks);
    this.ifUnwinding = new Int32Array(mostBlocks);
  }

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
  burn(offset: number, fuel: number, ahead: number): boolean {
    const unwindsFar = this.unwinding !== notUnwinding && this.unwinding + ahead > maxUnwindFuel;
    const placed = unwindsFar || this.unchecked + ahead > maxUncheckedFuel;
    if (placed) {
      this.plan.checkOffset.push(offset);
      this.checked();
    }
    if (this.unchecked + ahead > this.mostUnchecked) this.mostUnchecked = this.unchecked + ahead;
    this.unchecked += fuel;
    if (this.unwinding !== notUnwinding) this.unwinding += fuel;
    return placed;
  }

  /** A callee of the own cycle has come back: what was burnt since a check in it counts as unwinding. */
  unwind(): void {
    if (this.unwinding < 0) this.unwinding = 0;
  }

  open(d: number): void {
    this.labelFuel[d] = 0;
    this.labelUnwinding[d] = notUnwinding;
    this.ifFuel[d] = this.unchecked;
    this.ifUnwinding[d] = this.unwinding;
  }

  /** A way to the end of block `d`. */
  reach(d: number): void {
    this.merge(d, this.unchecked, this.unwinding);
  }

  /** The other arm of `if` `d` begins. */
  beginElse(d: number): void {
    this.unchecked = this.ifFuel[d] as number;
    this.unwinding = this.ifUnwinding[d] as number;
  }

  /** Behind the end of block `d`; `live` when its last instruction comes there, `otherwise` when an `if` without `else` does. */
  end(d: number, live: boolean, joined: boolean, otherwise: boolean): void {
    if (otherwise) this.merge(d, this.ifFuel[d] as number, this.ifUnwinding[d] as number);
    if (!joined && !otherwise) return;
    if (live) this.merge(d, this.unchecked, this.unwinding);
    this.unchecked = this.labelFuel[d] as number;
    this.unwinding = this.labelUnwinding[d] as number;
  }

  private merge(d: number, fuel: number, unwinding: number): void {
    if (fuel > (this.labelFuel[d] as number)) this.labelFuel[d] = fuel;
    if (unwinding > (this.labelUnwinding[d] as number)) this.labelUnwinding[d] = unwinding;
  }
}
