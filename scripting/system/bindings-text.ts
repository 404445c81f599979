import type { ColumnType, Field } from "../../engine/index.ts";

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

const reservedWords: ReadonlySet<string> = new Set(
  (
    "async await break case catch class const continue debugger default delete do else enum export " +
    "extends false finally for function if implements import in instanceof interface let new " +
    "null of package private protected public return static super switch this throw true try " +
    "typeof var void while with yield"
  ).split(" "),
);

/** @throws TypeError for a field that scripts couldn't name. */
export function checkFieldWord(owner: string, field: string): void {
  if (!reservedWords.has(field)) return;
  throw new TypeError(`${owner}.${field}: the word "${field}" is reserved in scripts`);
}

/** What is said of a field: its own doc, and what it holds. `rest` is said of numbers. */
export function fieldDoc({ doc, type }: Field, rest = ""): string {
  const kind = type === "entity" || rest === "" ? kinds[type] : `${kinds[type]}, ${rest}`;
  return [doc, kind]
    .filter((part) => part !== "")
    .map(sentence)
    .join(" ");
}

/** A declared host function of a namespace. */
export function hostFunction(doc: string, decorator: string, signature: string): string {
  return (
    docComment(doc, "  ") +
    "  // @ts-ignore: decorator\n" +
    `  ${decorator} export declare function ${signature};\n`
  );
}

/** A doc comment of one or more lines. */
export function docComment(text: string, indent: string): string {
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

export function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

/** Sorted, so that the order of definitions says nothing. */
export function byName<T extends { readonly name: string }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
