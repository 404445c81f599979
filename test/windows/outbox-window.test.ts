import { describe, expect, it } from "vitest";
import { layOutOutbox, type OutboxLayout } from "../../scripting/windows/outbox-layout.ts";
import { OutboxWindow, type SentRows } from "../../scripting/windows/outbox-window.ts";

const layout = layOutOutbox([{ message: 5, values: ["i32"] }], 1 << 16).at(0) as OutboxLayout;

/** An outbox in memory that its guest can write, and what comes out of it. */
function outbox(quota: number) {
  const buffer = new ArrayBuffer(1 << 16);
  const taken: number[] = [];
  const take = ({ soleKind, targets }: SentRows, from: number, to: number): boolean => {
    expect(soleKind).toBe(5);
    taken.push(...targets.subarray(from, to));
    return true;
  };
  const window = new OutboxWindow(layout, 0, { take }, false);
  window.show(buffer);
  window.open(quota);
  const words = new Int32Array(buffer, layout.count, 3);
  new Int32Array(buffer, layout.targets, layout.rows).forEach((_, n, targets) => {
    targets[n] = n;
  });
  return { window, words, taken };
}

describe("an outbox in a guest's memory", () => {
  it("has what calls have sent taken once, and in order", () => {
    const { window, words, taken } = outbox(3);
    words.set([2, 5, 2]);
    window.takeFinished();
    expect(taken).toEqual([0, 1]);
    words[0] = 4;
    window.takeOwn(() => 1);
    expect(taken).toEqual([0, 1, 2, 3]);
    expect([...words]).toEqual([0, 1, 0]);
    words[0] = 1;
    expect(window.takeAll(2)).toBe(true);
    expect(taken).toEqual([0, 1, 2, 3, 0]);
    expect([...words]).toEqual([0, 0, 0]);
    // What is taken from now on counts anew.
    words[0] = 3;
    expect(window.takeAll(1)).toBe(true);
  });

  it("is refused where there were more than calls may send, however they come there", () => {
    const { window, words } = outbox(3);
    words[0] = 7;
    expect(window.takeAll(2)).toBe(false);
    for (let call = 0; call < 2; call++) {
      // As if calls before had sent them.
      words.set([4, 4, 4]);
      window.takeFinished();
      window.takeOwn(() => 3);
    }
    expect(window.takeAll(2)).toBe(false);
    words.set([4, 4, 4]);
    window.takeFinished();
    window.clear();
    expect(window.takeAll(2)).toBe(true);
  });

  it("has more taken than it has room for, where a call may send them", () => {
    const { window, words, taken } = outbox(2 * layout.rows);
    for (let part = 0; part < 2; part++) {
      words[0] = layout.rows;
      window.takeOwn(() => layout.rows);
    }
    expect(window.takeAll(1)).toBe(true);
    expect(taken).toHaveLength(2 * layout.rows);
  });

  it("has nothing taken of it where the host is to be asked", () => {
    const { window, words, taken } = outbox(0);
    words.set([4, 4, 4]);
    window.takeFinished();
    window.takeOwn(() => 3);
    expect([...words]).toEqual([0, 0, 0]);
    words.set([0x100001, 4, -1]);
    window.takeFinished();
    window.takeAll(2);
    expect(taken).toEqual([]);
  });

  it("tells kinds apart only where there are several", () => {
    const bytes = 1 << 16;
    const sole = layOutOutbox([{ message: 0, values: [] }], bytes).at(64) as OutboxLayout;
    expect(sole.soleKind).toBe(0);
    // One function may be imported several times.
    const twice = [
      { message: 2, values: ["f32"] },
      { message: 2, values: ["f32"] },
    ] as const;
    expect(layOutOutbox(twice, bytes).at(64)?.soleKind).toBe(2);
    const two = [twice[0], { message: 1, values: [] }];
    expect(layOutOutbox(two, bytes).at(64)?.soleKind).toBe(-1);
  });
});
