import type { TouchedFields } from "./module-lowering.ts";
import type { WindowColumn } from "./window-column.ts";

/** Which columns of a layout a function has to do with: numbers of columns. */
export interface WindowUse {
  readonly isShown: readonly boolean[];
  readonly shown: readonly number[];
  readonly written: readonly number[];
}

/** What functions have to do with, one after the other. @param touched what each of them accesses. */
export function windowUses(
  columns: readonly WindowColumn[],
  touched: readonly TouchedFields[],
): WindowUse[] {
  const numbers = [...columns.keys()];
  return touched.map(({ accessed, written }) => {
    const isShown = columns.map(({ field }) => accessed.has(field));
    const isWritten = columns.map((c) => c.written && written.has(c.field));
    return {
      isShown,
      shown: numbers.filter((n) => isShown[n]),
      written: numbers.filter((n) => isWritten[n]),
    };
  });
}
