import { Op } from "../../wasm/op";
import { Convention } from "../codes";
import { facts } from "./facts.as";
import { layout } from "./layout.as";
import { locals } from "./locals.as";
import { marks, out } from "./output.as";
import * as sequences from "./sequences.as";
import { spans } from "./spans.as";

/** Writes calls, each with what carries fuel and depth over to the callee and back. */
@unmanaged
export class CallWriter {
  /** Defined function that the calls are in. */
  f: i32 = 0;

  /** A `call` of the function with that index. */
  call(callee: i32): void {
    // Imported functions end where `refill` stands.
    const f = callee - layout.refill;
    const convention = f < 0 ? Convention.shared : facts.convention[f];
    if (convention == Convention.fixed) {
      spans.replaceIndex(layout.function(callee));
      return;
    }
    spans.insertAt(marks.start);
    sequences.get(locals.fuel);
    if (convention == Convention.threaded) {
      if (facts.deep[f] == 1) sequences.get(locals.depth);
      spans.replaceIndex(layout.function(callee));
      spans.insertAt(marks.end);
      sequences.set(locals.fuel);
      return;
    }
    if (f < 0) {
      sequences.getGlobal(layout.priceGlobal(callee));
      out.byte(Op.i32Sub);
    }
    sequences.setGlobal(layout.fuelGlobal);
    if (f >= 0 && facts.deep[f] == 1) this.shareDepth();
    spans.replaceIndex(layout.function(callee));
    this.reloadAfterCall();
  }

  /** The current `call_indirect`. */
  callIndirect(): void {
    if (facts.threadsTables) {
      this.callTable();
      return;
    }
    spans.insertAt(marks.start);
    sequences.get(locals.fuel);
    sequences.setGlobal(layout.fuelGlobal);
    if (facts.callIsDeep(this.f, -1 - marks.a)) this.shareDepth();
    this.reloadAfterCall();
  }

  /** The fuel goes in under the table index, which is on top of the stack. */
  private callTable(): void {
    locals.usesScratch = true;
    spans.replace();
    sequences.set(locals.scratch);
    sequences.get(locals.fuel);
    if (facts.callIsDeep(this.f, -1 - marks.a)) sequences.get(locals.depth);
    sequences.get(locals.scratch);
    spans.restate();
    out.byte(Op.callIndirect);
    out.u32(layout.indirectType(marks.a));
    out.u32(marks.whole().b);
    spans.insertAt(marks.end);
    sequences.set(locals.fuel);
  }

  private shareDepth(): void {
    sequences.get(locals.depth);
    sequences.setGlobal(layout.depthGlobal);
  }

  private reloadAfterCall(): void {
    spans.insertAt(marks.end);
    sequences.getGlobal(layout.fuelGlobal);
    sequences.set(locals.fuel);
  }

  /**
   * Before a tail call of that function, or `-1 - type` for one through a type; the callee's frame
   * takes this one's place, so its depth is given back.
   */
  tailSync(callee: i32): void {
    spans.insertAt(marks.start);
    sequences.get(locals.fuel);
    sequences.setGlobal(layout.fuelGlobal);
    if (!facts.callIsDeep(this.f, callee)) return;
    sequences.get(locals.depth);
    sequences.constant(facts.frameUnits[this.f]);
    out.byte(Op.i32Add);
    sequences.setGlobal(layout.depthGlobal);
  }
}

export const calls: CallWriter = changetype<CallWriter>(memory.data(offsetof<CallWriter>()));
