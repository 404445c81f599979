import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { createServer, type InlineConfig, type ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FusewireOptions, fusewire } from "../../scripting/vite/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { pageFiles, TempProject } from "./project.ts";

const SOURCES = {
  "scripts/patrol.ts": `import { lib } from "./lib"; export function f(): i32 { return lib + 1; }`,
  "scripts/lib.ts": "export const lib: i32 = 10;",
};

let browser: Browser;
let project: TempProject;
let server: ViteDevServer;
let page: Page;
let loads: number;

beforeAll(async () => {
  browser = await launchChromium();
  project = new TempProject(pageFiles);
  server = await serve();
});

afterAll(async () => {
  await server?.close();
  await browser?.close();
  project.dispose();
});

beforeEach(() => {
  for (const [path, text] of Object.entries(SOURCES)) project.write(path, text);
});

afterEach(() => page?.close());

async function serve(options: FusewireOptions = {}, config: InlineConfig = {}) {
  const started = await createServer({
    root: project.page,
    configFile: false,
    logLevel: "silent",
    cacheDir: `${project.root}/.vite`,
    server: { port: 0, host: "127.0.0.1" },
    plugins: [fusewire(options)],
    ...config,
  });
  if (!started.config.server.middlewareMode) await started.listen();
  return started;
}

const urlOf = ({ resolvedUrls }: ViteDevServer) => resolvedUrls?.local[0] ?? "";

async function open(url = urlOf(server)): Promise<void> {
  page = await browser.newPage();
  loads = 0;
  page.on("load", () => loads++);
  await page.goto(url);
}

const seen = () => page.evaluate(() => (window as unknown as { seen: string[] }).seen);

/** Waits for the newest thing that the page saw. */
function see(text: string): Promise<unknown> {
  return page.waitForFunction(
    (wanted) => (window as unknown as { seen: string[] }).seen.at(-1) === wanted,
    text,
  );
}

const OK = (value: number) => `patrol scripts/patrol.ts ${value} true`;

describe("a page on a dev server", () => {
  test("gets a script, its edits, its errors, their fix, and never reloads", async () => {
    await open();
    await see(OK(11));

    project.write(
      "scripts/patrol.ts",
      `import { lib } from "./lib"; export function f(): i32 { return lib + 2; }`,
    );
    await see(OK(12));

    project.write("scripts/patrol.ts", `\nexport function f(): i32 { return nope; }`);
    await see("scripts/patrol.ts:2 Cannot find name 'nope'.");
    await page.waitForSelector("vite-error-overlay", { state: "attached" });

    project.write(
      "scripts/patrol.ts",
      `import { lib } from "./lib"; export function f(): i32 { return lib + 3; }`,
    );
    await see(OK(13));
    await page.waitForSelector("vite-error-overlay", { state: "detached" });

    project.write("scripts/lib.ts", "export const lib: i32 = 20;");
    await see(OK(23));

    project.remove("scripts/lib.ts");
    await see("scripts/patrol.ts:1 File 'scripts/lib.ts' not found.");
    project.write("scripts/lib.ts", "export const lib: i32 = 30;");
    await see(OK(33));

    project.remove("scripts/patrol.ts");
    await see("scripts/patrol.ts:0 File 'scripts/patrol.ts' not found.");
    project.write("scripts/patrol.ts", "export function f(): i32 { return 4; }");
    await see(OK(4));

    expect(await seen()).toEqual([
      OK(11),
      OK(12),
      "scripts/patrol.ts:2 Cannot find name 'nope'.",
      OK(13),
      OK(23),
      "scripts/patrol.ts:1 File 'scripts/lib.ts' not found.",
      OK(33),
      "scripts/patrol.ts:0 File 'scripts/patrol.ts' not found.",
      OK(4),
    ]);
    expect(loads).toBe(1);
  });

  test("starts with the errors of a script that never compiled, and gets the fix", async () => {
    project.write("scripts/patrol.ts", "export function f(): i32 { return nope; }");
    const other = await serve({ overlay: false });
    try {
      await open(urlOf(other));
      await see("CompileError scripts/patrol.ts:1 Cannot find name 'nope'.");
      project.write("scripts/patrol.ts", "export function f(): i32 { return 5; }");
      await see(OK(5));
      expect(await page.$("vite-error-overlay")).toBe(null);
      expect(loads).toBe(1);
    } finally {
      await other.close();
    }
  });

  test("gets the last of many saves, and none out of order", async () => {
    await open();
    await see(OK(11));
    for (let value = 1; value <= 30; value++) {
      project.write("scripts/patrol.ts", `export function f(): i32 { return ${value}; }`);
      // Lets the watcher see some of them one by one.
      if (value % 7 === 0) await see(OK(value));
    }
    await see(OK(30));
    const values = (await seen()).slice(1).map((text) => Number(text.split(" ")[2]));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.length).toBeLessThan(30);
    expect(loads).toBe(1);
  });

  test("gets what was saved while it was closed, in every form, when it is opened again", async () => {
    await open();
    await see(OK(11));
    const source = "export function f(): i32 { return 6; }";
    project.write("scripts/patrol.ts", source);
    await see(OK(6));
    await page.reload();
    await see(OK(6));
    expect(await page.evaluate(() => (window as unknown as { text: string }).text)).toBe(source);
    project.remove("scripts/patrol.ts");
    await see("scripts/patrol.ts:0 File 'scripts/patrol.ts' not found.");
  });

  test("keeps being served while scripts compile", async () => {
    await open();
    await see(OK(11));
    // A compile of several hundred milliseconds, several times over.
    const heavy = Array.from(
      { length: 60 },
      (_, n) =>
        `export function f${n}(s: string): string[] { return s.split("${n}").map<string>((x) => x.trim() + ${n}.toString()); }`,
    );
    project.write(
      "scripts/patrol.ts",
      `${heavy.join("\n")}\nexport function f(): i32 { return 7; }`,
    );
    let answered = 0;
    let done = false;
    const watch = async () => {
      for (; !done; answered++) {
        const response = await fetch(`${urlOf(server)}main.ts`);
        expect(response.status).toBe(200);
      }
    };
    const watching = watch();
    await page.waitForFunction(() => (window as unknown as { seen: string[] }).seen.length === 2);
    done = true;
    await watching;
    expect(answered).toBeGreaterThan(1);
  });
});

describe("the dev server", () => {
  test("answers only for scripts that a page imported", async () => {
    await open();
    await see(OK(11));
    const ask = (file: string) =>
      fetch(`${urlOf(server)}@fusewire/script?file=${encodeURIComponent(file)}`);
    expect((await ask("scripts/patrol.ts")).status).toBe(200);
    expect((await ask("scripts/lib.ts")).status).toBe(404);
    expect((await ask("../../etc/passwd")).status).toBe(404);
    expect((await ask("")).status).toBe(404);
  });

  test("serves from another server and under another base", async () => {
    const http = createHttpServer();
    const other = await serve(
      {},
      { base: "/game/", server: { middlewareMode: true, hmr: { server: http } } },
    );
    try {
      http.on("request", other.middlewares);
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      await open(`http://127.0.0.1:${(http.address() as AddressInfo).port}/game/`);
      await see(OK(11));
      project.write("scripts/lib.ts", "export const lib: i32 = 40;");
      await see(OK(41));
      expect(loads).toBe(1);
    } finally {
      await other.close();
      http.close();
    }
  });

  test("gives a script to code outside of a page as well", async () => {
    await open();
    project.write("scripts/server.ts", "export function f(): i32 { return 8; }");
    project.write("page/server.ts", `export { default } from "../scripts/server.ts?script";`);
    const { default: script } = await server.ssrLoadModule("/server.ts");
    const { bytes } = await script.load();
    const { instance } = await WebAssembly.instantiate(bytes);
    expect((instance.exports["f"] as () => number)()).toBe(8);
  });

  test("refuses a script outside of the project", async () => {
    await open();
    project.write("page/out.ts", `import "../../elsewhere.ts?script";`);
    await expect(server.transformRequest("/out.ts")).rejects.toThrow("is not a .ts file in");
  });
});
