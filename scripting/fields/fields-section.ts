import { AdmissionError } from "../errors.ts";
import { SectionId, type WasmModule } from "../wasm/module.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { maxScriptFields, refuseScriptField, type ScriptField } from "./script-field.ts";

/** Custom section in which a module lists its fields: JSON, an array of {@link ScriptField}. */
const fieldsSection = "fusewire.fields";

/** Enough for all fields with docs of full length. */
const maxSectionBytes = 65_536;

/** A compiled module with the section behind everything else; as it is when there are no fields. */
export function withFields(
  bytes: Uint8Array<ArrayBuffer>,
  fields: readonly ScriptField[],
): Uint8Array<ArrayBuffer> {
  if (fields.length === 0) return bytes;
  const text = new TextEncoder().encode(JSON.stringify(fields));
  const content = new ByteWriter(text.length + 64);
  content.name(fieldsSection);
  content.copy(text, 0, text.length);
  const out = new ByteWriter(bytes.length + text.length + 64);
  out.copy(bytes, 0, bytes.length);
  out.section(SectionId.custom, content);
  return out.bytes.slice(0, out.length);
}

/** The fields that a module lists; none when it has no such section. @throws AdmissionError for what makes no sense. */
export function readFields({ sections, bytes }: WasmModule): readonly ScriptField[] {
  const section = sections.find((s) => s.id === SectionId.custom && s.name === fieldsSection);
  if (section === undefined) return [];
  const refuse = (why: string) =>
    new AdmissionError("malformed", section.dataStart, `section "${fieldsSection}": ${why}`);
  if (section.end - section.dataStart > maxSectionBytes) {
    throw refuse(`it has more than ${maxSectionBytes} bytes`);
  }
  let list: unknown;
  try {
    const text = bytes.subarray(section.dataStart, section.end);
    list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw refuse("it isn't JSON in UTF-8");
  }
  if (!Array.isArray(list) || list.length > maxScriptFields) {
    throw refuse(`it must be a list of at most ${maxScriptFields} fields`);
  }
  const names = new Set<string>();
  return Object.freeze(
    list.map((entry: unknown) => {
      const field = fieldOf(entry);
      const problem = refuseScriptField(field);
      if (problem !== undefined) throw refuse(problem);
      const checked = field as ScriptField;
      if (names.has(checked.name)) throw refuse(`two fields are called ${checked.name}`);
      names.add(checked.name);
      return Object.freeze(checked);
    }),
  );
}

/** What there is of a field in a value from outside. Getters can't be: it was JSON. */
function fieldOf(entry: unknown): { readonly [K in keyof ScriptField]: unknown } {
  const given: Partial<Record<keyof ScriptField, unknown>> =
    typeof entry === "object" && entry !== null && !Array.isArray(entry) ? entry : {};
  const own = (key: keyof ScriptField) => (Object.hasOwn(given, key) ? given[key] : undefined);
  return {
    name: own("name"),
    kind: own("kind"),
    default: own("default"),
    min: own("min"),
    max: own("max"),
    doc: own("doc"),
  };
}
