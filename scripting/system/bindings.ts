import {
  type Component,
  type Field,
  type Message,
  type Prefab,
  type QueryDefinition,
  vectorOf,
} from "../../engine/index.ts";
import { scriptTypes } from "../fields/guest-types.ts";
import type { Positions } from "../host/neighbours.ts";
import { messageClass } from "./bindings-message.ts";
import { queryFunctions, queryNamespace, queryTypes } from "./bindings-query.ts";
import {
  byName,
  checkFieldWord,
  docComment,
  fieldDoc,
  hostFunction,
  indented,
} from "./bindings-text.ts";

/** What generated bindings begin with, and nothing else does. */
export const bindingsMark = "// Generated from the game's components and prefabs.";

export interface BindingsOptions {
  /** The command that writes the file again, for its header. Default `npm run bindings`. */
  readonly command?: string;
  /** Those that scripts send and get, as they are given to the script system. Default: none. */
  readonly messages?: Iterable<Message>;
  /** Those that scripts know by name, as they are given to the script system. Default: none. */
  readonly queries?: Iterable<QueryDefinition>;
  /** Where entities are, as it is given to the script system. Default: scripts can't ask. */
  readonly positions?: Positions;
}

/** What the generated file itself uses in the place where components stand. */
const takenNames: readonly string[] = ["Entity", "Prefab", "Query"];

/**
 * The AssemblyScript module through which scripts see a game's components, prefabs, messages and queries, usually
 * written to `scripts/components.ts`. A field hides the query of its name (`count`, `at`, `nearest`, `within`). It depends on the definitions alone, not on their order.
 * @throws TypeError for a name that AssemblyScript has no room for.
 */
export function generateBindings(
  components: Iterable<Component>,
  prefabs: Iterable<Prefab> = [],
  { command = "npm run bindings", messages = [], queries = [], positions }: BindingsOptions = {},
): string {
  const sorted = byName(components).filter((component) => !component.marker);
  const spawnable = byName(prefabs);
  const sendable = byName(messages);
  const named = byName(queries);
  const searchable = positions !== undefined;
  for (const { name } of sendable) {
    if (takenNames.includes(name) || sorted.some((component) => component.name === name)) {
      throw new TypeError(`a message can't be called ${name} in scripts: something else is`);
    }
  }
  const blocks = [
    `${bindingsMark} Don't edit; write it again with:\n//   ${command}\n`,
    'import { Entity } from "fusewire/sdk";\n',
    ...queryTypes(sorted, named, searchable),
    ...sorted.map((component) => componentNamespace(component, searchable)),
    ...(spawnable.length === 0 ? [] : [prefabNamespace(spawnable)]),
    ...(named.length === 0 ? [] : [queryNamespace(named, searchable)]),
    ...sendable.map(messageClass),
    ...sorted.flatMap((component) => component.fields.map((f) => columnClass(component, f))),
  ];
  return blocks.join("\n");
}

function componentNamespace(component: Component, searchable: boolean): string {
  const { name } = component;
  if (takenNames.includes(name))
    throw new TypeError(`a component can't be called ${name} in scripts`);
  const parts = [
    ...fieldParts(component),
    hostFunction(
      "Whether the entity has this component, or was given it in this frame.",
      `@external("component", "${name}.has")`,
      "has(entity: Entity): bool",
    ),
    hostFunction(
      "Gives the entity this component. Its fields can be used at once; all else sees it when every\n" +
        "script has run this frame.",
      `@external("component", "${name}.add")`,
      "add(entity: Entity): void",
    ),
    hostFunction(
      "Takes this component from the entity when every script has run this frame.",
      `@external("component", "${name}.remove")`,
      "remove(entity: Entity): void",
    ),
    ...queryFunctions(component, searchable),
  ];
  const doc = component.doc === "" ? `The component ${name}.` : component.doc;
  return `${docComment(doc, "")}export namespace ${name} {\n${parts.join("\n")}}\n`;
}

/** The fields of a component, in order; those of a vector in a namespace of its name. */
function fieldParts(component: Component): string[] {
  const { fields, name } = component;
  return fields.flatMap((field, at) => {
    const vector = vectorOf(field.name);
    checkFieldWord(name, vector ?? field.name);
    if (vector === undefined) return [columnConstant(component, field, field.name)];
    if (at > 0 && vectorOf((fields[at - 1] as Field).name) === vector) return [];
    const parts = fields.filter((part) => vectorOf(part.name) === vector);
    const constants = parts.map((part) =>
      indented(columnConstant(component, { ...part, doc: "" }, part.name.slice(vector.length + 1))),
    );
    const doc = field.doc === "" ? `A vector of ${parts.length}.` : field.doc;
    return [`${docComment(doc, "  ")}  export namespace ${vector} {\n${constants.join("")}  }\n`];
  });
}

function columnConstant(component: Component, field: Field, name: string): string {
  const type = columnType(component, field);
  return (
    docComment(fieldDoc(field, `${field.default} at first`), "  ") +
    "  // @ts-ignore: decorator\n" +
    `  @inline export const ${name}: ${type} = changetype<${type}>(0);\n`
  );
}

/** What the type of a column is called; nothing else has an underscore. */
function columnType({ name }: Component, field: Field): string {
  return `${name}_${field.name.replace(".", "_")}`;
}

function prefabNamespace(prefabs: readonly Prefab[]): string {
  const parts = prefabs.map(({ name }) => {
    const spawn = hostFunction(
      `A new ${name}. Its fields can be used at once; all else sees it when every script has run this\n` +
        "frame. When the call that spawned it is stopped, it never was.",
      `@external("prefab", "${name}.spawn")`,
      "spawn(): Entity",
    );
    return `  export namespace ${name} {\n${indented(spawn)}  }\n`;
  });
  return `/** The kinds of entity that scripts can spawn. */\nexport namespace Prefab {\n${parts.join("\n")}}\n`;
}

/**
 * The type of one column: no object, only what `[]` and `[]=` mean on it. The operators are AssemblyScript's, the
 * index signature is TypeScript's, for editors; AssemblyScript takes no name but `key` there.
 */
function columnClass(component: Component, field: Field): string {
  const name = columnType(component, field);
  const type = scriptTypes[field.type];
  const path = `${component.name}.${field.name}`;
  return `// @ts-ignore: decorator
@external("component", "${path}.get")
declare function ${name}_get(entity: Entity): ${type};
// @ts-ignore: decorator
@external("component", "${path}.set")
declare function ${name}_set(entity: Entity, value: ${type}): void;
@final @unmanaged
class ${name} {
  [key: Entity]: ${type};
  @inline @operator("[]") protected get(entity: Entity): ${type} { return ${name}_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: ${type}): void { ${name}_set(entity, value); }
}
`;
}
