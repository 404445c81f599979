import { type Component, type QueryDefinition, vectorOf } from "../../engine/index.ts";
import { hostPrices } from "../host/prices.ts";
import { docComment, hostFunction, indented } from "./bindings-text.ts";

/** What scripts ask of the members of a component, or of a query. */
type Question = "count" | "at" | "has" | "nearest" | "within";

/** A question as bindings show it. */
interface QueryFunction {
  readonly name: Question;
  readonly signature: string;
  readonly doc: string;
}

/** @param whose what is said of a member: "with this component". */
function members(whose: string, unless: string): readonly QueryFunction[] {
  return [
    {
      name: "count",
      signature: "(): i32_",
      doc: `How many entities ${whose}; those ${unless} in this frame not counted yet. Costs ${hostPrices["component.count"].fuel}\nfuel.`,
    },
    {
      name: "at",
      signature: "(n: i32_): Entity",
      doc: `The n-th of those entities, from 0 to count() - 1. Costs ${hostPrices["component.at"].fuel} fuel.`,
    },
  ];
}

const has: QueryFunction = {
  name: "has",
  signature: "(entity: Entity): bool",
  doc:
    "Whether the entity is in this query; what scripts have asked for in this frame doesn't show yet. Costs\n" +
    `${hostPrices["component.has"].fuel} fuel.`,
};

const searchCost =
  "Others are where they were when the frame's scripts began.\n" +
  `Costs ${hostPrices["component.nearest"].fuel} fuel, ${hostPrices["query.item"].fuel} for each entity ` +
  `looked at and ${hostPrices["query.row"].fuel} for each row of cells.`;

/** @param whose what is said of a member: "with this component". */
function searches(whose: string): readonly QueryFunction[] {
  return [
    {
      name: "nearest",
      signature: "(to: Entity, within: f32_): Entity",
      doc: `The nearest other entity ${whose}; noEntity when none is so near. ${searchCost}`,
    },
    {
      name: "within",
      signature: "(around: Entity, radius: f32_): i32_",
      doc:
        `How many other entities ${whose} are at most so far away; found(n) gives them.\n` +
        searchCost,
    },
  ];
}

const ofComponents: readonly QueryFunction[] = members("have this component", "given it");
const nearComponents = searches("with this component");
const ofQueries: readonly QueryFunction[] = [...members("are in this query", "that join it"), has];
const nearQueries = searches("in this query");

/** Says what the types in queries are, where fields may be called like types. */
export function queryTypes(
  components: readonly Component[],
  queries: readonly QueryDefinition[],
  searchable: boolean,
): string[] {
  if (components.length + queries.length === 0) return [];
  return [`type i32_ = i32;\n${searchable ? "type f32_ = f32;\n" : ""}`];
}

/** The queries of a component, but those that one of its fields is called like. */
export function queryFunctions({ name, fields }: Component, searchable: boolean): string[] {
  return [...ofComponents, ...(searchable ? nearComponents : [])]
    .filter((query) => fields.every((field) => (vectorOf(field.name) ?? field.name) !== query.name))
    .map((query) => declared("component", name, query));
}

/** The named queries: `Query.Targets.count()`. */
export function queryNamespace(queries: readonly QueryDefinition[], searchable: boolean): string {
  const parts = queries.map((query) => {
    const functions = [...ofQueries, ...(searchable ? nearQueries : [])];
    const texts = functions.map((each) => indented(declared("query", query.name, each)));
    const doc = query.doc === "" ? `The query ${query.name}.` : query.doc;
    return `${docComment(doc, "  ")}  export namespace ${query.name} {\n${texts.join("\n")}  }\n`;
  });
  const said = "/** The kinds of entity that scripts can go through and search. */\n";
  return `${said}export namespace Query {\n${parts.join("\n")}}\n`;
}

function declared(module: string, owner: string, { name, signature, doc }: QueryFunction): string {
  return hostFunction(doc, `@external("${module}", "${owner}.${name}")`, `${name}${signature}`);
}
