import { checkTypeName, type Field, type FieldSpec, readFields } from "./field.ts";
import { vectorOf } from "./vector.ts";

/** A kind of message that scripts and the game send to entities. It holds no data. */
export interface Message<N extends string = string> {
  readonly name: string;
  readonly fields: readonly Field[];
  /** What each field is where nothing is said. */
  readonly defaults: Readonly<Record<N, number>>;
  /** For authors and tools; empty when none was given. */
  readonly doc: string;
}

export interface MessageOptions {
  readonly doc?: string;
}

/** What a script does with a message as a whole: `Hit.send(e)`. */
const operationNames: readonly string[] = ["send", "is"];

/**
 * Defines a kind of message: `defineMessage("Hit", { damage: "f32", from: "entity" })`.
 * @param name in PascalCase; unique among a script system's messages and its world's components.
 * @param fields in camelCase, as a component's, but no vectors; `{}` for a mere signal.
 * @throws TypeError for a bad name or type, RangeError for a default that doesn't fit.
 */
export function defineMessage<const F extends Readonly<Record<string, FieldSpec>>>(
  name: string,
  fields: F,
  { doc = "" }: MessageOptions = {},
): Message<keyof F & string> {
  checkTypeName("message", name);
  const list = readFields("message", name, fields, operationNames);
  for (const field of list) {
    const vector = vectorOf(field.name);
    if (vector === undefined) continue;
    throw new TypeError(
      `${name}.${vector}: a message can't hold a vector; give it a field for each part`,
    );
  }
  const defaults = Object.fromEntries(list.map((field) => [field.name, field.default]));
  return Object.freeze({
    name,
    fields: list,
    defaults: Object.freeze(defaults as Record<keyof F & string, number>),
    doc,
  });
}
