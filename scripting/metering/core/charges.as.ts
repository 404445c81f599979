import { allocate } from "../../wasm/core/memory.as";
import { OpenBlock } from "./open-block.as";
import { plan } from "./plan.as";

const none: i32 = -1;

/** Where an amount that only the end of a block settles has to be written. */
const enum Place {
  charge = 0,
  edge = 1,
  otherwise = 2,
  table = 3,
}

/** A way to a block's end, of the function being placed. */
@unmanaged
class Way {
  /** The next way to the same end; `none` behind the last. */
  next: i32;
  place: Place;
  /** Entry in the plan's list for that place. */
  index: i32;
  amount: i32;
}

/**
 * Places charges so that every path is charged what its instructions cost, with as few charges as
 * possible on the paths that run often.
 *
 * Cost is carried along as `pending`, a number known at every point, and charged where paths part
 * from what they have to agree on: where several ways meet, all go on with the least that any of
 * them has pending, and those with more pay the difference on their way in. A loop's header agrees
 * with the way into the loop, so each way round pays for itself at its back edge, once; leaving the
 * loop costs nothing. Charges are never negative and never for what may not run, so the fuel
 * charged at any point is at most what the call will have cost: a budget stops a call if and only
 * if it is below the exact cost.
 *
 * A call must not run long on what is only pending. So it pays what is, and with it, in advance,
 * what is certain to follow it in its region: instructions that run whenever the call does.
 */
@unmanaged
export class ChargePlacer {
  /** Charge each region at its beginning, carrying nothing. For the few functions that need it. */
  private eager: bool = false;
  /** Cost since the last agreement that is not charged. */
  private pending: i32 = 0;
  /** The charge that takes the costs of the current region in advance; none while they're pending. */
  private slot: i32 = none;
  /** What the innermost loop's header has pending: paid by no way round it. */
  private base: i32 = 0;
  private ways: usize = 0;
  private wayCount: i32 = 0;
  private wayCapacity: i32 = 0;
  /** A `br_table`'s ways would have to pay different amounts, which one instruction can't. */
  private torn: bool = false;
  /** The current `br_table`, and what the loops that it leads to have pending; none without any. */
  private tableOffset: i32 = 0;
  private tableHeader: i32 = none;

  /** Starts a module. */
  beginModule(): void {
    this.wayCapacity = 64;
    this.ways = allocate(this.wayCapacity * <i32>offsetof<Way>());
  }

  /** Starts a function, or starts it again. */
  begin(eager: bool): void {
    this.eager = eager;
    this.pending = 0;
    this.slot = none;
    this.base = 0;
    this.wayCount = 0;
    this.torn = false;
  }

  /** Whether the function has to be placed again, eagerly. */
  get failed(): bool {
    return this.torn;
  }

  /** Costs of the instruction at `offset`. */
  @inline add(fuel: i32, offset: i32): void {
    if (fuel == 0) return;
    if (this.slot == none && this.eager) this.prepay(offset);
    if (this.slot == none) this.pending += fuel;
    else plan.addCharge(this.slot, fuel);
  }

  /** Before a call at `offset`: nothing stays pending, and its region is paid in advance. */
  prepay(offset: i32): void {
    if (this.slot != none) return;
    this.slot = plan.charge(offset, this.pending - this.base);
    this.pending = this.base;
  }

  @inline openBlock(block: OpenBlock): void {
    block.savedSlot = this.slot;
    block.savedBase = this.base;
    block.ways = none;
  }

  openLoop(block: OpenBlock): void {
    this.openBlock(block);
    this.slot = none;
    this.base = this.pending;
    block.entryPending = this.pending;
  }

  openIf(block: OpenBlock): void {
    this.openBlock(block);
    this.slot = none;
    block.entryPending = this.pending;
  }

  /** At the `else` at `offset`; `live` when the first arm comes to its end. */
  beginElse(block: OpenBlock, live: bool, offset: i32): void {
    if (live) this.way(block, Place.charge, plan.charge(offset, 0));
    this.pending = block.entryPending;
    this.slot = none;
  }

  /** A `br` or `br_if` to a block; what follows a `br_if` isn't certain any more. */
  @inline branch(block: OpenBlock, isLoop: bool): void {
    const edge = plan.edge();
    if (isLoop) plan.setEdge(edge, this.pending - block.entryPending);
    else this.way(block, Place.edge, edge);
    this.slot = none;
  }

  /** A `br_table` at `offset`; its targets that are loops follow, then `settleTable`, then the others. */
  beginTable(offset: i32): void {
    this.tableOffset = offset;
    this.tableHeader = none;
  }

  /** A target that is a loop; all of those have to agree on what is pending. */
  tableToLoop(block: OpenBlock): void {
    const pending = block.entryPending;
    if (this.tableHeader != none && this.tableHeader != pending) this.torn = true;
    if (this.tableHeader == none) this.tableHeader = pending;
  }

  /** All targets that are loops are known: what they don't carry along is due. */
  settleTable(): void {
    if (this.tableHeader == none) return;
    // From within a further loop: the table's blocks would go on with less than its header has.
    if (this.tableHeader < this.base) this.torn = true;
    const due = this.pending - this.tableHeader;
    if (due > 0) plan.charge(this.tableOffset, due);
    this.pending = this.tableHeader;
  }

  /** A target of the `br_table` that is no loop. */
  tableToBlock(block: OpenBlock): void {
    this.way(block, Place.table, none);
  }

  /** Out of the function at `offset`, past its end: all that is pending is due. */
  leave(offset: i32): void {
    if (this.pending > 0) plan.charge(offset, this.pending);
  }

  /** The end of a loop: what comes out of it carries on. */
  endLoop(block: OpenBlock, leaves: bool): void {
    this.base = block.savedBase;
    this.slot = leaves ? none : block.savedSlot;
  }

  /**
   * The end at `offset` of a block, or of an `if` (`open` when it has no `else`). Settles what
   * every way to it has to pay.
   */
  endBlock(block: OpenBlock, live: bool, open: bool, leaves: bool, offset: i32): void {
    if (open) this.otherwise(block);
    this.settle(block, live, offset);
    this.base = block.savedBase;
    this.slot = leaves ? none : block.savedSlot;
  }

  /** What is pending behind the function's last block, to be charged there. */
  get due(): i32 {
    return this.pending;
  }

  @inline private wayAt(w: i32): Way {
    return changetype<Way>(this.ways + <usize>w * offsetof<Way>());
  }

  private way(block: OpenBlock, place: Place, index: i32): void {
    const w = this.wayCount++;
    if (w == this.wayCapacity) this.growWays();
    const way = this.wayAt(w);
    const pending = this.pending;
    way.next = block.ways;
    way.place = place;
    way.index = index;
    way.amount = pending;
    block.least = block.ways == none ? pending : min(block.least, pending);
    block.ways = w;
  }

  /** The condition of an `if` without `else` doesn't hold. */
  private otherwise(block: OpenBlock): void {
    const pending = this.pending;
    this.pending = block.entryPending;
    this.way(block, Place.otherwise, plan.otherwise());
    this.pending = pending;
  }

  private settle(block: OpenBlock, live: bool, offset: i32): void {
    if (block.ways == none) {
      if (!live) this.pending = 0; // Nothing comes here.
      return;
    }
    let least = block.least;
    if (live) {
      // This way's place is here, so it needn't be kept.
      if (this.pending < least) least = this.pending;
      if (this.pending > least) plan.charge(offset, this.pending - least);
    }
    for (let w = block.ways; w != none; ) {
      const way = this.wayAt(w);
      const due = way.amount - least;
      const index = way.index;
      if (way.place == Place.charge) plan.addCharge(index, due);
      else if (way.place == Place.edge) plan.setEdge(index, due);
      else if (way.place == Place.otherwise) plan.setOtherwise(index, due);
      else if (due > 0) this.torn = true;
      w = way.next;
    }
    this.pending = least;
  }

  private growWays(): void {
    const bytes = this.wayCapacity * <i32>offsetof<Way>();
    const to = allocate(bytes * 2);
    memory.copy(to, this.ways, bytes);
    this.ways = to;
    this.wayCapacity *= 2;
  }
}

export const charges: ChargePlacer = changetype<ChargePlacer>(
  memory.data(offsetof<ChargePlacer>()),
);
