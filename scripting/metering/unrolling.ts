import { LoopForm } from "./plan.ts";

/** Bytes that the copies of an unrolled loop's body may have together, and most copies. */
const maxUnrolledBytes = 512;
const maxCopies = 4;

// An unrolled loop's form: how often its body is written over, and whether that is left at its end.
const fallsThroughBit = 4;
const copiesShift = 3;

/** Form of a strip-mined loop whose body is written `copies` times, at least twice. */
export function unrolledForm(copies: number, reachesEnd: boolean): number {
  return LoopForm.stripMined | (copies << copiesShift) | (reachesEnd ? fallsThroughBit : 0);
}

/** How often the body of a loop of this form is written. */
export function copiesOf(form: number): number {
  return Math.max(1, form >> copiesShift);
}

/** Whether the end of an unrolled loop's body can be reached, which leaves the loop. */
export function fallsThrough(form: number): boolean {
  return (form & fallsThroughBit) !== 0;
}

/** Chooses which of a function's loops are unrolled: small innermost ones, each copy but the last saves a check. */
export class LoopUnroller {
  /** What was found in the current walk: form by offset. */
  private readonly found = new Map<number, number>();
  private readonly chosen = new Map<number, number>();

  /** Starts a function. */
  clear(): void {
    this.chosen.clear();
  }

  /** Starts a walk over the function. */
  begin(): void {
    this.found.clear();
  }

  /** Form of the loop at `start`, where it was chosen; else 0. */
  formOf(start: number): number {
    return this.chosen.size === 0 ? 0 : (this.chosen.get(start) ?? 0);
  }

  /** A strip-mined loop without loops in it ends; returns the form it has in this walk. */
  endInnermost(start: number, bytes: number, reachesEnd: boolean): number {
    const chosen = this.formOf(start);
    if (chosen !== 0) return chosen;
    const copies = Math.min(maxCopies, Math.floor(maxUnrolledBytes / bytes));
    if (copies > 1) this.found.set(start, unrolledForm(copies, reachesEnd));
    return LoopForm.stripMined;
  }

  /** Takes all that were found; whether there are any, so that the function has to be walked again. */
  choose(): boolean {
    for (const [start, form] of this.found) this.chosen.set(start, form);
    return this.chosen.size > 0;
  }
}
