import type { ColumnType } from "../../engine/index.ts";

/**
 * What a host function that reads or writes one column does: `get(entity) -> value` or
 * `set(entity, value)`. A script's own entity needs no call for it then, see {@link lower}.
 */
export interface ColumnAccess {
  readonly kind: "get" | "set";
  /** Component and field, `Position.x`. */
  readonly field: string;
  readonly type: ColumnType;
}
