import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexPart } from "../../engine/index.ts";
import { Attachments } from "../../scripting/system/attachments.ts";

const handle = (index: number, generation: number): number => index | (generation << 20);

describe("attachments", () => {
  test("find an entity's row, and not that of an earlier entity at its index", () => {
    const rows = new Attachments(8);
    rows.add(3, handle(3, 1));
    expect(rows.rowOf(3, handle(3, 1))).toBe(0);
    expect(rows.rowOf(3, handle(3, 2))).toBe(-1);
    expect(rows.rowOf(4, handle(4, 1))).toBe(-1);
    expect(rows.rowOf(100, handle(100, 1))).toBe(-1);
    rows.add(3, handle(3, 2));
    expect(rows.rowOf(3, handle(3, 2))).toBe(1);
    rows.remove(0, 3);
    rows.compact();
    expect(rows.rowOf(3, handle(3, 2))).toBe(0);
    expect(rows.count).toBe(1);
  });

  test("behave like a list, whatever is added and removed, through growth", () => {
    const steps = fc.array(
      fc.oneof(fc.constant("add" as const), fc.nat(500), fc.constant("compact" as const)),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const rows = new Attachments(1024);
        let model: { handle: number; strikes: number }[] = [];
        let added = 0;
        for (const step of list) {
          if (step === "add" && added < 1000) {
            added++;
            rows.add(added, handle(added, 1));
            rows.strikes[rows.length - 1] = added % 256;
            model.push({ handle: handle(added, 1), strikes: added % 256 });
          } else if (step === "compact") {
            const middle = rows.removedBefore(rows.length);
            expect(middle).toBe(rows.removed);
            rows.compact();
          } else if (typeof step === "number" && model.length > 0) {
            const gone = model[step % model.length] as (typeof model)[0];
            const row = rows.rowOf(indexPart(gone.handle), gone.handle);
            rows.remove(row, indexPart(gone.handle));
            rows.remove(row, indexPart(gone.handle));
            model = model.filter((each) => each !== gone);
          }
          expect(rows.count).toBe(model.length);
        }
        rows.compact();
        expect(model.map(({ handle: each }) => each)).toEqual([
          ...rows.handles.subarray(0, rows.length),
        ]);
        expect(model.map(({ strikes }) => strikes)).toEqual([
          ...rows.strikes.subarray(0, rows.length),
        ]);
        model.forEach((each, row) => {
          expect(rows.rowOf(indexPart(each.handle), each.handle)).toBe(row);
        });
      }),
      { numRuns: 60 },
    );
  });
});
