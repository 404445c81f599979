import { type Component, vectorOf } from "../../engine/index.ts";
import { hostPrices } from "../host/prices.ts";
import { hostFunction } from "./bindings-text.ts";

/** A query as bindings show it. */
interface QueryFunction {
  readonly name: "count" | "at" | "nearest" | "within";
  readonly signature: string;
  readonly doc: string;
}

const members: readonly QueryFunction[] = [
  {
    name: "count",
    signature: "(): i32_",
    doc:
      "How many entities have this component; those given it in this frame not counted yet. Costs " +
      `${hostPrices["component.count"].fuel}\nfuel.`,
  },
  {
    name: "at",
    signature: "(n: i32_): Entity",
    doc: `The n-th of those entities, from 0 to count() - 1. Costs ${hostPrices["component.at"].fuel} fuel.`,
  },
];

const searchCost =
  "Others are where they were when the frame's scripts began.\n" +
  `Costs ${hostPrices["component.nearest"].fuel} fuel, ${hostPrices["query.item"].fuel} for each entity ` +
  `looked at and ${hostPrices["query.row"].fuel} for each row of cells.`;

const searches: readonly QueryFunction[] = [
  {
    name: "nearest",
    signature: "(to: Entity, within: f32_): Entity",
    doc: `The nearest other entity with this component; noEntity when none is so near. ${searchCost}`,
  },
  {
    name: "within",
    signature: "(around: Entity, radius: f32_): i32_",
    doc:
      "How many other entities with this component are at most so far away; found(n) gives them.\n" +
      searchCost,
  },
];

/** Says what the types in queries are, where fields may be called like types. */
export function queryTypes(components: readonly Component[], searchable: boolean): string[] {
  if (components.length === 0) return [];
  return [`type i32_ = i32;\n${searchable ? "type f32_ = f32;\n" : ""}`];
}

/** The queries of a component, but those that one of its fields is called like. */
export function queryFunctions({ name, fields }: Component, searchable: boolean): string[] {
  return [...members, ...(searchable ? searches : [])]
    .filter((query) => fields.every((field) => (vectorOf(field.name) ?? field.name) !== query.name))
    .map(({ name: query, signature, doc }) =>
      hostFunction(doc, `@external("component", "${name}.${query}")`, `${query}${signature}`),
    );
}
