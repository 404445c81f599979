import { type Diagnostic, DiagnosticCode, fileDiagnostic } from "./diagnostics.ts";

/** Gives a file's text for a path, or null when there is no such file. */
export type ReadFile = (path: string) => string | null | Promise<string | null>;

/** What one compile may read, so that a mistake can't take the compiler's memory with it. */
export const sourceLimits = {
  /** UTF-16 units in one file. */
  fileChars: 1_000_000,
  /** UTF-16 units in all files together, the standard library apart. */
  totalChars: 8_000_000,
  /** Files, the standard library apart. */
  files: 1_000,
} as const;

/** A file of the program, under the path that AssemblyScript knows it by. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const LIBRARY = "~lib/";
const SDK = "~lib/fusewire/sdk";

/**
 * Finds the files that a program imports. The project's are read through the caller's `readFile`, under paths
 * that can't leave the project; the standard library comes with AssemblyScript; `fusewire/sdk` from `sdk`.
 * Project paths that were asked for, found or not, are added to `asked`.
 */
export class SourceFiles {
  readonly #library: Readonly<Record<string, string>>;
  readonly #readFile: ReadFile;
  readonly #sdk: ReadFile | undefined;
  readonly #asked: Set<string>;
  /** Why a path wasn't read, by the file name that AssemblyScript will call missing. */
  readonly #refusals = new Map<string, Diagnostic>();
  #chars = 0;
  #files = 0;

  constructor(
    library: Readonly<Record<string, string>>,
    readFile: ReadFile,
    sdk: ReadFile | undefined,
    asked: Set<string>,
  ) {
    this.#library = library;
    this.#readFile = readFile;
    this.#sdk = sdk;
    this.#asked = asked;
  }

  /**
   * The file for an extensionless path of AssemblyScript's: `scripts/patrol`, `~lib/array`, `~lib/fusewire/sdk`.
   * Null when there is none or it was refused; {@link refusal} then tells which. An import of `a/b` may also be
   * the file `a/b/index.ts`, unless `exact`.
   */
  async find(internalPath: string, exact = false): Promise<SourceFile | null> {
    if (isSdk(internalPath)) return this.#findSdk(internalPath);
    if (internalPath.startsWith(LIBRARY)) return this.#findLibrary(internalPath);
    const why = outsideReason(internalPath);
    if (why) {
      return this.#refuse(
        internalPath,
        DiagnosticCode.outsideProject,
        `Cannot read '${internalPath}.ts': ${why}.`,
      );
    }
    const read: ReadFile = (path) => {
      this.#asked.add(path);
      return this.#readFile(path);
    };
    for (const path of [`${internalPath}.ts`, ...(exact ? [] : [`${internalPath}/index.ts`])]) {
      const file = await this.#read(internalPath, path, path, read);
      if (file) return file;
    }
    return null;
  }

  /** Why the file that AssemblyScript calls `path` couldn't be read, if it was something else than its absence. */
  refusal(path: string): Diagnostic | undefined {
    return this.#refusals.get(path);
  }

  #findLibrary(internalPath: string): SourceFile | null {
    const name = internalPath.slice(LIBRARY.length);
    for (const candidate of [name, `${name}/index`]) {
      if (Object.hasOwn(this.#library, candidate)) {
        return { path: `${LIBRARY}${candidate}.ts`, text: this.#library[candidate] ?? "" };
      }
    }
    return this.#refuse(
      internalPath,
      DiagnosticCode.packageImport,
      `Cannot import '${name}': a script can import "fusewire/sdk", AssemblyScript's own library, and files of the project by a path that starts with "./" or "../".`,
    );
  }

  async #findSdk(internalPath: string): Promise<SourceFile | null> {
    const sdk = this.#sdk;
    if (!sdk) {
      return this.#refuse(
        internalPath,
        DiagnosticCode.noSdk,
        `Cannot import 'fusewire/sdk': this compile was given no sdk sources.`,
      );
    }
    const path = internalPath.slice(SDK.length + 1);
    if (path !== "" && outsideReason(path)) {
      return this.#refuse(
        internalPath,
        DiagnosticCode.outsideProject,
        `Cannot read '${internalPath}.ts': it is outside the sdk.`,
      );
    }
    for (const candidate of path === "" ? ["index.ts"] : [`${path}.ts`, `${path}/index.ts`]) {
      const file = await this.#read(internalPath, candidate, `${SDK}/${candidate}`, sdk);
      if (file) return file;
    }
    return null;
  }

  async #read(
    internalPath: string,
    path: string,
    as: string,
    read: ReadFile,
  ): Promise<SourceFile | null> {
    let text: string | null;
    try {
      text = await read(path);
    } catch (error) {
      return this.#refuse(
        internalPath,
        DiagnosticCode.readFailed,
        `Cannot read '${path}': ${messageOf(error)}`,
      );
    }
    if (text === null) return null;
    this.#chars += text.length;
    this.#files += 1;
    const why = this.#overLimit(text);
    if (why)
      return this.#refuse(
        internalPath,
        DiagnosticCode.tooLarge,
        `Cannot compile '${path}': ${why}.`,
      );
    return { path: as, text };
  }

  #overLimit(text: string): string {
    const { fileChars, totalChars, files } = sourceLimits;
    if (text.length > fileChars)
      return `it has ${text.length} characters, the limit is ${fileChars}`;
    if (this.#chars > totalChars)
      return `all files together have more than ${totalChars} characters`;
    return this.#files > files ? `the script imports more than ${files} files` : "";
  }

  #refuse(internalPath: string, code: number, message: string): null {
    const path = `${internalPath}.ts`;
    if (!this.#refusals.has(path)) this.#refusals.set(path, fileDiagnostic(code, message));
    return null;
  }
}

/** Why a path isn't one inside the project, or "" when it is. Takes paths with `/`, relative to the project. */
export function outsideReason(path: string): string {
  if (path.split("/").includes("..")) return "it is outside the project";
  if (path.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) {
    return "it is not a path relative to the project";
  }
  if (path === "" || path === ".ts" || path.includes("\\") || path.includes("\0"))
    return "it is not a valid path";
  return "";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a path of AssemblyScript's is its own library's: `~lib/array.ts`, but not `~lib/fusewire/sdk/index.ts`. */
export function isStandardLibrary(path: string): boolean {
  return path.startsWith(LIBRARY) && !isSdk(path);
}

function isSdk(internalPath: string): boolean {
  return internalPath === SDK || internalPath.startsWith(`${SDK}/`);
}
