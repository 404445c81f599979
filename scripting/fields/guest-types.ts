import type { ColumnType } from "../../engine/index.ts";

/** How each column type looks to a script. Narrow integers are checked, not cut off, by the host. */
export const scriptTypes: Readonly<Record<ColumnType, string>> = {
  f32: "f32",
  f64: "f64",
  i8: "i32",
  u8: "i32",
  i16: "i32",
  u16: "i32",
  i32: "i32",
  u32: "u32",
  entity: "Entity",
};
