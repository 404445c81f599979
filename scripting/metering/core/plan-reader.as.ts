import { Ints } from "../../wasm/core/memory.as";
import { PlanList, plan } from "./plan.as";

/** No instruction's offset; as an unsigned number, behind all of them. */
const none: i32 = -1;

/** Goes through a function's part of a plan in the order in which the rewriter comes by. */
@unmanaged
export class PlanReader {
  /** Nothing is planned in front of this offset, taken as unsigned. */
  next: u32 = 0;
  private charge: i32 = 0;
  private endCharge: i32 = 0;
  private check: i32 = 0;
  private endCheck: i32 = 0;
  /** Where the next charge and the next check stand. */
  private nextCharge: i32 = 0;
  private nextCheck: i32 = 0;
  /** Where the function checks fuel and depth, if not at its entry and not yet; else `none`. */
  private lateCheck: i32 = 0;
  private edge: i32 = 0;
  private otherwise: i32 = 0;
  private loop: i32 = 0;
  // The plan's lists, which don't move any more.
  private chargeOffset: Ints = changetype<Ints>(0);
  private chargeFuel: Ints = changetype<Ints>(0);
  private checkOffset: Ints = changetype<Ints>(0);
  private edgeFuel: Ints = changetype<Ints>(0);
  private otherwiseFuel: Ints = changetype<Ints>(0);
  private loopForm: Ints = changetype<Ints>(0);

  /** Starts a module, whose plan is complete. */
  begin(): void {
    this.chargeOffset = plan.chargeOffset.values;
    this.chargeFuel = plan.chargeFuel.values;
    this.checkOffset = plan.checkOffset.values;
    this.edgeFuel = plan.edgeFuel.values;
    this.otherwiseFuel = plan.otherwiseFuel.values;
    this.loopForm = plan.loopForm.values;
  }

  /** Starts function `f`. */
  open(f: i32): void {
    this.charge = plan.first(PlanList.charge, f);
    this.endCharge = plan.end(PlanList.charge, f);
    this.check = plan.first(PlanList.check, f);
    this.endCheck = plan.end(PlanList.check, f);
    this.edge = plan.first(PlanList.edge, f);
    this.otherwise = plan.first(PlanList.otherwise, f);
    this.loop = plan.first(PlanList.loop, f);
    this.lateCheck = none;
    this.look();
  }

  /** The function checks fuel and depth at `offset`, if that isn't `none`. */
  setLateCheck(offset: i32): void {
    this.lateCheck = offset;
    this.look();
  }

  /** Whether the check of fuel and depth is to be before the instruction at `offset`. */
  lateCheckAt(offset: i32): bool {
    if (this.lateCheck != offset) return false;
    this.lateCheck = none;
    this.look();
    return true;
  }

  /** Fuel to charge before the instruction at `offset`. */
  chargeAt(offset: i32): i32 {
    let fuel = 0;
    while (this.nextCharge == offset) {
      fuel += this.chargeFuel[this.charge++];
      this.look();
    }
    return fuel;
  }

  /** Whether there is to be a check before the instruction at `offset`. */
  checkAt(offset: i32): bool {
    if (this.nextCheck != offset) return false;
    this.check++;
    this.look();
    return true;
  }

  /** What the next branch charges when it is taken. */
  @inline nextEdge(): i32 {
    return this.edgeFuel[this.edge++];
  }

  /** What the next `if` without an `else` charges when its condition doesn't hold. */
  nextOtherwise(): i32 {
    return this.otherwiseFuel[this.otherwise++];
  }

  /** The next loop's form. */
  nextLoopForm(): i32 {
    return this.loopForm[this.loop++];
  }

  /** Steps over what keeps the copies of a body apart. */
  beginCopy(): void {
    this.charge++;
    this.check++;
    this.look();
  }

  private look(): void {
    this.nextCharge = this.charge < this.endCharge ? this.chargeOffset[this.charge] : none;
    this.nextCheck = this.check < this.endCheck ? this.checkOffset[this.check] : none;
    this.next = min(<u32>this.lateCheck, min(<u32>this.nextCharge, <u32>this.nextCheck));
  }
}

export const planned: PlanReader = changetype<PlanReader>(memory.data(offsetof<PlanReader>()));
