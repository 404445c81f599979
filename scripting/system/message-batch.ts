import { indexPart } from "../../engine/index.ts";
import { type Attachments, rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * Messages that a script gets one right after the other, in the order they were sent in, and that go through its window
 * together.
 */
export class MessageBatch {
  /** Whom they are for. */
  handles = new Int32Array(0);
  /** Those entities' rows among all that carry the script; undefined where that isn't needed for each. */
  rows: Int32Array | undefined;
  /** Messages in it. */
  count = 0;
  /** Where they are, and from which one on. */
  queue: MessageQueue;
  first = 0;
  readonly #core: SystemCore;
  #rowRoom = new Int32Array(0);
  #attached: Attachments | undefined;
  /** By an entity's row: its place in a batch, counted from `#base` on in the latest one. */
  #places = new Int32Array(0);
  #base = 0;
  /** Messages that the script got before. */
  #earlier = 0;

  constructor(core: SystemCore) {
    this.#core = core;
    this.queue = core.messages.outbox;
  }

  /**
   * Takes a script's messages from one on, up to the first whose receiver can't be called in the window; or is in the
   * batch already, where the window has a row for each message. @returns how many they are.
   */
  collect(slot: ScriptSlot, window: RowWindow, at: number): number {
    const { inbox, rows, usage } = slot;
    const end = Math.min(inbox.length, at + window.messageRoom);
    if (this.handles.length < window.messageRoom) this.handles = new Int32Array(window.messageRoom);
    this.#attached = rows;
    const count =
      window.repeats && this.#arePlain(slot, window)
        ? this.#collectPlain(slot, at, end)
        : this.#collectEach(slot, window, at, end);
    this.queue = inbox;
    this.first = at;
    this.count = count;
    this.#earlier = usage.messages;
    return count;
  }

  /** Whether all that carry the script can be called in the window. */
  #arePlain(slot: ScriptSlot, { complete, needsRows }: RowWindow): boolean {
    const { rows, program } = slot;
    if (needsRows || program.onStart !== undefined || !complete.areAll(slot)) return false;
    return rows.startedFrom(0, rows.length) === rows.length;
  }

  #collectPlain({ inbox, rows }: ScriptSlot, at: number, end: number): number {
    const { targets } = inbox;
    const { carriers, removals } = rows;
    let next = inbox.vouched === removals ? end : at;
    while (next < end) {
      const target = targets[next] as number;
      if (carriers[indexPart(target)] !== target) break;
      next++;
    }
    this.rows = undefined;
    this.handles.set(targets.subarray(at, next));
    return next - at;
  }

  #collectEach(slot: ScriptSlot, window: RowWindow, at: number, end: number): number {
    const { inbox, rows, program } = slot;
    const { states } = rows;
    const { complete, messageRoom, repeats } = window;
    const isComplete = complete.areAll(slot);
    this.#begin(rows.handles.length, messageRoom);
    const { handles } = this;
    const taken = this.#rowRoom;
    const places = this.#places;
    const base = this.#base;
    let count = 0;
    for (let next = at; next < end; next++) {
      const target = inbox.targetAt(next);
      const index = indexPart(target);
      const row = rows.rowOf(index, target);
      if (row < 0) break;
      if (states[row] === 0 && program.onStart === undefined) states[row] = rowStates.started;
      if (states[row] !== rowStates.started) break;
      if (!repeats && (places[row] as number) >= base) break;
      if (!isComplete && !complete.has(target)) break;
      handles[count] = target;
      taken[count] = row;
      places[row] = base + count++;
    }
    this.rows = taken;
    return count;
  }

  /** The row, among all that carry the script, of the entity that the message at a place is for. */
  rowAt(place: number): number {
    if (this.rows !== undefined) return this.rows[place] as number;
    const handle = this.handles[place] as number;
    return this.#attached?.rowOf(indexPart(handle), handle) ?? -1;
  }

  /** Where the batch ends for a receiver whose call was stopped: what else it gets may have to wait. */
  endBehind(place: number, end: number): number {
    const handle = this.handles[place];
    let next = place + 1;
    while (next < end && this.handles[next] !== handle) next++;
    return next;
  }

  /** The place of a row's message in the batch, or -1; only of a window that has a row for each message. */
  placeOf(row: number): number {
    const place = row < 0 ? -1 : (this.#places[row] as number) - this.#base;
    return place >= 0 && place < this.count ? place : -1;
  }

  /** Host functions are to know of the message at a place. */
  meet(place: number): void {
    const { call, messages } = this.#core;
    messages.current.show(this.queue, this.first + place);
    call.nth = this.#earlier + place + 1;
  }

  /** The call for the message at a place was stopped: there won't be another one for it. */
  strike(place: number): void {
    this.queue.forget(this.first + place);
  }

  #begin(rows: number, room: number): void {
    if (this.#rowRoom.length < room) this.#rowRoom = new Int32Array(room);
    this.#base += this.count;
    if (this.#places.length >= rows && this.#base < lastBase) return;
    // Places of any earlier batch are below the base.
    this.#places = new Int32Array(rows).fill(-1);
    this.#base = 0;
  }
}

const lastBase = 0x4000_0000;
