import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type InlineConfig, preview } from "vite";
import { afterEach, expect, test } from "vitest";
import { type FusewireOptions, fusewire } from "../../scripting/vite/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { pageFiles, TempProject } from "./project.ts";

let project: TempProject;

afterEach(() => project.dispose());

function start(files: Readonly<Record<string, string>>): void {
  project = new TempProject({ ...pageFiles, ...files });
}

function configOf(options: FusewireOptions = {}): InlineConfig {
  return {
    root: project.page,
    base: "./",
    configFile: false,
    logLevel: "silent",
    plugins: [fusewire(options)],
  };
}

const assets = () => readdirSync(join(project.page, "dist", "assets")).sort();

test("a build has hashed assets, which a page runs from wherever it is served", async () => {
  start({
    "scripts/patrol.ts": `import { lib } from "./lib"; export function f(): i32 { return lib + 1; }`,
    "scripts/lib.ts": "export const lib: i32 = 10;",
  });
  await build(configOf());
  expect(assets()).toEqual([
    expect.stringMatching(/^index-.+\.js$/),
    expect.stringMatching(/^patrol-.+\.wasm$/),
    expect.stringMatching(/^patrol.+\.map$/),
  ]);
  // No compiler, and no dev server's part, in what is shipped.
  const [script = ""] = assets();
  const code = readFileSync(join(project.page, "dist", "assets", script), "utf8");
  expect(code.length).toBeLessThan(10_000);
  expect(code).not.toContain("@fusewire/script");

  const server = await preview({
    ...configOf(),
    base: "/somewhere/",
    preview: { port: 0, host: "127.0.0.1" },
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    const seen = await page.waitForFunction(
      () => (window as unknown as { seen: string[] }).seen[0],
    );
    expect(await seen.jsonValue()).toBe("patrol scripts/patrol.ts 11 true");
  } finally {
    await browser.close();
    await server.close();
  }
});

test("a build can leave source maps out, and name scripts its own way", async () => {
  start({ "scripts/patrol.ts": "export function f(): i32 { return 1; }" });
  await build(configOf({ sourceMap: false, name: (file) => file.replaceAll(/\W/g, "_") }));
  expect(assets()).toEqual([
    expect.stringMatching(/^index-.+\.js$/),
    expect.stringMatching(/^scripts_patrol_ts-.+\.wasm$/),
  ]);
});

test("a build fails with the diagnostics of a script that doesn't compile", async () => {
  start({ "scripts/patrol.ts": "export function f(): i32 { return nope; }" });
  await expect(build(configOf())).rejects.toThrow(
    [
      "scripts/patrol.ts:1:35 - error TS2304: Cannot find name 'nope'.",
      "   1 | export function f(): i32 { return nope; }",
      "     |                                   ^^^^",
    ].join("\n"),
  );
});

test("a build fails for a script that isn't there", async () => {
  start({});
  await expect(build({ ...configOf() })).rejects.toThrow("patrol.ts");
});
