import type { Body, FuncType } from "../wasm/module.ts";
import { Convention, type FunctionFacts } from "./facts.ts";

/**
 * Where locals are in a metered function. The meter's parameters come behind the original's, where
 * its first declared locals were; those move behind all the others, so that no other local moves.
 */
export class MeterLocals {
  fuel = 0;
  depth = 0;
  scratch = 0;
  usesScratch = false;
  /** Locals of the meter's that are no parameters, without `scratch`. */
  own = 0;
  /** Locals of the original's that move: so many from this one on, to that one and those behind it. */
  moved = 0;
  firstMoved = 0;
  movedTo = 0;

  /** Places them for defined function `f`. */
  place(facts: FunctionFacts, f: number, type: FuncType, body: Body): void {
    const deep = facts.deep[f] as number;
    const convention = facts.convention[f] as number;
    const threaded = convention === Convention.threaded;
    const params = type.params.length;
    const added = threaded ? 1 + deep : 0;
    const firstOwn = params + added + body.localCount;
    this.fuel = threaded ? params : firstOwn;
    this.depth = this.fuel + 1;
    this.own = convention === Convention.shared ? 1 + deep : 0;
    this.scratch = firstOwn + this.own;
    this.usesScratch = false;
    this.moved = Math.min(added, body.localCount);
    this.firstMoved = params;
    this.movedTo = firstOwn - this.moved;
  }

  /** New index of a local of the original. */
  indexOf(local: number): number {
    const place = local - this.firstMoved;
    return place >= 0 && place < this.moved ? this.movedTo + place : local;
  }
}
