import type { ColumnType } from "../../engine/index.ts";

/**
 * What a host function that reads or writes one column does: `get(entity) -> value` or
 * `set(entity, value)`. A script's own entity needs no call for it then, see {@link lower}. To set a number that the
 * column can't hold never comes back: it throws.
 */
export interface ColumnAccess {
  readonly kind: "get" | "set";
  /** Component and field, `Position.x`; any name that no other column has for a field of the script's own. */
  readonly field: string;
  /** Which of the script's own fields it is; undefined for a component's. */
  readonly own?: number;
  readonly type: ColumnType;
}
