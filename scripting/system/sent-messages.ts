import { columnRange, noEntity, type World } from "../../engine/index.ts";
import type { Recipients, SentRows, SentValue } from "../windows/outbox-window.ts";
import type { Messages } from "./messages.ts";

/**
 * Queues what a script has sent in its window: what its calls of the host could have sent, and nothing else. What was
 * looked at before isn't looked at again.
 */
export class SentMessages implements Recipients {
  readonly #world: World;
  readonly #messages: Messages;
  readonly #sender: number;

  constructor(world: World, messages: Messages, script: string) {
    this.#world = world;
    this.#messages = messages;
    this.#sender = messages.senderOf(script);
  }

  /** Some are queued, and want to be taken back, even when one is refused. */
  take(sent: SentRows, from: number, to: number): boolean {
    const { outbox, room } = this.#messages;
    const count = to - from;
    if (count > room.left(this.#sender)) return false;
    const first = outbox.extend(count, this.#sender);
    if (sent.kinds === undefined) outbox.kinds.add(sent.soleKind, first, first + count);
    else outbox.kinds.addEach(sent.kinds.subarray(from, to), first);
    outbox.targets.set(sent.targets.subarray(from, to), first);
    if (!sent.isChecked && !this.#mayBeSent(sent, from, to)) return false;
    for (let place = 0; place < sent.words.length && sent.isChecked; place++) {
      const words = sent.words[place];
      const queued = outbox.valuesAt(place);
      if (words !== undefined && !queued.isWide) {
        queued.words.set(words.subarray(from, to), first);
      }
    }
    for (let kind = 0; kind < sent.values.length; kind++) {
      const values = sent.values[kind] ?? [];
      for (let place = 0; place < values.length; place++) {
        const value = values[place] as SentValue;
        const queued = outbox.valuesAt(place);
        if (sent.isChecked && !queued.isWide) continue;
        const narrow = value.type === "f32" ? queued.floats : queued.words;
        const column = queued.isWide ? queued.doubles : narrow;
        if (!this.#copy(sent.kinds, kind, value, column, from, to, first)) return false;
      }
    }
    return true;
  }

  #mayBeSent({ kinds, targets, values }: SentRows, from: number, to: number): boolean {
    const world = this.#world;
    for (let at = from; at < to; at++) {
      if (kinds !== undefined && values[kinds[at] as number] === undefined) return false;
      if (world.resolve(targets[at] as number) < 0) return false;
    }
    return true;
  }

  /** Copies one value of all messages of a kind. */
  #copy(
    kinds: Int32Array | undefined,
    kind: number,
    { type, cells, stride }: SentValue,
    column: Float64Array | Float32Array | Int32Array,
    from: number,
    to: number,
    first: number,
  ): boolean {
    const world = this.#world;
    const shift = first - from;
    switch (type) {
      case "f32":
      case "f64":
        for (let at = from; at < to; at++) {
          const value = cells[at << stride] as number;
          if (kinds !== undefined && kinds[at] !== kind) continue;
          // Only NaN and the infinities differ from themselves by something other than 0.
          if (value - value !== 0) return false;
          column[at + shift] = value;
        }
        return true;
      case "entity":
        for (let at = from; at < to; at++) {
          const value = cells[at << stride] as number;
          if (kinds !== undefined && kinds[at] !== kind) continue;
          if (value !== noEntity && world.resolve(value) < 0) return false;
          column[at + shift] = value;
        }
        return true;
      default: {
        // A u32 is sent as the i32 with the same bits.
        const [least, most] = columnRange(type === "u32" ? "i32" : type);
        for (let at = from; at < to; at++) {
          const value = cells[at << stride] as number;
          if (kinds !== undefined && kinds[at] !== kind) continue;
          if (value < least || value > most) return false;
          column[at + shift] = value;
        }
        return true;
      }
    }
  }
}
