import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { bindingsMark } from "../system/bindings.ts";
import { shownPath } from "./bindings-options.ts";
import { CommandFailure } from "./failure.ts";

/**
 * The text of the bindings in a file, with `\n` as line end; undefined when there is no file.
 * @throws CommandFailure when something else is there, or it can't be read.
 */
export function readGenerated(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new CommandFailure(`${shownPath(path)} can't be read: ${reasonOf(error)}`);
  }
  if (text.startsWith(bindingsMark)) return text.replaceAll("\r\n", "\n");
  throw new CommandFailure(
    `${shownPath(path)} was not generated, so it stays as it is: move it away, or name another file with --out`,
  );
}

/**
 * Writes a file, and its folder if need be, as a whole or not at all: who reads it meanwhile sees the old text or the
 * new one.
 * @throws CommandFailure when it can't be written.
 */
export function writeGenerated(path: string, text: string): void {
  let temporary: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const target = targetOf(path);
    temporary = `${target}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw new CommandFailure(`${shownPath(path)} can't be written: ${reasonOf(error)}`);
  }
}

/** Where two texts differ first, for people; undefined when they are the same. */
export function differenceOf(found: string, wanted: string): string | undefined {
  if (found === wanted) return undefined;
  const foundLines = found.split("\n");
  const wantedLines = wanted.split("\n");
  const index = wantedLines.findIndex((line, i) => line !== foundLines[i]);
  if (index < 0) return `line ${wantedLines.length + 1} is too much`;
  const shown = (line: string | undefined) => (line === undefined ? "missing" : `"${line.trim()}"`);
  return `line ${index + 1} is ${shown(foundLines[index])} and should be ${shown(wantedLines[index])}`;
}

/** A link is written through, not replaced. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the disk is read-only",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is a file",
    EEXIST: "a part of its path is a file",
    ENOSPC: "the disk is full",
  };
  return reasons[String(codeOf(error))] ?? String(error);
}
