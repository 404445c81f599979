import { type ColumnArrays, type ColumnType, columnArrayName, isColumnOf } from "./columns.ts";
import {
  type ColumnName,
  checkTypeName,
  type Field,
  type Fields,
  readFields,
  type TypeOf,
} from "./field.ts";

type ArrayOf<T> = T extends ColumnType ? ColumnArrays[T] : Float32Array;

/**
 * The columns of a component: one typed array for each field, and for each part of a vector, by its full name:
 * `columns["velocity.x"]`.
 */
export type Columns<F extends Fields = Fields> = {
  readonly [K in keyof F as ColumnName<K, F[K]>]: ArrayOf<TypeOf<F[K]>>;
};

/**
 * A component's definition. It holds no data: each world makes its own columns for it, or takes
 * over those in `store`.
 */
export interface Component<F extends Fields = Fields> {
  readonly name: string;
  /** In the order of declaration; of a vector each part. */
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

/** What a script does to a component as a whole: `Position.has(e)`. */
const operationNames: readonly string[] = ["has", "add", "remove"];

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
 * @param fields in camelCase; `{}` for a tag. Two to four f32 can share a name, `{ velocity: "vec2" }`: scripts say
 * `Body.velocity.x[e]`, and to the game and in policies its parts are the fields `velocity.x` and `velocity.y`.
 * @throws TypeError for a bad name, type or store, RangeError for a default that doesn't fit.
 */
export function defineComponent<const F extends Fields>(
  name: string,
  fields: F,
  options: ComponentOptions<F> = {},
): Component<F> {
  checkTypeName("component", name);
  const list = readFields("component", name, fields, operationNames);
  if (options.store !== undefined) checkStore(name, list, options.store);
  return Object.freeze({
    name,
    fields: list,
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
