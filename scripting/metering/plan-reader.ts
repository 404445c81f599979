import type { MeteringPlan } from "./plan.ts";

/** No instruction's offset. */
const none = -1;

/** Goes through a function's part of a plan in the order in which the rewriter comes by. */
export class PlanReader {
  private charge = 0;
  private endCharge = 0;
  private check = 0;
  private endCheck = 0;
  /** Where the next charge and the next check stand. */
  private nextCharge = none;
  private nextCheck = none;
  private edge = 0;
  private otherwise = 0;
  private loop = 0;

  constructor(private readonly plan: MeteringPlan) {}

  /** Starts function `f`. */
  open(f: number): void {
    const { plan } = this;
    this.charge = plan.first(plan.chargeOffset, f);
    this.endCharge = plan.end(plan.chargeOffset, f);
    this.check = plan.first(plan.checkOffset, f);
    this.endCheck = plan.end(plan.checkOffset, f);
    this.edge = plan.first(plan.edgeFuel, f);
    this.otherwise = plan.first(plan.otherwiseFuel, f);
    this.loop = plan.first(plan.loopForm, f);
    this.look();
  }

  /** Whether there is anything for the place in front of the instruction at `offset`. */
  isAt(offset: number): boolean {
    return offset === this.nextCharge || offset === this.nextCheck;
  }

  /** Fuel to charge before the instruction at `offset`. */
  chargeAt(offset: number): number {
    let fuel = 0;
    while (this.nextCharge === offset) {
      fuel += this.plan.chargeFuel.at(this.charge++);
      this.look();
    }
    return fuel;
  }

  /** Whether there is to be a check before the instruction at `offset`. */
  checkAt(offset: number): boolean {
    if (this.nextCheck !== offset) return false;
    this.check++;
    this.look();
    return true;
  }

  /** What the next branch charges when it is taken. */
  nextEdge(): number {
    return this.plan.edgeFuel.at(this.edge++);
  }

  /** What the next `if` without an `else` charges when its condition doesn't hold. */
  nextOtherwise(): number {
    return this.plan.otherwiseFuel.at(this.otherwise++);
  }

  /** The next loop's form. */
  nextLoopForm(): number {
    return this.plan.loopForm.at(this.loop++);
  }

  /** Steps over what keeps the copies of a body apart. */
  beginCopy(): void {
    this.charge++;
    this.check++;
    this.look();
  }

  private look(): void {
    const { chargeOffset, checkOffset } = this.plan;
    this.nextCharge = this.charge < this.endCharge ? chargeOffset.at(this.charge) : none;
    this.nextCheck = this.check < this.endCheck ? checkOffset.at(this.check) : none;
  }
}
