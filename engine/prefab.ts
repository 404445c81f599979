import type { Component } from "./component.ts";
import { checkTypeName, checkValues, type Fields, type Values } from "./field.ts";

/** A component together with values for some of its fields. */
export interface ValuedComponent {
  readonly component: Component;
  readonly values: Values;
}

/** A component with its defaults, or one with values. */
export type PrefabPart = Component | ValuedComponent;

/** A recipe for an entity: which components it starts with, and their values. */
export interface Prefab {
  readonly name: string;
  readonly parts: readonly ValuedComponent[];
}

const noValues: Values = Object.freeze({});

/** Either kind of part as a component with values. */
export function toValued(part: PrefabPart): ValuedComponent {
  return "component" in part ? part : { component: part, values: noValues };
}

/**
 * A component with values for some of its fields, for `definePrefab` and `world.spawn`.
 * @throws TypeError naming an unknown field, RangeError naming a value that doesn't fit.
 */
export function withValues<F extends Fields>(
  component: Component<F>,
  values: Values<F>,
): ValuedComponent {
  checkValues(component, values);
  return Object.freeze({ component, values: Object.freeze({ ...values }) });
}

/**
 * Defines a prefab.
 * @param name in PascalCase; unique in a world.
 * @throws TypeError for a bad name, or for a component listed twice.
 */
export function definePrefab(name: string, parts: readonly PrefabPart[]): Prefab {
  checkTypeName("prefab", name);
  const seen = new Set<Component>();
  const valued = parts.map(toValued);
  for (const { component } of valued) {
    if (seen.has(component)) throw new TypeError(`prefab ${name} lists ${component.name} twice`);
    seen.add(component);
  }
  return Object.freeze({ name, parts: Object.freeze(valued) });
}
