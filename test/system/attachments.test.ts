import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Column, defineMarker, type Entity, indexPart, World } from "../../engine/index.ts";
import { Attachments, rowStates } from "../../scripting/system/attachments.ts";

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

  test("know when each row ran last, however that is noted", () => {
    const ran = fc.record({
      kind: fc.constant("ran" as const),
      later: fc.nat(1),
      from: fc.oneof(fc.constantFrom(undefined, undefined, 0), fc.nat(120)),
      count: fc.nat(80),
    });
    const one = fc.record({ kind: fc.constant("one" as const), row: fc.nat(200) });
    const other = fc.record({ kind: fc.constantFrom("read", "read", "add", "compact") });
    const removal = fc.record({ kind: fc.constant("remove" as const), row: fc.nat(200) });
    const steps = fc.array(fc.oneof(ran, one, removal, other), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (list) => {
        const rows = new Attachments(1024);
        const model: { index: number; lastRun: number; gone: boolean }[] = [];
        const add = (index: number): void => {
          rows.add(index, handle(index, 1));
          model.push({ index, lastRun: -1, gone: false });
        };
        let added = 0;
        while (added < 100) add(added++);
        let frame = 0;
        let behind = 0;
        for (const step of list) {
          if (step.kind === "add") add(added++);
          else if (step.kind === "compact") {
            rows.compact();
            for (let row = model.length; row-- > 0; ) if (model[row]?.gone) model.splice(row, 1);
          } else if (step.kind === "read") {
            expect([...rows.lastRuns.subarray(0, rows.length)]).toEqual(
              model.map(({ lastRun }) => lastRun),
            );
          } else if ("later" in step) {
            frame += step.later;
            const from = Math.min(step.from ?? behind, model.length);
            const to = Math.min(from + step.count, model.length);
            rows.haveRun(frame, from, to);
            for (let row = from; row < to; row++)
              (model[row] as { lastRun: number }).lastRun = frame;
            behind = to;
          } else if ("row" in step && model.length > 0) {
            const row = step.row % model.length;
            const each = model[row] as (typeof model)[0];
            if (step.kind === "one") {
              rows.lastRuns[row] = frame;
              each.lastRun = frame;
            } else {
              rows.remove(row, each.index);
              each.gone = true;
            }
          }
        }
        expect([...rows.lastRuns.subarray(0, rows.length)]).toEqual(
          model.map(({ lastRun }) => lastRun),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("are just started up to the first that isn't, wherever one begins to look", () => {
    const rows = new Attachments(1024);
    for (let index = 0; index < 100; index++) rows.add(index, handle(index, 1));
    rows.states.fill(1, 0, 100);
    for (const odd of [0, 7, 8, 15, 16, 33, 63, 64, 99]) {
      for (const state of [0, 3, 0x81]) {
        rows.states[odd] = state;
        for (let from = 0; from < 100; from++) {
          for (const end of [from, odd, odd + 1, 96, 100]) {
            if (end < from) continue;
            const first = odd >= from && odd < end ? odd : end;
            expect(rows.startedFrom(from, end)).toBe(first - from);
          }
        }
        rows.states[odd] = 1;
      }
    }
  });

  test("behave like a list, whatever is added and removed, through growth", () => {
    const steps = fc.array(
      fc.oneof(fc.constant("add" as const), fc.nat(500), fc.constant("compact" as const)),
      { maxLength: 400, size: "max" },
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

  test("keep what is known of each row when gaps are closed", () => {
    const row = fc.record({
      strikes: fc.constantFrom(0, 0, 0, 3),
      state: fc.constantFrom(rowStates.started, rowStates.started, rowStates.backingOff, 0),
      gone: fc.boolean(),
      // Dead, and another one has its index by now.
      orphan: fc.constantFrom("no", "no", "yes", "its successor is gone, too"),
      known: fc.nat(1000),
    });
    const plain = { default: 0, min: undefined, max: undefined, doc: "" };
    const fields = (["f32", "timer"] as const).map((kind) => ({ ...plain, name: kind, kind }));
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 90, size: "max" }),
        fc.boolean(),
        (list, faultless) => {
          const rows = new Attachments(512);
          rows.changeFields(fields);
          const kept: [handle: number, values: number[]][] = [];
          const valuesOf = (at: number) => {
            const { lags, lastFaults, lastRuns, states, strikes, wakes } = rows;
            const [state, struck] = [states[at] as number, strikes[at] as number];
            const wake = (state & rowStates.backingOff) === 0 ? 0 : (wakes[at] as number);
            const fault = struck === 0 ? 0 : (lastFaults[at] as number);
            const own = rows.columns.map((column) => column[at] as number);
            return [state, struck, wake, fault, lags[at] as number, lastRuns[at] as number, ...own];
          };
          list.forEach(({ strikes, state, known }, at) => {
            rows.add(at + 1, handle(at + 1, 1));
            rows.states[at] = faultless ? rowStates.started : state;
            rows.strikes[at] = faultless ? 0 : strikes;
            rows.wakes[at] = known;
            rows.lastFaults[at] = known + 1;
            rows.lags[at] = known + 2;
            rows.lastRuns[at] = known + 3;
            (rows.columns[0] as Column)[at] = known + 4;
            (rows.columns[1] as Column)[at] = known + 5;
          });
          list.forEach(({ gone, orphan }, at) => {
            if (orphan !== "no") rows.add(at + 1, handle(at + 1, 2));
            if (gone) rows.remove(at, at + 1);
            if (orphan === "its successor is gone, too") rows.remove(rows.length - 1, at + 1);
          });
          const found = new Set<number>();
          for (let at = 0; at < rows.length; at++) {
            if (((rows.states[at] as number) & rowStates.removed) !== 0) continue;
            const each = rows.handles[at] as number;
            kept.push([each, valuesOf(at)]);
            if (rows.rowOf(indexPart(each), each) === at) found.add(each);
          }
          rows.compact();
          expect([rows.length, rows.removed]).toEqual([kept.length, 0]);
          kept.forEach(([each, values], at) => {
            expect(rows.handles[at]).toBe(each);
            expect(valuesOf(at)).toEqual(values);
            expect(rows.rowOf(indexPart(each), each)).toBe(found.has(each) ? at : -1);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test("know who is idle, whatever comes, goes and changes", () => {
    const acts = ["add", "remove", "compact", "wake", "sleep", "many", "settle", "clear"] as const;
    const step = fc.record({
      kind: fc.constantFrom(...acts, "add", "wake", "settle"),
      pick: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (list) => {
        const awake = defineMarker("awake");
        const world = new World({ components: [], maxEntities: 300 });
        const all = Array.from({ length: 90 }, () => world.spawn());
        const rows = new Attachments(300, world.query([awake], { own: true }));
        const { idle } = rows;
        for (let n = 0; n < 80; n++) rows.add(indexPart(all[n] as Entity), all[n] as Entity);
        for (const { kind, pick } of list) {
          const entity = all[pick % all.length] as Entity;
          const index = indexPart(entity);
          const row = rows.rowOf(index, entity);
          if (kind === "add" && row < 0) rows.add(index, entity);
          else if (kind === "remove" && row >= 0) rows.remove(row, index);
          else if (kind === "compact") rows.compact();
          else if (kind === "wake") world.add(entity, awake);
          else if (kind === "sleep") world.remove(entity, awake);
          else if (kind === "clear" && pick % 10 === 0) rows.clear();
          else if (kind === "many") {
            // More changes than are listed.
            for (const one of all) {
              for (let m = 0; m < 51; m++) if (!world.remove(one, awake)) world.add(one, awake);
            }
          }
          if (kind !== "settle") continue;
          idle?.settle(rows);
          const wanted = all.flatMap((one) => {
            const at = rows.rowOf(indexPart(one), one);
            return at < 0 || world.has(one, awake) ? [] : [at];
          });
          wanted.sort((a, b) => a - b);
          const found = Array.from({ length: rows.length }, (_, at) => at);
          expect(found.filter((at) => idle?.has(at))).toEqual(wanted);
          expect(idle?.count).toBe(wanted.length);
          const from = pick % (rows.length + 1);
          expect(idle?.firstIdle(from, rows.length)).toBe(
            wanted.find((at) => at >= from) ?? rows.length,
          );
          expect(idle?.firstAwake(from, rows.length)).toBe(
            found.find((at) => at >= from && !wanted.includes(at)) ?? rows.length,
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});
