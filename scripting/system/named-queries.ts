import { componentsOf, type QueryDefinition, type World } from "../../engine/index.ts";
import type { NamedQueries } from "../host/query.ts";

/**
 * Queries by name, once each of them can be asked for in a world.
 * @throws TypeError for two of one name, and for a component that isn't the world's.
 */
export function namedQueries(world: World, queries: readonly QueryDefinition[]): NamedQueries {
  const named = new Map<string, QueryDefinition>();
  for (const query of queries) {
    if (named.has(query.name)) throw new TypeError(`two queries are named ${query.name}`);
    checkQuery(world, query);
    named.set(query.name, query);
  }
  return named;
}

/** @throws TypeError for a query that can't be asked for in a world, that names it and the component. */
export function checkQuery(world: World, { name, terms }: QueryDefinition): void {
  for (const component of componentsOf(terms)) {
    if (component.marker || world.components.get(component.name) === component) continue;
    throw new TypeError(
      `query ${name}: component ${component.name} is not registered in this world`,
    );
  }
}
