import { Op } from "../../../wasm/op";
import { Objection } from "../objections";
import { countedCheckLength, isCountedCheck } from "./counting.as";
import { depthReaders } from "./depth.as";
import { flow } from "./flow.as";
import {
  flagsOf,
  flowBit,
  formOf,
  instructionsOf,
  isShort,
  localBit,
  lookBits,
  rulesBit,
  shortSizeAt,
} from "./forms.as";
import { holder } from "./holders.as";
import { input } from "./input.as";
import { hasLength } from "./lengths.as";
import { immediateAt, listing as l, mediumSize } from "./listing.as";
import { meter } from "./meter.as";
import { rules } from "./rules.as";
import { checkLength, sequences } from "./sequences.as";
import { isOwnFunction, strayInThunk, usesFuelGlobal } from "./thunks.as";

/** Verifies one function after the other. */
@final
export class BodyVerifier {
  /** Verifies defined function `f`. */
  run(f: i32): void {
    const index = f + input.importedFunctions;
    l.begin(f);
    rules.begin(f);
    if (meter.isOwn(index)) {
      if (!meter.isDriver(index) && !isOwnFunction(index)) rules.fail(0, Objection.notOwn);
      return;
    }
    holder.begin(f);
    sequences.begin(holder.fuel);
    if (holder.fuel < 0 && usesFuelGlobal()) {
      this.runThunk(f);
      return;
    }
    flow.begin(f);
    const last = this.pass();
    flow.finish(last);
    rules.finish(last);
  }

  /** Goes over a function's instructions, and returns the number of the last one. */
  private pass(): i32 {
    const stop = l.stop;
    const fuel = holder.fuel;
    const depth = holder.depth;
    let at = l.first;
    let i = 0;
    // Number of the first instruction that the flow wasn't shown; those that only count are shown
    // at once.
    let shown = 0;
    while (at < stop) {
      const word = load<i32>(at);
      let op = word & 0xff;
      const form = formOf(op);
      const flags = flagsOf(form);
      let size = shortSizeAt(at);
      let a = (word >> 8) & 0xff;
      l.put(i, at);
      if (isShort(form, word)) {
        const isOwn = <i32>(a == fuel) | <i32>(a == depth);
        if ((flags & ((isOwn << localBit) | lookBits)) == 0) {
          at += size;
          i++;
          continue;
        }
        l.lookAt(i, at + size);
        if (!l.isReadable(at)) l.sizeAt(at);
      } else {
        size = mediumSize(at, form);
        if (size == 0 || at + size > stop) size = l.sizeAt(at);
        l.lookAt(i, at + size);
        if (op >= 0xfc) op = l.op(i);
        a = immediateAt(at);
        const isOwn = <i32>(a == fuel) | <i32>(a == depth);
        if ((flags & ((isOwn << localBit) | lookBits)) == 0) {
          if (op >= 0xfc && op < 0xfd0000 && hasLength(op)) rules.instruction(i, op, a);
          at += size;
          i++;
          continue;
        }
      }
      if ((flags & lookBits) == 0) {
        if (op == Op.localGet) {
          const next = at + size;
          // As all sequences go on that begin with it.
          if (load<u8>(next) == Op.i32Const) {
            if (a == fuel) {
              const end = sequences.chargeAt(next, stop);
              if (end != 0) {
                flow.charge();
                l.put(i + 1, next);
                l.put(i + 2, end);
                l.put(i + 3, end + 1);
                i += 4;
                at = end + sequences.chargeBytes;
                continue;
              }
              if (sequences.isCheckAt(at, stop)) {
                flow.count(i, i - shown);
                flow.check();
                for (let n = 1; n < checkLength; n++) l.put(i + n, at + sequences.checkStart(n));
                i += checkLength;
                shown = i;
                at += sequences.checkBytes;
                continue;
              }
            }
            const counted = a == depth && isCountedCheck(i);
            if (counted || (a == fuel && l.isCheck(i, fuel))) {
              flow.count(i, i - shown);
              flow.check();
              if (counted) flow.countedCheck();
              i += counted ? countedCheckLength : checkLength;
              shown = i;
              // Its last instruction is an `end`.
              at = l.start(i - 1) + 1;
              continue;
            }
          }
        } else if (a == fuel) {
          const charges = isCharge(i, fuel);
          if (charges) flow.charge();
          if (!charges || op == Op.localTee) rules.instruction(i, op, a);
        } else rules.instruction(i, op, a);
        at += size;
        i++;
        continue;
      }
      if (flags & (1 << flowBit)) {
        const plain = i - shown;
        shown = i + 1;
        if (flags & (1 << rulesBit)) {
          if (plain > 0) flow.count(i, plain);
          rules.instruction(i, op, a);
          flow.count(i, instructionsOf(flags));
        } else {
          const instructions = plain + instructionsOf(flags);
          if (instructions > 0) flow.count(i, instructions);
        }
        flow.instruction(i, op, a);
        if (rules.taken) {
          // The rules have seen the next one, which takes the fuel back.
          rules.taken = false;
          at = l.start(i + 1);
          i++;
          size = l.sizeAt(at);
        }
        if (flow.done && at + size < stop) rules.fail(i + 1, Objection.behindEnd);
      } else rules.instruction(i, op, a);
      at += size;
      i++;
    }
    l.known = i - 1;
    // One that goes beyond the end can't be read.
    if (at != stop) l.sizeAt(l.start(i - 1));
    if (!flow.done) rules.fail(i - 1, Objection.noEnd);
    return i - 1;
  }

  /**
   * Of a thunk every instruction is known; it reads the depth if it says so, or if what it calls
   * does.
   */
  private runThunk(f: i32): void {
    const stray = strayInThunk(f);
    if (stray >= 0) rules.fail(stray, Objection.strayInThunk);
    l.begin(f);
    flow.begin(f);
    let i = 0;
    for (; l.exists(i); i++) {
      const op = l.op(i);
      const a = l.a(i);
      if (op == Op.call) rules.called(i, op, a);
      const readsDepth = op == Op.globalGet && a == meter.depth;
      if (readsDepth || depthReaders.isCalledBy(op, a)) depthReaders.add(f);
      flow.count(i, op < 0x100 ? instructionsOf(flagsOf(formOf(op))) : 1);
      flow.instruction(i, op, a);
    }
    flow.finish(i - 1);
  }
}

/** Whether the `local.set` or `local.tee` at `i` takes at least 1 from the fuel. */
function isCharge(i: i32, fuel: i32): bool {
  return (
    l.is(i - 1, Op.i32Sub) &&
    l.is(i - 2, Op.i32Const) &&
    l.a(i - 2) >= 1 &&
    l.has(i - 3, Op.localGet, fuel)
  );
}

export const verifier: BodyVerifier = new BodyVerifier();
