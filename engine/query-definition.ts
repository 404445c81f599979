import { checkTypeName } from "./field.ts";
import { type QueryTerm, sortTerms } from "./terms.ts";

/** A query by a name, as scripts and script systems know it. It holds no data; `world.query(definition.terms)` does. */
export interface QueryDefinition {
  readonly name: string;
  readonly terms: readonly QueryTerm[];
  /** For authors and tools; empty when none was given. */
  readonly doc: string;
}

export interface QueryDefinitionOptions {
  readonly doc?: string;
}

/**
 * Gives a query a name: `defineQuery("Targets", [Position, Or(Enemy, Boss), Not(Frozen)])`.
 * @param name in PascalCase; unique among a script system's queries.
 * @param terms as for `World.query`.
 * @throws TypeError for a bad name or term, or without a component that members have.
 */
export function defineQuery(
  name: string,
  terms: readonly QueryTerm[],
  { doc = "" }: QueryDefinitionOptions = {},
): QueryDefinition {
  checkTypeName("query", name);
  sortTerms(`query ${name}`, terms);
  return Object.freeze({ name, terms: Object.freeze([...terms]), doc });
}
