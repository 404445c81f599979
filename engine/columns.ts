/**
 * What one field of a component holds, and so which typed array its column is. `entity` is an
 * `Int32Array` of entity handles, 0 meaning no entity.
 */
export type ColumnType = "f32" | "f64" | "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "entity";

/** The typed array of each column type. */
export interface ColumnArrays {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly entity: Int32Array;
}

/** One field of one component, for every entity: indexed by an entity's index, not its handle. */
export type Column = ColumnArrays[ColumnType];

interface ColumnKind {
  readonly array: { readonly name: string; new (length: number): Column };
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

const float = { integer: false, min: -Infinity, max: Infinity };
const whole = (min: number, max: number) => ({ integer: true, min, max });

const kinds: Readonly<Record<ColumnType, ColumnKind>> = {
  f32: { array: Float32Array, ...float },
  f64: { array: Float64Array, ...float },
  i8: { array: Int8Array, ...whole(-0x80, 0x7f) },
  u8: { array: Uint8Array, ...whole(0, 0xff) },
  i16: { array: Int16Array, ...whole(-0x8000, 0x7fff) },
  u16: { array: Uint16Array, ...whole(0, 0xffff) },
  i32: { array: Int32Array, ...whole(-0x8000_0000, 0x7fff_ffff) },
  u32: { array: Uint32Array, ...whole(0, 0xffff_ffff) },
  entity: { array: Int32Array, ...whole(0, 0x7fff_ffff) },
};

/** Every column type, in a fixed order. */
export const columnTypes: readonly ColumnType[] = Object.freeze(Object.keys(kinds) as ColumnType[]);

/** Whether a value names a column type. */
export function isColumnType(value: unknown): value is ColumnType {
  return typeof value === "string" && Object.hasOwn(kinds, value);
}

/** A new column of `length` zeros. */
export function createColumn(type: ColumnType, length: number): Column {
  return new kinds[type].array(length);
}

/** The name of the typed array of a column type, e.g. `Float32Array`. */
export function columnArrayName(type: ColumnType): string {
  return kinds[type].array.name;
}

/** The least and the greatest number that a column type holds: infinities for floats. */
export function columnRange(type: ColumnType): readonly [least: number, most: number] {
  const { min, max } = kinds[type];
  return [min, max];
}

/** Whether a value is the very kind of typed array that a column type needs. */
export function isColumnOf(type: ColumnType, value: unknown): value is Column {
  return value instanceof kinds[type].array;
}

/**
 * Why a column type can't hold a value, or undefined when it can. Floats take everything but NaN;
 * integers take whole numbers in their range. Rounding to f32 is not a refusal.
 */
export function refuseValue(type: ColumnType, value: unknown): string | undefined {
  if (typeof value !== "number") return `${String(value)} is not a number`;
  if (Number.isNaN(value)) return "NaN is not a value";
  const kind = kinds[type];
  if (value < kind.min || value > kind.max || (kind.integer && !Number.isInteger(value))) {
    return `${value} does not fit ${type}`;
  }
  return undefined;
}
