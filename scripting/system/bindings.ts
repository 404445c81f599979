import type { ColumnType, Component, Field, Prefab } from "../../engine/index.ts";

/** What generated bindings begin with, and nothing else does. */
export const bindingsMark = "// Generated from the game's components and prefabs.";

export interface BindingsOptions {
  /** The command that writes the file again, for its header. Default `npm run bindings`. */
  readonly command?: string;
}

/** How each column type looks to a script. Narrow integers are checked, not cut off, by the host. */
const scriptTypes: Readonly<Record<ColumnType, string>> = {
  f32: "f32",
  f64: "f64",
  i8: "i32",
  u8: "i32",
  i16: "i32",
  u16: "i32",
  i32: "i32",
  u32: "u32",
  entity: "Entity",
};

/** What an editor shows of a field's type, as `f32` and `i32` are both `number` to it. */
const kinds: Readonly<Record<ColumnType, string>> = {
  f32: "an f32",
  f64: "an f64",
  i8: "an i32 from -128 to 127",
  u8: "an i32 from 0 to 255",
  i16: "an i32 from -32768 to 32767",
  u16: "an i32 from 0 to 65535",
  i32: "an i32",
  u32: "a u32",
  entity: "an entity, or none",
};

/** What the generated file itself uses in the place where components stand. */
const takenNames: readonly string[] = ["Entity", "Prefab"];

const reservedWords: ReadonlySet<string> = new Set(
  (
    "async await break case catch class const continue debugger default delete do else enum export " +
    "extends false finally for function if implements import in instanceof interface let new " +
    "null of package private protected public return static super switch this throw true try " +
    "typeof var void while with yield"
  ).split(" "),
);

/**
 * The AssemblyScript module through which scripts see a game's components and prefabs, usually
 * written to `scripts/components.ts`. It depends on the definitions alone, not on their order.
 * @throws TypeError for a name that AssemblyScript has no room for.
 */
export function generateBindings(
  components: Iterable<Component>,
  prefabs: Iterable<Prefab> = [],
  { command = "npm run bindings" }: BindingsOptions = {},
): string {
  const sorted = byName(components).filter((component) => !component.marker);
  const spawnable = byName(prefabs);
  const blocks = [
    `${bindingsMark} Don't edit; write it again with:\n//   ${command}\n`,
    'import { Entity } from "fusewire/sdk";\n',
    ...sorted.map(componentNamespace),
    ...(spawnable.length === 0 ? [] : [prefabNamespace(spawnable)]),
    ...sorted.flatMap((component) => component.fields.map((f) => columnClass(component, f))),
  ];
  return blocks.join("\n");
}

function componentNamespace(component: Component): string {
  const { name } = component;
  if (takenNames.includes(name))
    throw new TypeError(`a component can't be called ${name} in scripts`);
  const parts = [
    ...component.fields.map((f) => columnConstant(component, f)),
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
  ];
  const doc = component.doc === "" ? `The component ${name}.` : component.doc;
  return `${docComment(doc, "")}export namespace ${name} {\n${parts.join("\n")}}\n`;
}

function columnConstant(component: Component, field: Field): string {
  if (reservedWords.has(field.name)) {
    throw new TypeError(
      `${component.name}.${field.name}: the word "${field.name}" is reserved in scripts`,
    );
  }
  const type = `${component.name}_${field.name}`;
  return (
    docComment(columnDoc(field), "  ") +
    "  // @ts-ignore: decorator\n" +
    `  @inline export const ${field.name}: ${type} = changetype<${type}>(0);\n`
  );
}

function columnDoc({ doc, type, default: initial }: Field): string {
  const kind = type === "entity" ? kinds.entity : `${kinds[type]}, ${initial} at first`;
  return [doc, kind]
    .filter((part) => part !== "")
    .map(sentence)
    .join(" ");
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
  const name = `${component.name}_${field.name}`;
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

function hostFunction(doc: string, decorator: string, signature: string): string {
  return (
    docComment(doc, "  ") +
    "  // @ts-ignore: decorator\n" +
    `  ${decorator} export declare function ${signature};\n`
  );
}

function docComment(text: string, indent: string): string {
  const lines = text.replaceAll("*/", "*\\/").split(/\r\n|[\n\r\u2028\u2029]/);
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

/** Ends a text with a full stop, so that another can follow it. */
function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

function byName<T extends { readonly name: string }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
