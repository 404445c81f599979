import type { Body, FuncType } from "../wasm/module.ts";
import { Convention, type FunctionFacts } from "./facts.ts";

/** The locals that the meter has in the function being written. */
export class MeterLocals {
  fuel = 0;
  depth = 0;
  scratch = 0;
  usesScratch = false;
  /** By how much the original's locals move, behind the parameters. */
  shift = 0;
  /** Locals of the meter's that are no parameters, without `scratch`. */
  own = 0;

  /** Places them for defined function `f`. */
  place(facts: FunctionFacts, f: number, type: FuncType, body: Body): void {
    const deep = facts.deep[f] as number;
    const convention = facts.convention[f] as number;
    const threaded = convention === Convention.threaded;
    const params = type.params.length;
    this.shift = threaded ? 1 + deep : 0;
    const firstOwn = params + this.shift + body.localCount;
    this.fuel = threaded ? params : firstOwn;
    this.depth = this.fuel + 1;
    this.own = convention === Convention.shared ? 1 + deep : 0;
    this.scratch = firstOwn + this.own;
    this.usesScratch = false;
  }
}
