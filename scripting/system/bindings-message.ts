import type { Message } from "../../engine/index.ts";
import { scriptTypes } from "../fields/guest-types.ts";
import { checkFieldWord, docComment, fieldDoc } from "./bindings-text.ts";

/** A message as scripts see it: `M.send(…)`, and in `onMessage` `M.is` and its fields. */
export function messageClass({ name, fields, doc }: Message): string {
  for (const field of fields) checkFieldWord(name, field.name);
  // A field may be called like this, too.
  const target = fields.some((field) => field.name === "target") ? "to_" : "target";
  const params = [
    `${target}: Entity`,
    ...fields.map((field) => `${field.name}: ${scriptTypes[field.type]}`),
  ].join(", ");
  const passed = [target, ...fields.map((field) => field.name)].join(", ");
  const members = [
    member(
      "Sends this to the entity: each of its scripts gets it in the next frame, before any onUpdate. When the\n" +
        "call that sent it is stopped, it never was.",
      `static send(${params}): void { ${name}_send(${passed}); }`,
    ),
    member(
      "Whether this is the message that onMessage runs for.",
      `static get is(): bool { return ${name}_is(); }`,
    ),
    ...fields.map((field) =>
      member(
        fieldDoc(field) || `The message's ${field.name}.`,
        `static get ${field.name}(): ${scriptTypes[field.type]} { return ${name}_get_${field.name}(); }`,
      ),
    ),
  ];
  const externals = [
    external(`${name}.send`, `${name}_send(${params}): void`),
    external(`${name}.is`, `${name}_is(): bool`),
    ...fields.map((field) =>
      external(`${name}.${field.name}`, `${name}_get_${field.name}(): ${scriptTypes[field.type]}`),
    ),
  ];
  const said = docComment(doc === "" ? `The message ${name}.` : doc, "");
  return `${said}export abstract class ${name} {\n${members.join("\n")}}\n${externals.join("")}`;
}

function member(doc: string, text: string): string {
  return `${docComment(doc, "  ")}  // @ts-ignore: decorator\n  @inline ${text}\n`;
}

function external(name: string, signature: string): string {
  return `// @ts-ignore: decorator\n@external("message", "${name}")\ndeclare function ${signature};\n`;
}
