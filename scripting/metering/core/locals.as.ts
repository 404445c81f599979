import { Convention } from "../codes";
import { facts } from "./facts.as";
import { BodyField, input } from "./input.as";

/**
 * Where locals are in a metered function. The meter's parameters come behind the original's, where
 * its first declared locals were; those move behind all the others, so that no other local moves.
 */
@unmanaged
export class MeterLocals {
  fuel: i32 = 0;
  depth: i32 = 0;
  scratch: i32 = 0;
  usesScratch: bool = false;
  /** Locals of the meter's that are no parameters, without `scratch`. */
  own: i32 = 0;
  /** Locals of the original's that move: so many from that one on, to `movedTo` and behind it. */
  moved: i32 = 0;
  firstMoved: i32 = 0;
  movedTo: i32 = 0;
  /** Whether all indices of the meter's locals, and of those that move, take a byte. */
  areShort: bool = false;

  /** Places them for defined function `f` of that type. */
  place(f: i32, type: i32): void {
    const deep = facts.deep[f];
    const convention = facts.convention[f];
    const threaded = convention == Convention.threaded;
    const params = input.typeParams[type];
    const localCount = input.body(f, BodyField.localCount);
    const added = threaded ? 1 + deep : 0;
    const firstOwn = params + added + localCount;
    this.fuel = threaded ? params : firstOwn;
    this.depth = this.fuel + 1;
    this.own = convention == Convention.shared ? 1 + deep : 0;
    this.scratch = firstOwn + this.own;
    this.usesScratch = false;
    this.moved = min(added, localCount);
    this.firstMoved = params;
    this.movedTo = firstOwn - this.moved;
    this.areShort = this.scratch < 0x80;
  }

  /** New index of a local of the original. */
  @inline indexOf(local: i32): i32 {
    const place = local - this.firstMoved;
    return <u32>place < <u32>this.moved ? this.movedTo + place : local;
  }
}

export const locals: MeterLocals = changetype<MeterLocals>(memory.data(offsetof<MeterLocals>()));
