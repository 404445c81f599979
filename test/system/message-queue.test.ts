import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageQueue } from "../../scripting/system/message-queue.ts";
import { MessageRoom } from "../../scripting/system/message-room.ts";
import type { MessageShapes } from "../../scripting/system/message-values.ts";

interface Letter {
  readonly kind: number;
  readonly target: number;
  readonly sender: number;
  readonly values: readonly number[];
}

/** What is done to two queues: numbers are taken modulo what there is. */
interface Act {
  readonly what:
    | "push"
    | "send"
    | "hand"
    | "pick"
    | "takeFirst"
    | "drop"
    | "keep"
    | "truncate"
    | "forget";
  /** Whether the second queue is the one it is done to. */
  readonly toSecond: boolean;
  readonly count: number;
  readonly at: number;
  readonly kind: number;
  readonly sender: number;
  /** Whether all have the same kind. */
  readonly isSole: boolean;
}

const senders = 3;
const capacity = 10_000;
const narrow: MessageShapes = [["f32", "i32"], ["u8"], ["f32", "entity", "i16"]];
const wide: MessageShapes = [["f64", "i32"], ["u8"], ["f32", "entity", "i16"]];

/** Two queues with the same room, and lists of what is in them. */
class Twice {
  readonly room = new MessageRoom(capacity);
  readonly queues: readonly MessageQueue[];
  readonly lists: [Letter[], Letter[]] = [[], []];
  readonly #shapes: MessageShapes;
  #next = 0;
  /** How often all was handed on at once. */
  exchanges = 0;

  constructor(shapes: MessageShapes) {
    this.#shapes = shapes;
    this.queues = [new MessageQueue(this.room, shapes), new MessageQueue(this.room, shapes)];
  }

  do({ what, toSecond, count, at, kind, sender, isSole }: Act): void {
    const to = toSecond ? 1 : 0;
    const queue = this.queues[to] as MessageQueue;
    const list = this.lists[to] as Letter[];
    const other = this.queues[1 - to] as MessageQueue;
    const others = this.lists[1 - to] as Letter[];
    const some = Math.min(count, list.length);
    switch (what) {
      case "push": {
        const letter = this.#letter(kind, sender);
        queue.push(letter.kind, letter.target, sender);
        letter.values.forEach((value, place) => {
          queue.setValue(place, value);
        });
        list.push(letter);
        break;
      }
      case "send": {
        const kindOf = (n: number): number => (isSole ? kind : (kind + n) % this.#shapes.length);
        const letters = Array.from({ length: count }, (_, n) => this.#letter(kindOf(n), sender));
        if (count === 0) break;
        const first = queue.extend(count, sender);
        if (isSole) queue.kinds.add(kind, first, first + count);
        else
          queue.kinds.addEach(
            Int32Array.from(letters, (letter) => letter.kind),
            first,
          );
        letters.forEach((letter, n) => {
          queue.targets[first + n] = letter.target;
          letter.values.forEach((value, place) => {
            queue.valuesAt(place).set(first + n, letter.kind, value);
          });
        });
        list.push(...letters);
        break;
      }
      case "hand": {
        const from = others.length === 0 ? 0 : at % others.length;
        const end = Math.min(others.length, from + count);
        if (end === from) break;
        queue.pushFrom(other, from, end);
        list.push(...others.slice(from, end));
        break;
      }
      case "pick": {
        const places = others.flatMap((_, n) => ((n * (at + 1)) % 7 < count % 7 ? [n] : []));
        if (places.length === 0) break;
        queue.pushPicked(other, Int32Array.from([...places, 1 << 20]), places.length);
        list.push(...places.map((n) => others[n] as Letter));
        break;
      }
      case "takeFirst": {
        const first = at % 2 === 0 ? others.length : Math.min(count, others.length);
        if (list.length > 0) {
          expect(() => queue.takeFirst(other, first)).toThrow("there are messages");
          break;
        }
        queue.takeFirst(other, first);
        list.push(...others.splice(0, first));
        this.exchanges++;
        break;
      }
      case "drop":
        queue.remove(0, some);
        list.splice(0, some);
        break;
      case "keep": {
        // Every other one of the first ones stays.
        let kept = 0;
        for (let n = at % 2; n < some; n += 2) queue.keep(n, kept++);
        queue.remove(kept, some);
        list.splice(0, some, ...list.slice(0, some).filter((_, n) => n % 2 === at % 2));
        break;
      }
      case "truncate":
        queue.truncate(some);
        list.length = some;
        break;
      case "forget":
        if (list.length === 0) break;
        queue.forget(at % list.length);
        list[at % list.length] = { ...(list[at % list.length] as Letter), target: 0 };
        break;
    }
  }

  check(): void {
    const counts = new Array<number>(senders).fill(0);
    this.queues.forEach((queue, n) => {
      const list = this.lists[n] as Letter[];
      expect(queue.length).toBe(list.length);
      expect(
        list.map(({ kind }, at) => ({
          kind: queue.kindAt(at),
          target: queue.targetAt(at),
          sender: queue.senderAt(at),
          values: (this.#shapes[kind] ?? []).map((_, place) => queue.valueAt(at, place)),
        })),
      ).toEqual(list);
      if (queue.kinds.sole < 0) {
        expect([...queue.kinds.each.subarray(0, list.length)]).toEqual(list.map((l) => l.kind));
      }
      for (const { sender } of list) counts[sender] = (counts[sender] as number) + 1;
    });
    const taken = counts.reduce((sum, count) => sum + count, 0);
    expect(this.room.taken).toBe(taken);
    for (let sender = 1; sender < senders; sender++) {
      const left = Math.ceil((capacity - taken - (counts[sender] as number)) / 2);
      expect(this.room.left(sender)).toBe(left);
    }
  }

  #letter(kind: number, sender: number): Letter {
    const id = ++this.#next;
    return { kind, target: 1000 + id, sender, values: this.#shapes[kind]?.map(() => id) ?? [] };
  }
}

const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom(
    "push",
    "send",
    "send",
    "hand",
    "pick",
    "takeFirst",
    "takeFirst",
    "drop",
    "keep",
    "truncate",
    "forget",
  ),
  toSecond: fc.boolean(),
  count: fc.oneof(fc.nat(5), fc.nat(100)),
  at: fc.nat(200),
  kind: fc.nat(2),
  sender: fc.nat(senders - 1),
  isSole: fc.boolean(),
});

describe("queues of messages", () => {
  it.each([
    ["up to four bytes", narrow],
    ["eight bytes", wide],
  ] as const)("hold what lists would, and room for it, with values of %s", (_name, shapes) => {
    let exchanges = 0;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const twice = new Twice(shapes);
        for (const each of acts) {
          twice.do(each);
          twice.check();
        }
        exchanges += twice.exchanges;
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(exchanges).toBeGreaterThan(100);
  });
});
