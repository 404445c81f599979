import { IntList } from "../../wasm/core/list.as";
import { Bytes, Ints, newBytes, newInts } from "../../wasm/core/memory.as";
import { input } from "./input.as";

/** No instruction's offset. */
const none: i32 = -1;

/** How a loop of the original stands in the metered module. */
export const enum LoopForm {
  /** Nothing branches back to it: it is a block. */
  once = 0,
  /** A check at the header. */
  plain = 1,
  /**
   * An outer loop with the check, around the original one: no call inside the hot loop. With more
   * bits set, its body is written several times over, see `unrolling.as.ts`.
   */
  stripMined = 2,
}

/** The form without what it says of unrolling. */
export function baseForm(form: i32): i32 {
  return form & 3;
}

/** The lists that functions have their parts of; fuel of charges stands beside their offsets. */
export const enum PlanList {
  charge = 0,
  edge = 1,
  otherwise = 2,
  check = 3,
  loop = 4,
}
const planLists: i32 = 5;

// What stands at a fixed address is read and written without a look at where it is.
const chargeOffsetList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const chargeFuelList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const edgeFuelList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const otherwiseFuelList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const checkOffsetList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const loopFormList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));

/**
 * What the analysis decided for every function, for the rewriter to carry out. Positions are
 * offsets of instructions in the original module. A function's entries stand together, and in the
 * order in which a walk over its reachable instructions comes by them.
 */
@unmanaged
export class MeteringPlan {
  /** Charge `chargeFuel[i]` before the instruction at `chargeOffset[i]`. A charge of 0 is none. */
  @inline get chargeOffset(): IntList {
    return chargeOffsetList;
  }
  @inline get chargeFuel(): IntList {
    return chargeFuelList;
  }
  /** What each `br` and `br_if` charges when it is taken. */
  @inline get edgeFuel(): IntList {
    return edgeFuelList;
  }
  /** What each `if` without an `else` charges when its condition doesn't hold. */
  @inline get otherwiseFuel(): IntList {
    return otherwiseFuelList;
  }
  /** Check before the instruction at this offset (behind a charge at the same place). */
  @inline get checkOffset(): IntList {
    return checkOffsetList;
  }
  /** {@link LoopForm} of each loop that can be reached. */
  @inline get loopForm(): IntList {
    return loopFormList;
  }
  /** What is charged behind the end of the function's body. */
  endFuel: Ints = changetype<Ints>(0);
  /** 1 where something branches to the function's own label. */
  exitLabelUsed: Bytes = changetype<Bytes>(0);
  /** By function and list: its first entry, and the one behind its last. */
  private bounds: Ints = changetype<Ints>(0);

  /** Starts a module, whose functions have so many marks; room is set aside for that. */
  begin(marks: i32): void {
    this.chargeOffset.begin(marks >> 1);
    this.chargeFuel.begin(marks >> 1);
    this.edgeFuel.begin(marks >> 1);
    this.otherwiseFuel.begin(marks >> 3);
    this.checkOffset.begin(64);
    this.loopForm.begin(marks >> 4);
    this.endFuel = newInts(input.bodyCount);
    this.exitLabelUsed = newBytes(input.bodyCount);
    this.bounds = newInts(input.bodyCount * planLists * 2);
  }

  /** Begins a function's entries. */
  open(f: i32): void {
    const bounds = this.bounds;
    const at = slot(f, 0);
    bounds[at] = this.chargeOffset.length;
    bounds[at + 2] = this.edgeFuel.length;
    bounds[at + 4] = this.otherwiseFuel.length;
    bounds[at + 6] = this.checkOffset.length;
    bounds[at + 8] = this.loopForm.length;
  }

  /** Drops what was entered since `open`. */
  reopen(f: i32): void {
    const bounds = this.bounds;
    const at = slot(f, 0);
    this.chargeOffset.length = bounds[at];
    this.chargeFuel.length = bounds[at];
    this.edgeFuel.length = bounds[at + 2];
    this.otherwiseFuel.length = bounds[at + 4];
    this.checkOffset.length = bounds[at + 6];
    this.loopForm.length = bounds[at + 8];
  }

  /** Ends a function's entries. */
  close(f: i32): void {
    const bounds = this.bounds;
    const at = slot(f, 0);
    bounds[at + 1] = this.chargeOffset.length;
    bounds[at + 3] = this.edgeFuel.length;
    bounds[at + 5] = this.otherwiseFuel.length;
    bounds[at + 7] = this.checkOffset.length;
    bounds[at + 9] = this.loopForm.length;
  }

  /** First entry of function `f` in a list. */
  first(list: PlanList, f: i32): i32 {
    return this.bounds[slot(f, list)];
  }

  /** Entry behind the last one of function `f` in a list. */
  end(list: PlanList, f: i32): i32 {
    return this.bounds[slot(f, list) + 1];
  }

  /** Whether any charge of function `f` stands in its body. */
  chargesInside(f: i32): bool {
    return (
      this.isCharged(this.chargeFuel, PlanList.charge, f) ||
      this.isCharged(this.edgeFuel, PlanList.edge, f) ||
      this.isCharged(this.otherwiseFuel, PlanList.otherwise, f)
    );
  }

  private isCharged(fuel: IntList, list: PlanList, f: i32): bool {
    const end = this.end(list, f);
    for (let i = this.first(list, f); i < end; i++) if (fuel.values[i] > 0) return true;
    return false;
  }

  charge(offset: i32, fuel: i32): i32 {
    this.chargeOffset.push(offset);
    return this.chargeFuel.push(fuel);
  }

  /** Keeps apart what stands at the same offset in two copies of a body. */
  beginCopy(): void {
    this.charge(none, 0);
    this.checkOffset.push(none);
  }

  addCharge(charge: i32, fuel: i32): void {
    this.chargeFuel.values[charge] += fuel;
  }

  edge(): i32 {
    return this.edgeFuel.push(0);
  }

  setEdge(edge: i32, fuel: i32): void {
    this.edgeFuel.values[edge] = fuel;
  }

  otherwise(): i32 {
    return this.otherwiseFuel.push(0);
  }

  setOtherwise(index: i32, fuel: i32): void {
    this.otherwiseFuel.values[index] = fuel;
  }
}

@inline
function slot(f: i32, list: PlanList): i32 {
  return (f * planLists + list) * 2;
}

export const plan: MeteringPlan = changetype<MeteringPlan>(memory.data(offsetof<MeteringPlan>()));
