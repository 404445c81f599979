import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type ReadFile, sourceLimits } from "./files.ts";

/** Absolute paths of files with their content's hash; null where there is no file. */
export type FileHashes = Map<string, string | null>;

/**
 * Reads the files of a folder and of nothing outside it, symbolic links included. Node only.
 * What it read is remembered with a hash, so that a later change can be told from a mere touch.
 */
export class DiskFolder {
  /** The folder, with symbolic links resolved. */
  readonly root: string;
  /** What was read so far. */
  readonly reads: FileHashes = new Map();

  /** @throws when the folder doesn't exist. */
  constructor(root: string) {
    this.root = realpathSync(resolve(root));
  }

  /**
   * A file's text by its path in the folder (with `/`), or null when there is none.
   * @throws when it lies outside the folder, can't be read, or is too large to be a source.
   */
  readonly read = (path: string): string | null => {
    const absolute = join(this.root, path);
    this.#assertInside(absolute, path);
    // Even when it can't be read: it may be readable later.
    this.reads.set(absolute, null);
    const text = readText(absolute);
    this.reads.set(absolute, text === null ? null : hashOf(text));
    return text;
  };

  #assertInside(absolute: string, path: string): void {
    if (!isInside(this.root, absolute)) throw new Error(`'${path}' is outside the project`);
    if (existsSync(absolute) && !isInside(this.root, realpathSync(absolute))) {
      throw new Error(`'${path}' is a symbolic link that leads out of the project`);
    }
  }
}

/** The content's hash of a file as {@link DiskFolder.reads} has it; null when there is no file or it can't be read. */
export function hashOnDisk(absolute: string): string | null {
  try {
    const text = readText(absolute);
    return text === null ? null : hashOf(text);
  } catch {
    return null;
  }
}

/** The folder of the sdk's sources that ship with this package. */
export function shippedSdkFolder(): string {
  // From scripting/ in the sources, from dist/scripting/ in the package.
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "scripts", "sdk");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error("fusewire's scripts/sdk folder is missing");
  }
}

/** `readFile` and `sdk` of a compile in Node: the project at `root`, and the sdk of this package or of `sdkRoot`. */
export function diskSources(
  root: string,
  sdkRoot = shippedSdkFolder(),
): { readonly readFile: ReadFile; readonly sdk: ReadFile } {
  return { readFile: new DiskFolder(root).read, sdk: new DiskFolder(sdkRoot).read };
}

/** Whether `path` is `root` or below it; both absolute. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function readText(absolute: string): string | null {
  try {
    const { size } = statSync(absolute);
    if (size > sourceLimits.fileChars * 4) throw new Error(`it has ${size} bytes`);
    return readFileSync(absolute, "utf8");
  } catch (error) {
    if (isNodeError(error) && ABSENT.has(error.code)) return null;
    throw error;
  }
}

/** A folder of that name, or a file where a folder was meant, is no file either. */
const ABSENT = new Set<string | undefined>(["ENOENT", "ENOTDIR", "EISDIR"]);

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
