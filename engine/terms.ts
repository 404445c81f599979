import type { Component } from "./component.ts";

/** What a query asks of its members besides single components: see {@link Not} and {@link Or}. */
export interface QueryOperator {
  readonly operator: "Not" | "Or";
  readonly components: readonly Component[];
}

/** What a query asks of its members: a component that they have, or an operator. */
export type QueryTerm = Component | QueryOperator;

/**
 * A query's members have none of these: `world.query([Position, Not(Frozen)])`.
 * @throws TypeError without a component, or for what is none.
 */
export function Not(...components: readonly Component[]): QueryOperator {
  return operator("Not", components);
}

/**
 * A query's members have at least one of these: `world.query([Position, Or(Enemy, Boss)])`. Each `Or` of a query has
 * to hold by itself; bitECS's own queries take several for one.
 * @throws TypeError without a component, or for what is none.
 */
export function Or(...components: readonly Component[]): QueryOperator {
  return operator("Or", components);
}

/** Terms by what they ask for. */
export interface SortedTerms<T> {
  /** Members have all of them, */
  readonly all: readonly T[];
  /** one at least of each list, */
  readonly any: readonly (readonly T[])[];
  /** and none of these. */
  readonly none: readonly T[];
}

/**
 * Sorts terms; each list holds a component once. A list of one counts as that component.
 * @param what the terms are of: "query Targets".
 * @throws TypeError for what is no term, and for terms that want nothing of who is a member.
 */
export function sortTerms(what: string, terms: readonly QueryTerm[]): SortedTerms<Component> {
  const all = new Set<Component>();
  const none = new Set<Component>();
  const any: (readonly Component[])[] = [];
  if (!Array.isArray(terms)) throw new TypeError(`${what} needs a list of terms`);
  for (const term of terms as readonly QueryTerm[]) {
    if (isComponent(term)) all.add(term);
    else if (!isOperator(term)) throw new TypeError(`${what} has a term that is ${shown(term)}`);
    else if (term.operator === "Not") for (const one of term.components) none.add(one);
    else if (term.components.length === 1) all.add(term.components[0] as Component);
    else any.push(term.components);
  }
  if (all.size + any.length === 0) {
    throw new TypeError(`${what} needs at least one component that members have, or an Or`);
  }
  return { all: [...all], any, none: [...none] };
}

/** Whether something meets sorted terms, by which parts of them it has. Allocates nothing. */
export function meetsTerms<T>(
  { all, any, none }: SortedTerms<T>,
  has: (index: number, part: T) => boolean,
  index: number,
): boolean {
  for (let i = 0; i < all.length; i++) if (!has(index, all[i] as T)) return false;
  for (let i = 0; i < none.length; i++) if (has(index, none[i] as T)) return false;
  for (let i = 0; i < any.length; i++) {
    const list = any[i] as readonly T[];
    let at = 0;
    while (at < list.length && !has(index, list[at] as T)) at++;
    if (at === list.length) return false;
  }
  return true;
}

/** The components that terms name, those that members lack included. @throws TypeError like `World.query`. */
export function componentsOf(terms: readonly QueryTerm[]): readonly Component[] {
  return partsOf(sortTerms("a query", terms));
}

/** Everything that sorted terms name, once. */
export function partsOf<T>({ all, any, none }: SortedTerms<T>): readonly T[] {
  return [...new Set([...all, ...any.flat(), ...none])];
}

function operator(name: "Not" | "Or", components: readonly Component[]): QueryOperator {
  if (components.length === 0) throw new TypeError(`${name} needs at least one component`);
  const stray = components.find((component) => !isComponent(component));
  if (stray !== undefined) throw new TypeError(`${name} takes components, not ${shown(stray)}`);
  return Object.freeze({ operator: name, components: Object.freeze([...new Set(components)]) });
}

function isComponent(term: unknown): term is Component {
  return typeof term === "object" && term !== null && "fields" in term && "marker" in term;
}

function isOperator(term: unknown): term is QueryOperator {
  return typeof term === "object" && term !== null && "operator" in term && "components" in term;
}

function shown(term: unknown): string {
  if (isOperator(term)) return `another operator, ${term.operator}`;
  return typeof term === "object" && term !== null ? "no component" : String(term);
}
