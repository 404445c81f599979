import type { ColumnType } from "../../engine/index.ts";

/** What a field of a script's own can be. A timer is the second of game time at which it is over; 0 when it isn't set. */
export type FieldKind =
  | "f32"
  | "f64"
  | "i8"
  | "u8"
  | "i16"
  | "u16"
  | "i32"
  | "u32"
  | "bool"
  | "entity"
  | "timer";

/** How each kind is stored. */
export const fieldColumnTypes: Readonly<Record<FieldKind, ColumnType>> = {
  f32: "f32",
  f64: "f64",
  i8: "i8",
  u8: "u8",
  i16: "i16",
  u16: "u16",
  i32: "i32",
  u32: "u32",
  bool: "u8",
  entity: "entity",
  timer: "f64",
};

/** Every kind, in a fixed order. */
export const fieldKinds: readonly FieldKind[] = Object.freeze(
  Object.keys(fieldColumnTypes) as FieldKind[],
);

/** Whether a value names a kind. */
export function isFieldKind(value: unknown): value is FieldKind {
  return typeof value === "string" && Object.hasOwn(fieldColumnTypes, value);
}

/** Kinds that an author may give a default, and a range. */
export function isNumberKind(kind: FieldKind): boolean {
  return kind !== "bool" && kind !== "entity" && kind !== "timer";
}
