import { IntList } from "../../wasm/core/list.as";
import { LoopForm } from "./plan.as";

/** Bytes that the copies of an unrolled loop's body may have together, and most copies. */
const maxUnrolledBytes: i32 = 512;
const maxCopies: i32 = 4;

// An unrolled loop's form: how often its body is written over, and whether that is left at its end.
const fallsThroughBit: i32 = 4;
const copiesShift: i32 = 3;

/** Form of a strip-mined loop whose body is written `copies` times, at least twice. */
export function unrolledForm(copies: i32, reachesEnd: bool): i32 {
  return LoopForm.stripMined | (copies << copiesShift) | (reachesEnd ? fallsThroughBit : 0);
}

/** How often the body of a loop of this form is written. */
export function copiesOf(form: i32): i32 {
  return max(1, form >> copiesShift);
}

/** Whether the end of an unrolled loop's body can be reached, which leaves the loop. */
export function fallsThrough(form: i32): bool {
  return (form & fallsThroughBit) != 0;
}

const startList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));
const formList: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));

/** Chooses which of a function's loops are unrolled: small innermost ones, each copy but the last saves a check. */
@unmanaged
export class LoopUnroller {
  /** Loops that were found in the first walk, ascending: where each starts, and its form. */
  @inline private get starts(): IntList {
    return startList;
  }
  @inline private get forms(): IntList {
    return formList;
  }
  private isChosen: bool = false;
  /** The first of them that isn't in front of the loop last asked for. */
  private next: i32 = 0;

  /** Starts a module. */
  beginModule(): void {
    this.starts.begin(64);
    this.forms.begin(64);
  }

  /** Starts a function, or has it walked over without. */
  clear(): void {
    this.isChosen = false;
    this.starts.length = 0;
    this.forms.length = 0;
  }

  /** Starts a walk over the function. */
  begin(): void {
    this.next = 0;
  }

  /** Form of the loop at `start`, where it was chosen; else 0. A walk asks in ascending order. */
  formOf(start: i32): i32 {
    if (!this.isChosen) return 0;
    const starts = this.starts;
    let i = this.next;
    while (i < starts.length && starts.values[i] < start) i++;
    this.next = i;
    return i < starts.length && starts.values[i] == start ? this.forms.values[i] : 0;
  }

  /** A strip-mined loop without loops in it ends; returns the form it has in this walk. */
  endInnermost(start: i32, bytes: i32, reachesEnd: bool): i32 {
    const chosen = this.formOf(start);
    if (chosen != 0) return chosen;
    const copies = min(maxCopies, maxUnrolledBytes / bytes);
    if (copies > 1 && !this.isChosen) {
      this.starts.push(start);
      this.forms.push(unrolledForm(copies, reachesEnd));
    }
    return LoopForm.stripMined;
  }

  /** Takes all that were found; whether there are any, so that the function has to be walked again. */
  choose(): bool {
    this.isChosen = this.starts.length > 0;
    return this.isChosen;
  }
}

export const unroller: LoopUnroller = changetype<LoopUnroller>(memory.data(offsetof<LoopUnroller>()));
