import { rowStates } from "./attachments.ts";
import type { CallInfo } from "./call-info.ts";
import type { ScriptSlot } from "./slot.ts";

const { started } = rowStates;
const halted = rowStates.removed | rowStates.disabled | rowStates.leaving;

/**
 * How far rows lag behind the frame: the seconds of those frames since their last `onUpdate` that they had no turn in,
 * or whose turn was undone. `Time.delta` in their next one has them, too, so that who waits moves on no slower.
 *
 * Entities that aren't in the script's query don't wait: no time passes for them.
 *
 * Costs nothing while nobody waits; else a look at each row of a script that has who did, at the frame's end.
 */
export class Lags {
  readonly #call: CallInfo;
  readonly #mostDelta: number;
  #delta = 0;
  /** What a row may lag by in this frame. */
  #most = 0;

  /** @param mostDelta seconds that `Time.delta` may come to; the frame's own delta is no less for it. */
  constructor(call: CallInfo, mostDelta: number) {
    this.#call = call;
    this.#mostDelta = mostDelta;
  }

  /** @param delta of the frame that begins, in seconds. */
  beginFrame(delta: number): void {
    // A game may say anything, and what is added up would never be a number again.
    this.#delta = delta > 0 ? delta : 0;
    this.#most = Math.max(0, this.#mostDelta - delta);
  }

  /** `onUpdate` is called next for a row, or for several that lag by the same. */
  enter({ rows }: ScriptSlot, row: number): void {
    this.#call.lag = Math.min(rows.lags[row] as number, this.#most);
  }

  /** What is called next isn't `onUpdate`. */
  leave(): void {
    this.#call.lag = 0;
  }

  /** The frame is over for a script. */
  endFrame(slot: ScriptSlot): void {
    if (!slot.lagging && !slot.passedOver) return;
    const { rows } = slot;
    const { idle, lags, lastFaults, lastRuns, states, strikes } = rows;
    const { frame } = this.#call;
    let lagging = false;
    for (let row = 0; row < rows.length; row++) {
      const last = lastRuns[row] as number;
      // A row that was stopped in this frame wasn't called again in it.
      if (last === frame && (strikes[row] === 0 || lastFaults[row] !== frame)) {
        lags[row] = 0;
        continue;
      }
      let lag = lags[row] as number;
      const waits = ((states[row] as number) & (started | halted)) === started && !idle?.has(row);
      if (last >= 0 && waits && !slot.disabled) {
        lag = Math.min(lag + this.#delta, this.#mostDelta);
        lags[row] = lag;
      }
      lagging ||= lag !== 0;
    }
    slot.lagging = lagging;
    slot.passedOver = false;
  }
}
