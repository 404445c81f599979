import {
  type ColumnArrays,
  type ColumnType,
  columnArrayName,
  columnTypes,
  isColumnOf,
  isColumnType,
  refuseValue,
} from "./columns.ts";

/** How a field is declared: its column type alone, or with a default (0 when none) and a doc. */
export type FieldSpec =
  | ColumnType
  | { readonly type: ColumnType; readonly default?: number; readonly doc?: string };

/** A component's fields as declared, in order. `{}` makes a tag. */
export type Fields = Readonly<Record<string, FieldSpec>>;

type TypeOf<S> = S extends ColumnType
  ? S
  : S extends { readonly type: infer T extends ColumnType }
    ? T
    : never;

/** The columns of a component: one typed array for each field. */
export type Columns<F extends Fields = Fields> = {
  readonly [K in keyof F]: ColumnArrays[TypeOf<F[K]>];
};

/** Values for some of a component's fields; the others keep their default. */
export type Values<F extends Fields = Fields> = { readonly [K in keyof F]?: number };

/** One field of a component. */
export interface Field {
  readonly name: string;
  readonly type: ColumnType;
  /** What a new component starts with. */
  readonly default: number;
  /** For authors and tools; empty when none was given. */
  readonly doc: string;
}

/**
 * A component's definition. It holds no data: each world makes its own columns for it, or takes
 * over those in `store`.
 */
export interface Component<F extends Fields = Fields> {
  readonly name: string;
  readonly fields: readonly Field[];
  /** For authors and tools; empty when none was given. */
  readonly doc: string;
  /** The columns to take over instead of making new ones. */
  readonly store: Columns<F> | undefined;
  /** True for a tag made by `defineMarker`: not listed by a world, needs no registration. */
  readonly marker: boolean;
}

export interface ComponentOptions<F extends Fields> {
  readonly doc?: string;
  /**
   * Typed arrays that a game already has, one for each field and each at least `maxEntities` long.
   * The object itself becomes the bitECS component, so existing bitECS queries on it go on working.
   */
  readonly store?: Columns<F>;
}

const componentName = /^[A-Z][A-Za-z0-9]*$/;
const fieldName = /^[a-z][A-Za-z0-9]*$/;

/** bitECS takes an object with one of these for a component with its data. */
const bitecsNames: readonly string[] = ["component", "data"];
/** What a script does to a component as a whole: `Position.has(e)`. */
const operationNames: readonly string[] = ["has", "add", "remove"];

/**
 * Checks the name of a component or a prefab.
 * @throws TypeError unless it is in PascalCase, of ASCII letters and digits.
 */
export function checkTypeName(what: string, name: string): void {
  if (typeof name !== "string" || !componentName.test(name)) {
    throw new TypeError(`${what} name "${name}" must be like "Position": ${componentName.source}`);
  }
}

function refuseFieldName(name: string): string | undefined {
  if (!fieldName.test(name)) return `must be like "maxSpeed": ${fieldName.source}`;
  if (name in Object.prototype) return "is a property of every object";
  if (bitecsNames.includes(name)) return "has a meaning of its own to bitECS";
  if (operationNames.includes(name)) return "is an operation on the component itself";
  return undefined;
}

function readField(component: string, name: string, spec: FieldSpec): Field {
  const where = `${component}.${name}`;
  const refusal = refuseFieldName(name);
  if (refusal !== undefined) throw new TypeError(`field name ${where} ${refusal}`);
  const given = typeof spec === "string" ? { type: spec } : spec;
  if (!isColumnType(given.type)) {
    const known = columnTypes.join(", ");
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

function checkStore(component: string, fields: readonly Field[], store: Columns): void {
  for (const { name, type } of fields) {
    const column: unknown = Object.hasOwn(store, name) ? store[name] : undefined;
    if (!isColumnOf(type, column)) {
      const found = Array.isArray(column)
        ? "a plain array"
        : (column?.constructor.name ?? "nothing");
      throw new TypeError(
        `store of ${component}: ${name} must be a ${columnArrayName(type)}, but is ${found}`,
      );
    }
  }
}

/**
 * Defines a component.
 * @param name in PascalCase; unique in a world.
 * @param fields in camelCase; `{}` for a tag.
 * @throws TypeError for a bad name, type or store, RangeError for a default that doesn't fit.
 */
export function defineComponent<const F extends Fields>(
  name: string,
  fields: F,
  options: ComponentOptions<F> = {},
): Component<F> {
  checkTypeName("component", name);
  // `{ __proto__: "f32" }` sets a prototype instead of a field, and would be lost in silence.
  const prototype: unknown = Object.getPrototypeOf(fields);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`fields of ${name} must be a plain object without a prototype of its own`);
  }
  const list = Object.entries(fields).map(([field, spec]) => readField(name, field, spec));
  if (options.store !== undefined) checkStore(name, list, options.store);
  return Object.freeze({
    name,
    fields: Object.freeze(list),
    doc: options.doc ?? "",
    store: options.store,
    marker: false,
  });
}

/**
 * A tag that a system uses for its own bookkeeping, such as "carries this script". It works like
 * any tag, but needs no registration, takes any label, isn't in `world.components`, and so can't
 * be seen by scripts. Two markers with the same label are different markers.
 */
export function defineMarker(label: string): Component<Record<never, never>> {
  return Object.freeze({ name: label, fields: [], doc: "", store: undefined, marker: true });
}

/**
 * Checks values against a component's fields.
 * @throws TypeError naming an unknown field, RangeError naming a value that doesn't fit.
 */
export function checkValues(component: Component, values: Values): void {
  for (const name of Object.keys(values)) {
    const field = component.fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      const known = component.fields.map((candidate) => candidate.name).join(", ") || "none";
      throw new TypeError(`${component.name} has no field "${name}"; it has: ${known}`);
    }
    const problem = refuseValue(field.type, values[name]);
    if (problem !== undefined) throw new RangeError(`${component.name}.${name}: ${problem}`);
  }
}
