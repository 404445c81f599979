import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** This package's own folder. */
export const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

/** A new folder, with symbolic links resolved. */
export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "fusewire-test-")));
}

/**
 * The folder of a game; gone when the test is over. `files` are texts by their path in it, `packages` what it has
 * installed, of what is installed here, and this package itself.
 */
export function gameFolder(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = ["fusewire"],
): string {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, { "package.json": '{ "type": "module" }\n', ...files });
  for (const name of packages) {
    const target = name === "fusewire" ? packageRoot : join(packageRoot, "node_modules", name);
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(target), link);
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
