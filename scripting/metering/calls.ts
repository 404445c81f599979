import type { MarkReader } from "../wasm/marks.ts";
import type { WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/opcodes.ts";
import { Convention, type FunctionFacts } from "./facts.ts";
import type { Layout } from "./layout.ts";
import type { MeterLocals } from "./locals.ts";
import * as sequences from "./sequences.ts";
import type { SpanCopier } from "./spans.ts";

/** Writes calls, each with what carries fuel and depth over to the callee and back. */
export class CallWriter {
  /** Defined function that the calls are in. */
  f = 0;

  constructor(
    private readonly module: WasmModule,
    private readonly facts: FunctionFacts,
    private readonly layout: Layout,
    private readonly marks: MarkReader,
    private readonly spans: SpanCopier,
    private readonly locals: MeterLocals,
  ) {}

  /** A `call` of the function with that index. */
  call(callee: number): void {
    const { layout, facts, marks } = this;
    const { out } = this.spans;
    const f = callee - this.module.importedFunctionCount;
    const convention = f < 0 ? undefined : facts.convention[f];
    if (convention === Convention.fixed) {
      this.spans.replaceIndex(layout.function(callee));
      return;
    }
    this.spans.insertAt(marks.start);
    sequences.get(out, this.locals.fuel);
    if (convention === Convention.threaded) {
      if (facts.deep[f] === 1) sequences.get(out, this.locals.depth);
      this.spans.replaceIndex(layout.function(callee));
      this.spans.flush(marks.end);
      this.spans.insertAt(marks.end);
      sequences.set(out, this.locals.fuel);
      return;
    }
    if (f < 0) {
      sequences.getGlobal(out, layout.priceGlobal(callee));
      out.byte(Op.i32Sub);
    }
    sequences.setGlobal(out, layout.fuelGlobal);
    if (f >= 0 && facts.deep[f] === 1) this.shareDepth();
    this.spans.replaceIndex(layout.function(callee));
    this.reloadAfterCall();
  }

  /** The current `call_indirect`. */
  callIndirect(): void {
    if (this.facts.threadsTables) {
      this.callTable();
      return;
    }
    this.spans.insertAt(this.marks.start);
    sequences.get(this.spans.out, this.locals.fuel);
    sequences.setGlobal(this.spans.out, this.layout.fuelGlobal);
    if (this.facts.callIsDeep(this.f, -1 - this.marks.a)) this.shareDepth();
    this.reloadAfterCall();
  }

  /** The fuel goes in under the table index, which is on top of the stack. */
  private callTable(): void {
    const { marks, layout, facts } = this;
    const { out } = this.spans;
    this.locals.usesScratch = true;
    this.spans.replace();
    sequences.set(out, this.locals.scratch);
    sequences.get(out, this.locals.fuel);
    if (facts.callIsDeep(this.f, -1 - marks.a)) sequences.get(out, this.locals.depth);
    sequences.get(out, this.locals.scratch);
    this.spans.restate();
    out.byte(Op.callIndirect);
    out.u32(layout.indirectType(marks.a));
    out.u32(this.marks.whole().b);
    this.spans.insertAt(marks.end);
    sequences.set(out, this.locals.fuel);
  }

  private shareDepth(): void {
    sequences.get(this.spans.out, this.locals.depth);
    sequences.setGlobal(this.spans.out, this.layout.depthGlobal);
  }

  private reloadAfterCall(): void {
    this.spans.flush(this.marks.end);
    this.spans.insertAt(this.marks.end);
    sequences.getGlobal(this.spans.out, this.layout.fuelGlobal);
    sequences.set(this.spans.out, this.locals.fuel);
  }

  /**
   * Before a tail call of that function, or `-1 - type` for one through a type; the callee's frame takes this one's place, so its
   * depth is given back.
   */
  tailSync(callee: number): void {
    const { layout, facts } = this;
    const { out } = this.spans;
    this.spans.insertAt(this.marks.start);
    sequences.get(out, this.locals.fuel);
    sequences.setGlobal(out, layout.fuelGlobal);
    if (!facts.callIsDeep(this.f, callee)) return;
    sequences.get(out, this.locals.depth);
    sequences.constant(out, facts.frameUnits[this.f] as number);
    out.byte(Op.i32Add);
    sequences.setGlobal(out, layout.depthGlobal);
  }
}
