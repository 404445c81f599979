import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

/** This package's own folder. */
export const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/**
 * The folder of a game that depends on this package and, of what that depends on, on `packages`; gone when the test
 * is over. `files` are texts by their path in it.
 */
export function gameFolder(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fusewire-game-")));
  made.push(folder);
  writeFiles(folder, { "package.json": '{ "type": "module" }\n', ...files });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(packageRoot, join(folder, "node_modules/fusewire"));
  for (const name of packages) {
    symlinkSync(
      realpathSync(join(packageRoot, "node_modules", name)),
      join(folder, "node_modules", name),
    );
  }
  return folder;
}

/** Writes texts by their path in a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
