import { Ints, newInts } from "../../../wasm/core/memory.as";
import { Objection } from "../objections";
import { holders } from "./holders.as";
import { input, Reach } from "./input.as";
import { refuse } from "./refusal.as";

/** No function of a type is in any group. */
const noGroup: i32 = -1;
/** The last unchecked function of a type wasn't asked for yet. */
const notAsked: i32 = -2;

/**
 * The order in which functions are verified, which the metered module claims: in groups, each
 * behind all that it calls. Holding every call against it proves that no cycle of calls is without
 * a check: a call leads into an earlier group, or within the group to a function that stands
 * earlier or that is counted, which is to say that it checks fuel and depth before it calls
 * anything of the group. So all of a cycle is in one group; that a group may hold more than a cycle
 * only makes what is asked of it stricter.
 */
@unmanaged
export class CallOrder {
  /** Defined functions, in that order. */
  sequence: Ints = changetype<Ints>(0);
  private groups: Ints = changetype<Ints>(0);
  private positions: Ints = changetype<Ints>(0);
  // By canonical type, of the functions that tables may hold:
  /** Where its functions begin among all of them; those of the next type end it. */
  private targetStarts: Ints = changetype<Ints>(0);
  private targets: Ints = changetype<Ints>(0);
  /** Highest group of any. */
  private targetGroups: Ints = changetype<Ints>(0);
  /** Position of the last of those in that group that isn't counted. */
  private lastUnchecked: Ints = changetype<Ints>(0);
  /** Where the order is read. */
  private at: i32 = 0;

  /** Reads the order, which stands at `[start, end)`; a negative start says that it is missing. */
  begin(start: i32, end: i32): void {
    const count = input.bodyCount;
    this.sequence = newInts(count);
    this.groups = newInts(count);
    this.positions = newInts(count);
    this.read(start, end);
    this.connect();
  }

  private read(start: i32, end: i32): void {
    if (start < 0) refuse(-1, 0, Objection.noOrder);
    const count = input.bodyCount;
    const positions = this.positions;
    for (let f = 0; f < count; f++) positions[f] = -1;
    input.show(start, end);
    this.at = start;
    let group = -1;
    for (let i = 0; i < count; i++) {
      const entry = this.u32(end);
      const f = entry >>> 1;
      if (!input.isDefined(f) || positions[f] != -1) {
        refuse(-1, this.at, Objection.notAllFunctions);
      }
      if ((entry & 1) == 1 || i == 0) group++;
      this.sequence[i] = f;
      positions[f] = i;
      this.groups[f] = group;
    }
  }

  private u32(end: i32): i32 {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= end) refuse(-1, this.at, Objection.unexpectedEnd);
      const b = <i32>load<u8>(input.bytes + this.at++);
      if (shift == 28 && b > 0x0f) break;
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value;
    }
    refuse(-1, start, Objection.overlongOrder);
    return 0;
  }

  private connect(): void {
    const types = input.typeCount;
    const starts = newInts(types + 1);
    this.targetStarts = starts;
    this.targetGroups = newInts(types);
    this.lastUnchecked = newInts(types);
    for (let t = 0; t < types; t++) {
      this.targetGroups[t] = noGroup;
      this.lastUnchecked[t] = notAsked;
    }
    for (let f = 0; f < input.bodyCount; f++) {
      if (this.isTabled(f)) starts[this.canonicalOf(f)]++;
    }
    for (let t = 1; t <= types; t++) starts[t] += starts[t - 1];
    const targets = newInts(starts[types]);
    this.targets = targets;
    // Each start is where its functions end, until all of them are in front of it.
    for (let f = input.bodyCount - 1; f >= 0; f--) {
      if (!this.isTabled(f)) continue;
      const type = this.canonicalOf(f);
      targets[--starts[type]] = f;
      if (this.groups[f] > this.targetGroups[type]) this.targetGroups[type] = this.groups[f];
    }
  }

  private isTabled(f: i32): bool {
    return (input.reach[f + input.importedFunctions] & Reach.tabled) != 0;
  }

  private canonicalOf(f: i32): i32 {
    return input.canonicalTypes[input.typeOf(f)];
  }

  /**
   * Functions `[targetsBegin, targetsEnd)` are those that a call through a canonical type may
   * reach.
   */
  targetsBegin(type: i32): i32 {
    return this.targetStarts[type];
  }

  targetsEnd(type: i32): i32 {
    return this.targetStarts[type + 1];
  }

  /** One of all those, as a defined function. */
  target(at: i32): i32 {
    return this.targets[at];
  }

  /** Whether two functions are in one group; one that isn't defined is in none. */
  sameGroup(a: i32, b: i32): bool {
    return input.isDefined(b) && this.groups[a] == this.groups[b];
  }

  /** Whether any function that a call through a canonical type may reach is in the group of `f`. */
  reachesGroup(f: i32, type: i32): bool {
    return type >= 0 && this.targetGroups[type] == this.groups[f];
  }

  /** Objects to a call of one defined function by another; -1 when nothing is wrong with it. */
  objection(caller: i32, callee: i32): i32 {
    if (!input.isDefined(callee)) return Objection.uncheckedCallCycle;
    const from = this.groups[caller];
    const to = this.groups[callee];
    if (to < from) return -1;
    if (to > from) return Objection.claimedBehind;
    const isBefore = this.positions[callee] < this.positions[caller];
    return isBefore || holders.isCounted(callee) ? -1 : Objection.uncheckedCallCycle;
  }

  /** The same of a call through a canonical type. */
  indirectObjection(caller: i32, type: i32): i32 {
    const from = this.groups[caller];
    if (type < 0 || this.targetGroups[type] < from) return -1;
    if (this.targetGroups[type] > from) return Objection.claimedBehind;
    if (this.lastUnchecked[type] == notAsked) this.findLastUnchecked(type, from);
    const isBefore = this.lastUnchecked[type] < this.positions[caller];
    return isBefore ? -1 : Objection.uncheckedCallCycle;
  }

  private findLastUnchecked(type: i32, group: i32): void {
    let last = -1;
    for (let at = this.targetsBegin(type); at < this.targetsEnd(type); at++) {
      const f = this.targets[at];
      if (this.groups[f] != group || holders.isCounted(f)) continue;
      last = max(last, this.positions[f]);
    }
    this.lastUnchecked[type] = last;
  }
}

export const order: CallOrder = changetype<CallOrder>(memory.data(offsetof<CallOrder>()));
