import { refuseValue } from "../../engine/index.ts";
import { type FieldKind, fieldColumnTypes, isFieldKind, isNumberKind } from "./field-kinds.ts";

/** One field of a script's own, as its author declared it: a value for each entity that carries the script. */
export interface ScriptField {
  readonly name: string;
  readonly kind: FieldKind;
  /** What an entity starts with. */
  readonly default: number;
  /** What editors offer at least and most; undefined where the author didn't say. Scripts may go beyond. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** For inspectors; empty when none was given. */
  readonly doc: string;
}

/** Most fields of one script. */
export const maxScriptFields = 32;
/** Longest name and doc, in UTF-16 units; docs beyond it are cut. */
export const maxFieldNameChars = 64;
export const maxFieldDocChars = 500;

const namePattern = /^[a-z][A-Za-z0-9]*$/;

/** Why a field can't be so, or undefined when it can. Takes values of any type. */
export function refuseScriptField(
  field: { readonly [K in keyof ScriptField]: unknown },
): string | undefined {
  const { name, kind, min, max, doc } = field;
  if (typeof name !== "string" || !namePattern.test(name) || name.length > maxFieldNameChars) {
    return `a field's name must be like "maxSpeed", of at most ${maxFieldNameChars} letters and digits`;
  }
  if (!isFieldKind(kind)) return `${name}: there is no such kind of field`;
  if (typeof doc !== "string" || doc.length > maxFieldDocChars) {
    return `${name}: its doc must be a text of at most ${maxFieldDocChars} characters`;
  }
  if (!isNumberKind(kind)) {
    const isBool = kind === "bool" && field.default === 1;
    if (field.default !== 0 && !isBool)
      return `${name}: ${describe(field.default)} can't be its default`;
    return min === undefined && max === undefined ? undefined : `${name}: it can't have a range`;
  }
  for (const [what, value] of [
    ["default", field.default],
    ["least value", min],
    ["greatest value", max],
  ] as const) {
    if (value === undefined && what !== "default") continue;
    const problem = Number.isFinite(value)
      ? refuseValue(fieldColumnTypes[kind], value)
      : `${describe(value)} is not a finite number`;
    if (problem !== undefined) return `${name}: its ${what} ${problem}`;
  }
  const [least, start, most] = [min ?? -Infinity, field.default, max ?? Infinity] as number[];
  if (!((least as number) <= (start as number) && (start as number) <= (most as number))) {
    return `${name}: its default ${describe(start)} isn't between ${describe(least)} and ${describe(most)}`;
  }
  return undefined;
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
