import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { DiagnosticCode } from "../../scripting/compile/diagnostics.ts";
import {
  DiskFolder,
  diskSources,
  hashOnDisk,
  isInside,
  shippedSdkFolder,
} from "../../scripting/compile/disk.ts";
import { sourceLimits } from "../../scripting/compile/files.ts";

let base: string;
let root: string;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "fusewire-disk-"));
  root = join(base, "project");
  mkdirSync(join(root, "scripts", "folder.ts"), { recursive: true });
  writeFileSync(join(base, "secret.ts"), "export const secret: i32 = 1;");
  writeFileSync(join(root, "scripts", "a.ts"), "export const a: i32 = 1;");
  writeFileSync(join(root, "scripts", "huge.ts"), " ".repeat(sourceLimits.fileChars * 4 + 1));
  symlinkSync(join(base, "secret.ts"), join(root, "scripts", "out.ts"));
  symlinkSync(join(root, "scripts", "a.ts"), join(root, "scripts", "in.ts"));
});

afterAll(() => rmSync(base, { recursive: true }));

describe("a folder on disk", () => {
  test("reads its files, also through a link that stays inside", () => {
    const folder = new DiskFolder(root);
    expect(folder.read("scripts/a.ts")).toBe("export const a: i32 = 1;");
    expect(folder.read("scripts/in.ts")).toBe("export const a: i32 = 1;");
  });

  test("has null for what isn't a file", () => {
    const folder = new DiskFolder(root);
    expect(folder.read("scripts/none.ts")).toBe(null);
    expect(folder.read("scripts/folder.ts")).toBe(null);
    expect(folder.read("scripts/a.ts/b.ts")).toBe(null);
  });

  test("refuses what leads out of it", () => {
    const folder = new DiskFolder(root);
    expect(() => folder.read("../secret.ts")).toThrow("outside the project");
    expect(() => folder.read("scripts/../../secret.ts")).toThrow("outside the project");
    expect(() => folder.read("scripts/out.ts")).toThrow("leads out of the project");
  });

  test("remembers what it read, by content", () => {
    const folder = new DiskFolder(root);
    folder.read("scripts/a.ts");
    folder.read("scripts/none.ts");
    const a = join(folder.root, "scripts", "a.ts");
    expect([...folder.reads.keys()]).toEqual([a, join(folder.root, "scripts", "none.ts")]);
    expect(folder.reads.get(a)).toBe(hashOnDisk(a));
    expect(hashOnDisk(a)).not.toBe(hashOnDisk(join(base, "secret.ts")));
    expect(hashOnDisk(join(folder.root, "scripts", "none.ts"))).toBe(null);
  });
});

test("isInside tells a folder's content from its neighbours", () => {
  const inside = (path: string) => isInside(root, join(root, path));
  expect(inside("scripts/a.ts")).toBe(true);
  expect(inside("..a.ts")).toBe(true);
  expect(inside("../project-2/a.ts")).toBe(false);
  expect(inside("..")).toBe(false);
});

describe("a compile from disk", () => {
  test.each([
    ["out", DiagnosticCode.readFailed, "leads out of the project"],
    ["huge", DiagnosticCode.readFailed, "bytes"],
    ["none", DiagnosticCode.fileNotFound, "not found"],
  ])("of an import of %s is refused with its place", async (name, code, message) => {
    writeFileSync(join(root, "scripts", "main.ts"), `import { x } from "./${name}"; x;`);
    const result = await compile({ entry: "scripts/main.ts", ...diskSources(root, root) });
    expect(result).toMatchObject({ ok: false, diagnostics: [{ code, line: 1, column: 19 }] });
    if (!result.ok) expect(result.diagnostics[0]?.message).toContain(message);
  });

  test("has the sdk that ships with the package", async () => {
    writeFileSync(
      join(root, "scripts", "main.ts"),
      `import { Time } from "fusewire/sdk";\nexport function f(): f32 { return Time.delta; }`,
    );
    const result = await compile({ entry: "scripts/main.ts", ...diskSources(root) });
    expect(result).toMatchObject({ ok: true, files: ["scripts/main.ts"] });
    expect(shippedSdkFolder()).toMatch(/scripts.sdk$/);
  });
});
