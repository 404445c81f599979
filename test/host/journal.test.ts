import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostError } from "../../scripting/errors.ts";
import { Journal } from "../../scripting/system/journal.ts";

describe("a journal", () => {
  test("puts back what was overwritten, newest first", () => {
    const journal = new Journal();
    const column = new Float32Array([1, 2, 3]);
    const id = journal.track(column);
    for (const value of [10, 20]) {
      journal.record(id, 1, column[1] as number);
      column[1] = value;
    }
    journal.undoTo(0);
    expect([...column]).toEqual([1, 2, 3]);
    expect(journal.length).toBe(0);
  });

  test("undoes to a mark and leaves what came before it", () => {
    const journal = new Journal({ initialWrites: 1 });
    const column = new Int32Array(4);
    const id = journal.track(column);
    journal.record(id, 0, 0);
    column[0] = 7;
    const mark = journal.length;
    journal.record(id, 0, 7);
    column[0] = 8;
    journal.undoTo(mark);
    expect(column[0]).toBe(7);
    journal.undoTo(0);
    expect(column[0]).toBe(0);
  });

  test("lets writes stand once it is cleared", () => {
    const journal = new Journal();
    const column = new Uint8Array(1);
    journal.record(journal.track(column), 0, 0);
    column[0] = 9;
    journal.clear();
    journal.undoTo(0);
    expect(column[0]).toBe(9);
  });

  test("refuses more writes than it may hold, before it notes them", () => {
    const journal = new Journal({ initialWrites: 2, maxWrites: 5 });
    const id = journal.track(new Int8Array(1));
    for (let n = 0; n < 5; n++) journal.record(id, 0, n);
    expect(() => journal.record(id, 0, 5)).toThrow(HostError);
    expect(() => journal.record(id, 0, 5)).toThrow("at most 5 writes");
    expect(journal.length).toBe(5);
  });

  test("restores every kind of array bit by bit, whatever was written", () => {
    const arrays = [
      new Float32Array(4),
      new Float64Array(4),
      new Int8Array(4),
      new Uint8Array(4),
      new Int16Array(4),
      new Uint16Array(4),
      new Int32Array(4),
      new Uint32Array(4),
    ];
    const writes = fc.array(
      fc.record({ array: fc.nat(7), index: fc.nat(3), value: fc.double(), mark: fc.boolean() }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(writes, (list) => {
        const journal = new Journal({ initialWrites: 2 });
        const ids = arrays.map((array) => journal.track(array));
        const before = arrays.map((array) => array.slice());
        for (const { array, index, value } of list) {
          const target = arrays[array] as Float64Array;
          journal.record(ids[array] as number, index, target[index] as number);
          target[index] = value;
        }
        journal.undoTo(0);
        arrays.forEach((array, n) => {
          expect(new Uint8Array(array.buffer)).toEqual(new Uint8Array(before[n]?.buffer ?? []));
        });
      }),
    );
  });
});
