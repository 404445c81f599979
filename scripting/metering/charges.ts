import type { MeteringPlan } from "./plan.ts";

const none = -1;

/** Where an amount that only the end of a block settles has to be written. */
const Place = { charge: 0, edge: 1, otherwise: 2, table: 3 } as const;

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
export class ChargePlacer {
  private readonly plan: MeteringPlan;
  /** Charge each region at its beginning, carrying nothing. For the few functions that need it. */
  private eager = false;
  /** Cost since the last agreement that is not charged. */
  private pending = 0;
  /** The charge that takes the costs of the current region in advance; none while they're pending. */
  private slot = none;
  /** What the innermost loop's header has pending: paid by no way round it. */
  private base = 0;

  // By open block; entry 0 is the function.
  private readonly savedSlot: Int32Array;
  private readonly savedBase: Int32Array;
  private readonly headerPending: Int32Array;
  private readonly ifPending: Int32Array;
  /** First of the ways to each block's end, as a list through `next`. */
  private readonly ways: Int32Array;
  private readonly least: Int32Array;

  // Ways to a block's end, of the function being placed.
  private next = new Int32Array(64);
  private place = new Uint8Array(64);
  private index = new Int32Array(64);
  private amount = new Int32Array(64);
  private wayCount = 0;
  /** A `br_table`'s ways would have to pay different amounts, which one instruction can't. */
  private torn = false;
  /** The current `br_table`, and what the loops that it leads to have pending; none without any. */
  private tableOffset = 0;
  private tableHeader = none;

  /** @param mostBlocks how many blocks may be open at a time. */
  constructor(plan: MeteringPlan, mostBlocks: number) {
    this.plan = plan;
    this.savedSlot = new Int32Array(mostBlocks);
    this.savedBase = new Int32Array(mostBlocks);
    this.headerPending = new Int32Array(mostBlocks);
    this.ifPending = new Int32Array(mostBlocks);
    this.ways = new Int32Array(mostBlocks);
    this.least = new Int32Array(mostBlocks);
  }

  /** Starts a function, or starts it again. */
  begin(eager: boolean): void {
    this.eager = eager;
    this.pending = 0;
    this.slot = none;
    this.base = 0;
    this.wayCount = 0;
    this.torn = false;
  }

  /** Whether the function has to be placed again, eagerly. */
  get failed(): boolean {
    return this.torn;
  }

  /** Costs of the instruction at `offset`. */
  add(fuel: number, offset: number): void {
    if (fuel === 0) return;
    if (this.slot === none && this.eager) this.prepay(offset);
    if (this.slot === none) this.pending += fuel;
    else this.plan.addCharge(this.slot, fuel);
  }

  /** Before a call at `offset`: nothing stays pending, and its region is paid in advance. */
  prepay(offset: number): void {
    if (this.slot !== none) return;
    this.slot = this.plan.charge(offset, this.pending - this.base);
    this.pending = this.base;
  }

  openBlock(d: number): void {
    this.savedSlot[d] = this.slot;
    this.savedBase[d] = this.base;
    this.ways[d] = none;
  }

  openLoop(d: number): void {
    this.openBlock(d);
    this.slot = none;
    this.base = this.pending;
    this.headerPending[d] = this.pending;
  }

  openIf(d: number): void {
    this.openBlock(d);
    this.slot = none;
    this.ifPending[d] = this.pending;
  }

  /** At the `else` at `offset`; `live` when the first arm comes to its end. */
  beginElse(d: number, live: boolean, offset: number): void {
    if (live) this.way(d, Place.charge, this.plan.charge(offset, 0));
    this.pending = this.ifPending[d] as number;
    this.slot = none;
  }

  /** A `br` or `br_if` to block `d`; what follows a `br_if` isn't certain any more. */
  branch(d: number, isLoop: boolean): void {
    const edge = this.plan.edge();
    if (isLoop) this.plan.setEdge(edge, this.pending - (this.headerPending[d] as number));
    else this.way(d, Place.edge, edge);
    this.slot = none;
  }

  /** A `br_table` at `offset`; its targets that are loops follow, then `settleTable`, then the others. */
  beginTable(offset: number): void {
    this.tableOffset = offset;
    this.tableHeader = none;
  }

  /** A target that is a loop; all of those have to agree on what is pending. */
  tableToLoop(d: number): void {
    const pending = this.headerPending[d] as number;
    if (this.tableHeader !== none && this.tableHeader !== pending) this.torn = true;
    if (this.tableHeader === none) this.tableHeader = pending;
  }

  /** All targets that are loops are known: what they don't carry along is due. */
  settleTable(): void {
    if (this.tableHeader === none) return;
    // From within a further loop: the table's blocks would go on with less than its header has.
    if (this.tableHeader < this.base) this.torn = true;
    const due = this.pending - this.tableHeader;
    if (due > 0) this.plan.charge(this.tableOffset, due);
    this.pending = this.tableHeader;
  }

  /** A target of the `br_table` that is no loop. */
  tableToBlock(d: number): void {
    this.way(d, Place.table, none);
  }

  /** Out of the function at `offset`, past its end: all that is pending is due. */
  leave(offset: number): void {
    if (this.pending > 0) this.plan.charge(offset, this.pending);
  }

  /** The end of a loop: what comes out of it carries on. */
  endLoop(d: number, leaves: boolean): void {
    this.base = this.savedBase[d] as number;
    this.slot = leaves ? none : (this.savedSlot[d] as number);
  }

  /**
   * The end at `offset` of a block, or of an `if` (`open` when it has no `else`). Settles what every
   * way to it has to pay.
   */
  endBlock(d: number, live: boolean, open: boolean, leaves: boolean, offset: number): void {
    if (open) this.otherwise(d);
    this.settle(d, live, offset);
    this.base = this.savedBase[d] as number;
    this.slot = leaves ? none : (this.savedSlot[d] as number);
  }

  /** What is pending behind the function's last block, to be charged there. */
  get due(): number {
    return this.pending;
  }

  private way(d: number, place: number, index: number): void {
    const w = this.wayCount++;
    if (w === this.next.length) this.growWays();
    this.next[w] = this.ways[d] as number;
    this.place[w] = place;
    this.index[w] = index;
    this.amount[w] = this.pending;
    const first = this.ways[d] === none;
    this.least[d] = first ? this.pending : Math.min(this.least[d] as number, this.pending);
    this.ways[d] = w;
  }

  /** The condition of an `if` without `else` doesn't hold. */
  private otherwise(d: number): void {
    const { pending } = this;
    this.pending = this.ifPending[d] as number;
    this.way(d, Place.otherwise, this.plan.otherwise());
    this.pending = pending;
  }

  private settle(d: number, live: boolean, offset: number): void {
    if (this.ways[d] === none) {
      if (!live) this.pending = 0; // Nothing comes here.
      return;
    }
    let least = this.least[d] as number;
    if (live) {
      // This way's place is here, so it needn't be kept.
      if (this.pending < least) least = this.pending;
      if (this.pending > least) this.plan.charge(offset, this.pending - least);
    }
    for (let w = this.ways[d] as number; w !== none; w = this.next[w] as number) {
      const due = (this.amount[w] as number) - least;
      const index = this.index[w] as number;
      if (this.place[w] === Place.charge) this.plan.addCharge(index, due);
      else if (this.place[w] === Place.edge) this.plan.setEdge(index, due);
      else if (this.place[w] === Place.otherwise) this.plan.setOtherwise(index, due);
      else if (due > 0) this.torn = true;
    }
    this.pending = least;
  }

  private growWays(): void {
    const grown = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = this.next.length * 2;
    this.next = grown(this.next, new Int32Array(size));
    this.place = grown(this.place, new Uint8Array(size));
    this.index = grown(this.index, new Int32Array(size));
    this.amount = grown(this.amount, new Int32Array(size));
  }
}
