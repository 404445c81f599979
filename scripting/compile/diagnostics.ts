/** Something the compiler has to say about a place in a script. */
export interface Diagnostic {
  readonly severity: "error" | "warning" | "info";
  /** AssemblyScript's own code below 10,000, Fusewire's {@link DiagnosticCode} from there on. */
  readonly code: number;
  readonly message: string;
  /** Project path, `scripts/patrol.ts`; `~lib/…` for the standard library and the sdk; "" when no file is meant. */
  readonly file: string;
  /** From 1; 0 when the diagnostic is about a whole file. */
  readonly line: number;
  /** From 1, in UTF-16 units; 0 when the diagnostic is about a whole file. */
  readonly column: number;
  /** UTF-16 units on that line, at least 1; 0 when the diagnostic is about a whole file. */
  readonly length: number;
  /** The line's text, at most {@link MAX_LINE_TEXT_CHARS} of it; "" when the diagnostic is about a whole file. */
  readonly lineText: string;
  /** A second place that explains the first, as "already declared here". */
  readonly related?: DiagnosticPlace;
}

export type DiagnosticPlace = Pick<Diagnostic, "file" | "line" | "column" | "length" | "lineText">;

/** Codes of the diagnostics that Fusewire adds to AssemblyScript's. */
export const DiagnosticCode = {
  /** AssemblyScript's: an entry or an imported file doesn't exist. */
  fileNotFound: 6054,
  /** A path leads out of the project, or isn't a path of the project at all. */
  outsideProject: 10_001,
  /** `fusewire/sdk` was imported, and the caller of `compile` gave no sdk. */
  noSdk: 10_002,
  /** A package was imported; only `fusewire/sdk` and relative paths can be. */
  packageImport: 10_003,
  /** One file, or all files together, are larger than the compiler takes. */
  tooLarge: 10_004,
  /** The caller's `readFile` or `sdk` threw. */
  readFailed: 10_005,
  /** The compiler itself failed. */
  compilerCrash: 10_006,
  /** The compiler didn't finish in time. */
  compileTimeout: 10_007,
  /** The compiler couldn't be loaded. */
  compilerUnavailable: 10_008,
  /** More was wrong than is worth listing. */
  more: 10_009,
  /** A field of a script's own is declared in a way that can't be. */
  field: 10_010,
} as const;

/** Longer lines are cut, so that one minified line can't flood a log or a socket. */
export const MAX_LINE_TEXT_CHARS = 400;

/** A diagnostic about a file as a whole, or about none. */
export function fileDiagnostic(code: number, message: string, file = ""): Diagnostic {
  return { severity: "error", code, message, file, line: 0, column: 0, length: 0, lineText: "" };
}

/** The place of the UTF-16 range `start` to `end` of a file's text. What lies past its first line is cut off. */
export function placeOf(file: string, text: string, start: number, end: number): DiagnosticPlace {
  const at = Math.max(0, Math.min(start, text.length));
  let line = 1;
  let lineStart = 0;
  for (
    let next = text.indexOf("\n");
    next >= 0 && next < at;
    next = text.indexOf("\n", lineStart)
  ) {
    line++;
    lineStart = next + 1;
  }
  const newline = text.indexOf("\n", lineStart);
  const lineEnd = newline < 0 ? text.length : newline;
  const lineText = text.slice(lineStart, Math.min(lineEnd, lineStart + MAX_LINE_TEXT_CHARS));
  return {
    file,
    line,
    column: at - lineStart + 1,
    length: Math.max(1, Math.min(end, lineEnd) - at),
    lineText: lineText.replace(/\r$/, ""),
  };
}

/**
 * One diagnostic as a person reads it, without colours:
 * ```text
 * scripts/patrol.ts:12:7 - error TS2322: Type 'f64' is not assignable to type 'i32'.
 *   12 | const x: i32 = 1.5;
 *      |                ^^^
 * ```
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message, related } = diagnostic;
  const where = formatPlace(diagnostic);
  const head = `${where}${where && " - "}${severity} ${codeName(code)}: ${message}`;
  const frame = codeFrame(diagnostic);
  const also = related ? `\n${formatPlace(related)} - related${codeFrame(related)}` : "";
  return head + frame + also;
}

/** Several diagnostics, with an empty line between them. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join("\n\n");
}

/** A script couldn't be compiled. `message` is the diagnostics, formatted. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  /** The script's entry file, `scripts/patrol.ts`. */
  readonly file: string;
  /** What is wrong, at least one of them an error. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(file: string, diagnostics: readonly Diagnostic[]) {
    super(formatDiagnostics(diagnostics) || `${file} could not be compiled`);
    this.file = file;
    this.diagnostics = diagnostics;
  }
}

function formatPlace({ file, line, column }: DiagnosticPlace): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

function codeFrame({ line, column, length, lineText }: DiagnosticPlace): string {
  if (line === 0 || column > lineText.length + 1) return "";
  const number = String(line).padStart(4);
  // Tabs stay tabs, so that the carets stand under what they mean at any tab width.
  const indent = lineText.slice(0, column - 1).replace(/[^\t]/g, " ");
  const carets = "^".repeat(Math.max(1, Math.min(length, lineText.length - column + 1)));
  return `\n${number} | ${lineText}\n${" ".repeat(number.length)} | ${indent}${carets}`;
}

function codeName(code: number): string {
  if (code >= 10_000) return `FW${code}`;
  return code >= 1000 ? `TS${code}` : `AS${code}`;
}
