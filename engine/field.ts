import { type ColumnType, columnTypes, isColumnType, refuseValue } from "./columns.ts";
import {
  isVectorSpec,
  type VectorPart,
  type VectorSpec,
  type VectorType,
  vectorColumns,
  vectorTypes,
} from "./vector.ts";

/** How a field is declared: its column type alone, or with a default (0 when none) and a doc. */
export type FieldSpec =
  | ColumnType
  | { readonly type: ColumnType; readonly default?: number; readonly doc?: string };

/** The fields of a component as declared, in order. */
export type Fields = Readonly<Record<string, FieldSpec | VectorSpec>>;

/** What is declared as a field, by its type. */
export type TypeOf<S> = S extends { readonly type: infer T } ? T : S;

/** Names of the columns that a declared field has: its own, or `velocity.x` and `velocity.y` of a vector. */
export type ColumnName<K, S> = K extends string
  ? TypeOf<S> extends infer T
    ? T extends VectorType
      ? `${K}.${VectorPart<T>}`
      : K
    : never
  : never;

/** Values for some of the fields; the others keep their default. Of a vector by part: `{ "velocity.x": 1 }`. */
export type Values<F extends Fields = Fields> = {
  readonly [K in keyof F as ColumnName<K, F[K]>]?: number;
};

/** One field of a component or message, or one part of a component's vector. */
export interface Field {
  /** As declared; of a part with its vector's, `velocity.x`. */
  readonly name: string;
  readonly type: ColumnType;
  /** What a new component starts with, and a message has where nothing is said. */
  readonly default: number;
  /** For authors and tools; empty when none was given. */
  readonly doc: string;
}

/** What has a name and fields. */
export interface Fielded {
  readonly name: string;
  readonly fields: readonly Field[];
}

const typeName = /^[A-Z][A-Za-z0-9]*$/;
const fieldName = /^[a-z][A-Za-z0-9]*$/;

/** bitECS takes an object with one of these for a component with its data. */
const bitecsNames: readonly string[] = ["component", "data"];

/**
 * Checks the name of a component, a prefab, a message or a query.
 * @throws TypeError unless it is in PascalCase, of ASCII letters and digits.
 */
export function checkTypeName(what: string, name: string): void {
  if (typeof name !== "string" || !typeName.test(name)) {
    throw new TypeError(`${what} name "${name}" must be like "Position": ${typeName.source}`);
  }
}

/**
 * Reads declared fields.
 * @param what they are of: "component".
 * @param operations names that scripts know something else by.
 * @throws TypeError for a bad name or type, RangeError for a default that doesn't fit.
 */
export function readFields(
  what: string,
  owner: string,
  fields: Fields,
  operations: readonly string[],
): readonly Field[] {
  // `{ __proto__: "f32" }` sets a prototype instead of a field, and would be lost in silence.
  const prototype: unknown = Object.getPrototypeOf(fields);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`fields of ${owner} must be a plain object without a prototype of its own`);
  }
  const list = Object.entries(fields).flatMap(([name, spec]) => {
    const refusal = refuseFieldName(what, name, operations);
    if (refusal !== undefined) throw new TypeError(`field name ${owner}.${name} ${refusal}`);
    const where = `${owner}.${name}`;
    return isVectorSpec(spec) ? readVector(where, name, spec) : [readField(where, name, spec)];
  });
  return Object.freeze(list);
}

/**
 * Checks values against fields.
 * @throws TypeError naming an unknown field, RangeError naming a value that doesn't fit.
 */
export function checkValues(owner: Fielded, values: Values): void {
  const { fields } = owner;
  let given = 0;
  for (let at = 0; at < fields.length; at++) {
    const { name, type } = fields[at] as Field;
    if (!Object.hasOwn(values, name)) continue;
    given++;
    const problem = refuseValue(type, values[name]);
    if (problem !== undefined) throw new RangeError(`${owner.name}.${name}: ${problem}`);
  }
  const names = Object.keys(values);
  if (names.length === given) return;
  const known = fields.map(({ name }) => name);
  const stray = names.find((name) => !known.includes(name)) ?? "";
  throw new TypeError(
    `${owner.name} has no field "${stray}"; it has: ${known.join(", ") || "none"}`,
  );
}

function refuseFieldName(
  what: string,
  name: string,
  operations: readonly string[],
): string | undefined {
  if (!fieldName.test(name)) return `must be like "maxSpeed": ${fieldName.source}`;
  if (name in Object.prototype) return "is a property of every object";
  if (bitecsNames.includes(name)) return "has a meaning of its own to bitECS";
  if (operations.includes(name)) return `is an operation on the ${what} itself`;
  return undefined;
}

function readField(where: string, name: string, spec: FieldSpec): Field {
  const given = typeof spec === "string" ? { type: spec } : spec;
  if (!isColumnType(given.type)) {
    const known = [...columnTypes, ...vectorTypes].join(", ");
    throw new TypeError(`${where}: unknown type "${String(given.type)}"; known: ${known}`);
  }
  const initial = given.default ?? 0;
  const problem = refuseValue(given.type, initial);
  if (problem !== undefined) throw new RangeError(`${where}: default ${problem}`);
  if (given.type === "entity" && initial !== 0) {
    throw new RangeError(`${where}: the default of an entity field can only be 0, no entity`);
  }
  return Object.freeze({ name, type: given.type, default: initial, doc: given.doc ?? "" });
}

/** A field for each part. */
function readVector(where: string, vector: string, spec: VectorSpec): readonly Field[] {
  const doc = typeof spec === "string" ? "" : (spec.doc ?? "");
  return vectorColumns(where, vector, spec).map(({ name, default: initial }) =>
    Object.freeze({ name, type: "f32", default: initial, doc }),
  );
}
