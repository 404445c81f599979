import fc from "fast-check";
import { expect, test } from "vitest";
import { type ColumnType, createColumn } from "../../engine/columns.ts";
import { bits } from "../../scripting/windows/row-copies.ts";
import { gatherRows, scatterRows } from "../../scripting/windows/scattered-rows.ts";

const types: readonly ColumnType[] = ["i8", "u8", "i16", "u16", "i32", "u32", "f32", "f64"];

test("rows are copied from and to wherever their entities are, of every type and however many", () => {
  const places = fc.uniqueArray(fc.integer({ min: 1, max: 63 }), { maxLength: 40, size: "max" });
  const span = fc.tuple(fc.nat(40), fc.nat(40));
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      places,
      fc.nat(5),
      span,
      (type, indices, first, ends) => {
        const from = Math.min(...ends, indices.length);
        const to = Math.min(Math.max(...ends), indices.length);
        const column = createColumn(type, 64);
        for (let at = 0; at < 64; at++) column[at] = at * 3 + 1;
        const cells = createColumn(type, 48);
        const handles = new Int32Array(first + 48);
        indices.forEach((index, row) => {
          handles[first + row] = index | (7 << 20);
        });
        const shift = Math.log2(column.BYTES_PER_ELEMENT);
        const source = bits(shift, column.buffer, 0, 64);
        const shown = bits(shift, cells.buffer, 0, 48);
        gatherRows(source, shown, handles, first, from, to);
        for (let row = 0; row < 48; row++) {
          const isCopied = row >= from && row < to;
          expect(cells[row]).toBe(isCopied ? column[indices[row] as number] : 0);
        }
        const expected = [...column];
        for (let row = from; row < to; row++) {
          cells[row] = row + 100;
          expected[indices[row] as number] = cells[row] as number;
        }
        cells[to] = 99;
        scatterRows(source, shown, handles, first, from, to);
        expect([...column]).toEqual(expected);
      },
    ),
    { numRuns: 400 },
  );
});
