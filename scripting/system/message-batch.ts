import { indexPart } from "../../engine/index.ts";
import { rowStates } from "./attachments.ts";
import type { SystemCore } from "./core.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { RowWindow } from "./row-window.ts";
import type { ScriptSlot } from "./slot.ts";

/**
 * Messages that a script gets one right after the other, no two of them for the same entity: each has a row of the
 * script's window, in the order they were sent in.
 */
export class MessageBatch {
  /** Whom they are for. */
  handles = new Int32Array(0);
  /** Those entities' rows among all that carry the script. */
  rows = new Int32Array(0);
  /** Messages in it. */
  count = 0;
  /** Where they are, and from which one on. */
  queue: MessageQueue;
  first = 0;
  readonly #core: SystemCore;
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
   * Takes a script's messages from one on, up to the first whose receiver can't be called in the window, or is in
   * the batch already. @returns how many they are.
   */
  collect(slot: ScriptSlot, window: RowWindow, at: number): number {
    const { inbox, rows, program, usage } = slot;
    const { states } = rows;
    const { complete, messageRoom } = window;
    const isComplete = complete.count === rows.count;
    const end = Math.min(inbox.length, at + messageRoom);
    this.#begin(rows.handles.length, messageRoom);
    const { handles, rows: taken } = this;
    const places = this.#places;
    const base = this.#base;
    let count = 0;
    for (let next = at; next < end; next++) {
      const target = inbox.targetAt(next);
      const index = indexPart(target);
      const row = rows.rowOf(index, target);
      if (row < 0) break;
      if (states[row] === 0 && program.onStart === undefined) states[row] = rowStates.started;
      if (states[row] !== rowStates.started || (places[row] as number) >= base) break;
      if (!isComplete && !complete.has(index)) break;
      handles[count] = target;
      taken[count] = row;
      places[row] = base + count++;
    }
    this.queue = inbox;
    this.first = at;
    this.count = count;
    this.#earlier = usage.messages;
    return count;
  }

  /** The place of a row's message in the batch, or -1. */
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
    if (this.handles.length < room) {
      this.handles = new Int32Array(room);
      this.rows = new Int32Array(room);
    }
    this.#base += this.count;
    if (this.#places.length >= rows && this.#base < lastBase) return;
    // Places of any earlier batch are below the base.
    this.#places = new Int32Array(rows).fill(-1);
    this.#base = 0;
  }
}

const lastBase = 0x4000_0000;
