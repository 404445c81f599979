import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnType } from "../../engine/index.ts";
import type { ColumnAccess } from "../../scripting/windows/column-access.ts";
import { layOutWindow, type WindowLayout } from "../../scripting/windows/window-layout.ts";

const types: readonly ColumnType[] = [
  ...(["f32", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "entity"] as const),
];
const typeOf = fc.constantFrom(...types);
/** The same field has the same type wherever it is accessed. */
const fields = fc.array(typeOf, { minLength: 1, maxLength: 24 });
const picked = fc.array(fc.tuple(fc.nat(23), fc.constantFrom("get" as const, "set" as const)));

/** Where each part of a layout stands: its name, its offset and its length in bytes, and what it is aligned to. */
function partsOf(layout: WindowLayout): [name: string, at: number, bytes: number, unit: number][] {
  const { rows, columns, constants, messages, others, outbox, written } = layout;
  const parts: [string, number, number, number][] = [["handles", 0, rows * 4, 4]];
  const { first = 0, links } = others ?? {};
  const behind = others === undefined ? 0 : others.found + 1 + (links === undefined ? 0 : rows);
  for (const { field, offset, shift } of columns) {
    const isShared = first > 0 && others?.columns.some((other) => other.field === field);
    parts.push([field, offset, (rows + (isShared ? behind : 0)) << shift, 1 << shift]);
    if (isShared) expect(others?.columns.find((c) => c.field === field)?.offset).toBe(offset);
  }
  for (const { offset } of constants) parts.push(["constant", offset, 8, 8]);
  if (messages !== undefined) {
    parts.push(["kinds", messages.kinds, messages.rows * 4, 4]);
    for (const { offset, shift } of messages.values) {
      parts.push(["value", offset, messages.rows << shift, 1 << shift]);
    }
  }
  if (others !== undefined) {
    for (const { field, offset, shift } of first > 0 ? [] : others.columns) {
      parts.push([`other ${field}`, offset, behind << shift, 1 << shift]);
    }
    for (const at of [others.handles, others.keys]) {
      parts.push(["found", at, (others.found + 1) * 4, 4]);
    }
    for (const at of [others.count, others.key, others.row]) parts.push(["word", at, 4, 4]);
    if (links !== undefined) {
      for (const at of [links.keys, links.rows]) parts.push(["links", at, rows * 4, 4]);
    }
  }
  if (outbox !== undefined) {
    for (const at of [outbox.count, outbox.limit, outbox.first, outbox.quota]) {
      parts.push(["word", at, 4, 4]);
    }
    for (const at of outbox.soleKind < 0 ? [outbox.kinds, outbox.targets] : [outbox.targets]) {
      parts.push(["sent", at, outbox.rows * 4, 4]);
    }
    for (const { offset, shift } of outbox.values) {
      parts.push(["sent", offset, outbox.rows << shift, 1 << shift]);
    }
  }
  if (written !== undefined) {
    parts.push(["word", written.count, 4, 4], ["word", written.limit, 4, 4]);
    parts.push(["written", written.handles, written.room * 4, 4]);
  }
  return parts;
}

describe("a window's layout", () => {
  it("has a place of its own for everything, within what the module reserves", () => {
    let linked = 0;
    fc.assert(
      fc.property(
        fields,
        picked,
        picked,
        fc.nat(23),
        fc.nat(6),
        fc.array(fc.array(typeOf, { maxLength: 9 }), { maxLength: 4 }),
        fc.integer({ min: 40, max: 2_100 }),
        fc.boolean(),
        (known, own, other, link, constants, sent, units, writesHandles) => {
          const accesses = (list: readonly (readonly [number, "get" | "set"])[]): ColumnAccess[] =>
            list.map(([n, kind]) => {
              const at = n % known.length;
              return { kind, field: `f${at}`, type: known[at] as ColumnType };
            });
          const bytes = units * 8;
          const layout = layOutWindow(
            {
              accesses: accesses(own),
              others: accesses(other).filter(({ kind }) => kind === "get"),
              link: known[link % known.length] === "entity" ? `f${link % known.length}` : undefined,
              constants: Array.from({ length: constants }, () => ({ type: "f32", value: () => 0 })),
              messages: sent.flatMap((values, message) =>
                values.map((type, place) => ({ message, value: { place, type } })),
              ),
              sends: sent.map((values, message) => ({ message, values })),
              writesHandles,
            },
            { address: 1_024, bytes },
          );
          if (layout === undefined) return;
          if (layout.others?.links !== undefined) linked++;
          const parts = partsOf(layout).sort(([, a], [, b]) => a - b);
          let end = 0;
          for (const [name, at, length, unit] of parts) {
            expect(at, name).toBeGreaterThanOrEqual(end);
            expect(at % unit, name).toBe(0);
            end = at + length;
          }
          expect(end).toBeLessThanOrEqual(bytes);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(linked).toBeGreaterThan(20);
  });
});
