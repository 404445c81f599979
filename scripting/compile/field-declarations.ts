import type * as Assemblyscript from "assemblyscript";
import { fieldCode, fieldCodeFolder, fieldVariable } from "../fields/field-code.ts";
import { fieldKinds, isFieldKind, isNumberKind } from "../fields/field-kinds.ts";
import {
  maxFieldDocChars,
  maxScriptFields,
  refuseScriptField,
  type ScriptField,
} from "../fields/script-field.ts";
import type { Toolchain } from "./asc.ts";
import { type Diagnostic, DiagnosticCode, placeOf } from "./diagnostics.ts";

type Source = Assemblyscript.Source;
type Declaration = Assemblyscript.VariableDeclaration;
type Call = Assemblyscript.CallExpression;

/** The fields of a script, and what is wrong with their declarations. */
export interface DeclaredFields {
  readonly fields: readonly ScriptField[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A declaration that has been found, `const speed = field.f32("speed", 2)`. */
interface Found {
  readonly source: Source;
  readonly declaration: Declaration;
  readonly call: Call;
  readonly kind: string;
}

/**
 * Finds the fields that a program's files declare, and puts code in the place of their declarations that reads and
 * writes them by host functions of their own: so a module's imports say which fields it accesses.
 *
 * To be called when all files are parsed, and before the program is initialised.
 */
export function declareFields({ asc }: Toolchain, program: Assemblyscript.Program): DeclaredFields {
  const fields: ScriptField[] = [];
  const diagnostics: Diagnostic[] = [];
  const places = new Map<string, Found>();
  // The list grows by what is generated.
  for (const source of [...program.sources]) {
    if (source.isLibrary) continue;
    const names = localNames(asc, source);
    if (names.length === 0) continue;
    const found = declarationsIn(asc, source, names);
    const isKnown = (at: number) =>
      found.some(({ call }) => call.range.start <= at && at < call.range.end);
    for (const at of misplacedUses(source, names, isKnown)) {
      diagnostics.push(
        problem(
          source,
          at.start,
          at.end,
          `Declare a field at the top level of a file, as 'const speed = ${at.name}.f32("speed", 2);'.`,
        ),
      );
    }
    const taken: Found[] = [];
    const first = fields.length;
    for (const one of found) {
      const read = readDeclaration(asc, one, places, fields.length);
      if (typeof read === "string") {
        const { start, end } = one.call.range;
        diagnostics.push(problem(source, start, end, read));
        continue;
      }
      places.set(read.name, one);
      fields.push(read);
      taken.push(one);
    }
    if (taken.length > 0) replace(asc, program, source, taken, first, fields);
  }
  return { fields, diagnostics };
}

/** What a file calls the sdk's `field`: none when it doesn't import it. */
function localNames(asc: typeof Assemblyscript, { statements }: Source): string[] {
  const names: string[] = [];
  for (const statement of statements) {
    if (!(statement instanceof asc.ImportStatement)) continue;
    const { declarations, path } = statement;
    if (path.value !== "fusewire/sdk") continue;
    for (const { foreignName, name } of declarations ?? []) {
      if (foreignName.text === "field") names.push(name.text);
    }
  }
  return names;
}

function declarationsIn(
  asc: typeof Assemblyscript,
  source: Source,
  names: readonly string[],
): Found[] {
  const found: Found[] = [];
  for (const statement of source.statements) {
    if (!(statement instanceof asc.VariableStatement)) continue;
    for (const declaration of statement.declarations) {
      const call = declaration.initializer;
      if (!(call instanceof asc.CallExpression)) continue;
      if (!(call.expression instanceof asc.PropertyAccessExpression)) continue;
      const { expression, property } = call.expression;
      if (!(expression instanceof asc.IdentifierExpression)) continue;
      if (!names.includes(expression.text)) continue;
      found.push({ source, declaration, call, kind: property.text });
    }
  }
  return found;
}

/** The field that is declared, or what is wrong. */
function readDeclaration(
  asc: typeof Assemblyscript,
  { source, declaration, call, kind }: Found,
  known: ReadonlyMap<string, Found>,
  count: number,
): ScriptField | string {
  if (!isFieldKind(kind)) return `There is no field.${kind}; there are ${fieldKinds.join(", ")}.`;
  if ((declaration.flags & enums(asc).CommonFlags.Const) === 0) {
    return "A field must be declared with 'const': its values are what changes, one for each entity.";
  }
  if (declaration.type !== null)
    return "A field's declaration has no type of its own: leave it out.";
  const [nameNode, ...rest] = call.args;
  const name = nameNode && textLiteral(asc, nameNode);
  if (name === undefined)
    return `The first argument must be the field's name: field.${kind}("speed").`;
  const most = isNumberKind(kind) ? 3 : kind === "bool" ? 1 : 0;
  if (rest.length > most) {
    return most === 3
      ? `field.${kind} takes a name, a default, and the least and greatest value that editors offer.`
      : `field.${kind} takes a name${most === 1 ? " and a default" : ""}, and nothing else.`;
  }
  const values = rest.map((node) => literalValue(source, node));
  if (values.includes(undefined)) {
    return "What a field starts with, and its range, must be plain numbers: they are read before any code runs.";
  }
  const [start = 0, min, max] = values;
  const field = { name, kind, default: start, min, max, doc: docBefore(source, declaration) };
  const refusal = refuseScriptField(field);
  if (refusal !== undefined) return `This can't be a field: ${refusal}.`;
  const other = known.get(name);
  if (other !== undefined) {
    const { line } = placeOf("", other.source.text, other.call.range.start, other.call.range.end);
    return `There is a field "${name}" already, in ${other.source.normalizedPath}:${line}.`;
  }
  if (count >= maxScriptFields) return `A script has at most ${maxScriptFields} fields.`;
  return field;
}

function textLiteral(
  asc: typeof Assemblyscript,
  node: Assemblyscript.Expression,
): string | undefined {
  return node instanceof asc.StringLiteralExpression ? node.value : undefined;
}

/** What a number, `true` or `false` in the text stands for. */
function literalValue({ text }: Source, { range }: Assemblyscript.Expression): number | undefined {
  const written = text.slice(range.start, range.end);
  if (written === "true") return 1;
  if (written === "false") return 0;
  const digits = written.replace(/^-\s*/, "").replaceAll("_", "");
  if (!/^(0x[0-9a-f]+|0b[01]+|0o[0-7]+|(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?)$/i.test(digits))
    return undefined;
  return written.startsWith("-") ? -Number(digits) : Number(digits);
}

/** The doc comment that stands right before a declaration, as one line. */
function docBefore({ text }: Source, declaration: Declaration): string {
  // Its own range may begin behind `export const`.
  const lineStart = text.lastIndexOf("\n", declaration.range.start - 1) + 1;
  const before = text.slice(0, lineStart).trimEnd();
  if (!before.endsWith("*/")) return "";
  const open = before.lastIndexOf("/*");
  if (open < 0 || !before.startsWith("/**", open)) return "";
  const lines = before.slice(open + 3, -2).split("\n");
  const doc = lines.map((line) => line.trim().replace(/^\*\s?/, "")).join(" ");
  return doc.trim().slice(0, maxFieldDocChars);
}

/** Where a file uses `field` other than in declarations. Comments and texts aren't looked at. */
function misplacedUses(
  { text }: Source,
  names: readonly string[],
  isKnown: (at: number) => boolean,
): { start: number; end: number; name: string }[] {
  const skipped =
    String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|` +
    "`(?:\\\\.|[^`\\\\])*`";
  const use = String.raw`(?<![.\w$])(${names.join("|").replaceAll("$", "\\$")})\s*\.\s*(\w+)`;
  const uses: { start: number; end: number; name: string }[] = [];
  for (const match of text.matchAll(new RegExp(`${skipped}|${use}`, "g"))) {
    const name = match[1];
    if (name === undefined || isKnown(match.index)) continue;
    uses.push({ start: match.index, end: match.index + match[0].length, name });
  }
  return uses;
}

/** Puts code in the place of declarations: `fields` from `first` on are those of this file. */
function replace(
  asc: typeof Assemblyscript,
  program: Assemblyscript.Program,
  source: Source,
  taken: readonly Found[],
  first: number,
  fields: readonly ScriptField[],
): void {
  const path = `${fieldCodeFolder}${source.internalPath}.ts`;
  const blocks = taken.map((_, i) => fieldCode(first + i, (fields[first + i] as ScriptField).kind));
  asc.parse(program, blocks.join(""), path, false);
  const { CommonFlags, SourceKind } = enums(asc);
  const generated = program.sources.find(({ normalizedPath }) => normalizedPath === path);
  if (generated === undefined) throw new Error("the compiler didn't take the code of fields");
  // Declared where they are used: nothing has to be imported.
  for (const statement of generated.statements.splice(0)) {
    if (!(statement instanceof asc.VariableStatement)) {
      source.statements.push(statement);
      continue;
    }
    const [variable] = statement.declarations;
    const n = taken.findIndex((_, i) => fieldVariable(first + i) === variable?.name.text);
    const declaration = taken[n]?.declaration;
    if (variable === undefined || declaration === undefined) continue;
    declaration.type = variable.type;
    declaration.initializer = variable.initializer;
    // Nothing imports a script, and an export of such a type would drag in the runtime's.
    if (source.sourceKind === SourceKind.UserEntry) {
      declaration.flags &= ~(CommonFlags.Export | CommonFlags.ModuleExport);
    }
  }
}

/** The compiler's enums as it exports them: its types have them as const enums, which aren't there to be read. */
function enums(asc: typeof Assemblyscript) {
  return asc as unknown as {
    readonly CommonFlags: Readonly<Record<"Const" | "Export" | "ModuleExport", number>>;
    readonly SourceKind: Readonly<Record<"UserEntry", number>>;
  };
}

function problem(
  { normalizedPath, text }: Source,
  start: number,
  end: number,
  message: string,
): Diagnostic {
  const place = placeOf(normalizedPath, text, start, end);
  return { severity: "error", code: DiagnosticCode.field, message, ...place };
}
