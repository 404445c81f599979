import { IntList } from "../../wasm/core/list.as";
import { Op } from "../../wasm/op";
import { locals } from "./locals.as";
import { out } from "./output.as";
import * as sequences from "./sequences.as";

const globalsPerLoop: i32 = 3;
/** No loop is counted. */
const none: i32 = -1;

const profiledLoops: IntList = changetype<IntList>(memory.data(offsetof<IntList>()));

/**
 * Counts turns of loops, and the fuel burnt between two passes of a loop's header, by whatever the
 * loop calls included. For debugging: code with it is slower.
 */
@unmanaged
export class LoopProfile {
  /** Of each loop: index of the function that it is in, and offset of its `loop` instruction. */
  @inline get loops(): IntList {
    return profiledLoops;
  }
  private firstGlobal: i32 = 0;

  /** @param firstGlobal index of the first of its globals; -1 when loops aren't counted. */
  begin(firstGlobal: i32): void {
    this.loops.begin(16);
    this.firstGlobal = firstGlobal;
  }

  @inline get isOn(): bool {
    return this.firstGlobal != none;
  }

  /** In front of a loop: what was used by now isn't its own. Returns the loop's number. */
  enter(functionIndex: i32, offset: i32): i32 {
    const n = this.loops.push(functionIndex) >> 1;
    this.loops.push(offset);
    this.used();
    sequences.setGlobal(this.mark(n));
    return n;
  }

  /** At the header: another turn begins, and what was used since the last time is the loop's. */
  turn(n: i32): void {
    sequences.getGlobal(this.turns(n));
    out.pair(Op.i64Const, 1);
    out.byte(Op.i64Add);
    sequences.setGlobal(this.turns(n));
    sequences.getGlobal(this.turns(n) + 1);
    this.used();
    out.byte(Op.i64Add);
    sequences.getGlobal(this.mark(n));
    out.byte(Op.i64Sub);
    sequences.setGlobal(this.turns(n) + 1);
    this.used();
    sequences.setGlobal(this.mark(n));
  }

  /** All fuel that the call has used by now. */
  private used(): void {
    sequences.getGlobal(this.firstGlobal);
    sequences.get(locals.fuel);
    out.byte(Op.i64ExtendI32S);
    out.byte(Op.i64Sub);
  }

  private turns(loop: i32): i32 {
    return this.firstGlobal + 1 + loop * globalsPerLoop;
  }

  private mark(loop: i32): i32 {
    return this.turns(loop) + 2;
  }
}

export const profile: LoopProfile = changetype<LoopProfile>(memory.data(offsetof<LoopProfile>()));
