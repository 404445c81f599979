import { Bytes, newBytes, newInts } from "../../../wasm/core/memory.as";
import { holders } from "./holders.as";
import { input } from "./input.as";
import { order } from "./order.as";

/** No such stretch. */
export const none: i32 = -1;

/**
 * Instructions that a counted function may run in front of its check, and until a return that comes
 * before it.
 */
export const maxLeafInstructions: i32 = 192;

/**
 * What a function may run without a check, in instructions, `none` where it doesn't; of a call, the
 * worst where there are several callees.
 */
@unmanaged
export class Stretch {
  /** From the entry on. */
  prefix: i32;
  /** Until the return, where a check was passed and where none was. */
  checkedExit: i32;
  uncheckedExit: i32;
  /** Until the return, since a call that leads back into the cycle. */
  unwinding: i32;

  set(prefix: i32, checkedExit: i32, uncheckedExit: i32, unwinding: i32): void {
    this.prefix = prefix;
    this.checkedExit = checkedExit;
    this.uncheckedExit = uncheckedExit;
    this.unwinding = unwinding;
  }

  /** That of calling nobody. */
  clear(): void {
    this.set(0, none, none, none);
  }

  /**
   * Takes another callee into account; its `unwinding` only where it is within the caller's group.
   */
  add(other: Stretch, within: bool): void {
    this.prefix = max(this.prefix, other.prefix);
    this.checkedExit = max(this.checkedExit, other.checkedExit);
    this.uncheckedExit = max(this.uncheckedExit, other.uncheckedExit);
    if (within) this.unwinding = max(this.unwinding, other.unwinding);
  }
}

/** Many of them at an address. */
@unmanaged
class StretchList {
  @inline at(i: i32): Stretch {
    return changetype<Stretch>(changetype<usize>(this) + (<usize>i << 4));
  }
}

function newStretches(count: i32): StretchList {
  const list = changetype<StretchList>(newInts(count << 2));
  for (let i = 0; i < count; i++) list.at(i).clear();
  return list;
}

/** That of a function that can't be called. */
const nobody: Stretch = changetype<Stretch>(memory.data(offsetof<Stretch>()));
/**
 * A counted function, for callers in its group, which may come first: it returns before its check,
 * or what it leaves behind it counts as unwinding.
 */
const countedWithin: Stretch = changetype<Stretch>(memory.data(offsetof<Stretch>()));

/** What each function leaves unchecked towards its callers, filled in the order of calls. */
@unmanaged
export class Stretches {
  private functions: StretchList = changetype<StretchList>(0);
  /**
   * Of all that a type leads to, for callers within the group of one of them, and for all others.
   */
  private typesWithin: StretchList = changetype<StretchList>(0);
  private typesOutside: StretchList = changetype<StretchList>(0);
  private knownWithin: Bytes = changetype<Bytes>(0);
  private knownOutside: Bytes = changetype<Bytes>(0);
  begin(): void {
    this.functions = newStretches(input.bodyCount);
    this.typesWithin = newStretches(input.typeCount);
    this.typesOutside = newStretches(input.typeCount);
    this.knownWithin = newBytes(input.typeCount);
    this.knownOutside = newBytes(input.typeCount);
    nobody.clear();
    countedWithin.set(maxLeafInstructions, 0, maxLeafInstructions, 0);
  }

  /** That of a defined function. */
  of(f: i32): Stretch {
    return this.functions.at(f);
  }

  /**
   * What the caller of a function finds in it, who is within its group, or outside; then
   * `unwinding` is none of the caller's.
   */
  direct(callee: i32, within: bool): Stretch {
    if (!input.isDefined(callee)) return nobody;
    return within && holders.isCounted(callee) ? countedWithin : this.functions.at(callee);
  }

  /**
   * The same of what function `caller` calls through a canonical type, all of which comes before
   * it; it may be within the group of one that the type leads to.
   */
  indirect(caller: i32, type: i32, within: bool): Stretch {
    if (type < 0) return nobody;
    const stretch = within ? this.typesWithin.at(type) : this.typesOutside.at(type);
    const known = within ? this.knownWithin : this.knownOutside;
    if (known[type] == 0) {
      known[type] = 1;
      for (let at = order.targetsBegin(type); at < order.targetsEnd(type); at++) {
        const f = order.target(at);
        const near = within && order.sameGroup(caller, f);
        stretch.add(this.direct(f, near), near);
      }
    }
    return stretch;
  }
}

export const stretches: Stretches = changetype<Stretches>(memory.data(offsetof<Stretches>()));
