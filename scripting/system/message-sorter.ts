import { indexPart } from "../../engine/index.ts";
import type { SystemCore } from "./core.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * Messages that are looked at between two looks at the clock, for all scripts together: some 10 µs, or ten times that
 * where those of several scripts come in turn.
 */
const sortedPerLook = 8_192;
/** Messages that are looked at together: those of them that are for a script, if not all are, are picked one by one. */
const lookedAtTogether = 256;

/** Hands messages to the scripts that their receivers carry; those that nobody is to get are dropped. */
export class MessageSorter {
  readonly #core: SystemCore;
  /** Scripts that get messages. */
  readonly #takers: ScriptSlot[] = [];
  /** The one of them that all messages so far are for, and that hasn't got them yet. */
  #heir: ScriptSlot | undefined;
  readonly #places = new Int32Array(lookedAtTogether);

  constructor(core: SystemCore) {
    this.#core = core;
  }

  /**
   * Sorts the first `due` messages of the outbox, or as many as there is time for from `nowMs` until `untilMs`.
   * @returns the time by the clock when that was done.
   */
  sort(due: number, nowMs: number, untilMs: number): number {
    if (due === 0 || nowMs >= untilMs) return nowMs;
    const { clock, messages, slots } = this.#core;
    const { outbox } = messages;
    const takers = this.#takers;
    for (let n = 0; n < slots.length; n++) {
      const slot = slots[n] as ScriptSlot;
      if (slot.program.onMessage !== undefined && !slot.disabled) takers.push(slot);
    }
    const step = takers.length === 0 ? due : Math.ceil(sortedPerLook / takers.length);
    let lookedMs = nowMs;
    let at = 0;
    while (at < due && lookedMs < untilMs) {
      const end = Math.min(due, at + step);
      for (let n = 0; n < takers.length; n++) this.#hand(takers[n] as ScriptSlot, at, end);
      at = end;
      lookedMs = clock.nowMs();
    }
    const heir = this.#heir;
    if (heir === undefined) outbox.remove(0, at);
    else {
      heir.inbox.vouched = heir.rows.removals;
      heir.inbox.takeFirst(outbox, at);
    }
    this.#heir = undefined;
    takers.length = 0;
    return lookedMs;
  }

  /** Hands those of messages `[at, end)` to a script that are for it; or puts that off while all are. */
  #hand(slot: ScriptSlot, at: number, end: number): void {
    const { outbox } = this.#core.messages;
    const isHeir = slot === this.#heir;
    if (!isHeir && (at > 0 || this.#heir !== undefined || slot.inbox.length > 0)) {
      this.#handOver(slot, at, end);
    } else if (slot.rows.haveAll(outbox.targets, at, end)) this.#heir = slot;
    else {
      this.#heir = undefined;
      this.#handOver(slot, 0, end);
    }
  }

  #handOver({ inbox, rows }: ScriptSlot, from: number, to: number): void {
    const { outbox } = this.#core.messages;
    const { carriers, removals } = rows;
    if (inbox.length === 0) inbox.vouched = removals;
    else if (inbox.vouched !== removals) inbox.vouched = -1;
    const places = this.#places;
    let first = from;
    for (let at = from; at < to; at += lookedAtTogether) {
      const end = Math.min(to, at + lookedAtTogether);
      const count = pick(outbox.targets, carriers, at, end, places);
      if (count === end - at) continue;
      if (at > first) inbox.pushFrom(outbox, first, at);
      if (count > 0) inbox.pushPicked(outbox, places, count);
      first = end;
    }
    if (to > first) inbox.pushFrom(outbox, first, to);
  }
}

/** Writes down where among `[from, to)` handles stand that are listed by their index. @returns how many they are. */
function pick(
  handles: Int32Array,
  listed: Int32Array,
  from: number,
  to: number,
  places: Int32Array,
): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const handle = handles[at] as number;
    // Without a branch, as they come in no order.
    places[count] = at;
    count += listed[indexPart(handle)] === handle ? 1 : 0;
  }
  return count;
}
