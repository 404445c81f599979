import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { launchChromium } from "./chromium.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const copied = ["demo", "engine", "scripting", "scripts", "package.json", "tsconfig.json"];

/** The demo on a dev server and in a browser, on a copy of the sources that tests may edit. */
export class DemoSite {
  readonly folder: string;
  readonly url: string;
  /** What pages have complained about; to be empty at the end of a test. */
  readonly complaints: string[] = [];
  readonly #server: ViteDevServer;
  readonly #browser: Browser;

  private constructor(folder: string, server: ViteDevServer, browser: Browser) {
    this.folder = folder;
    this.url = server.resolvedUrls?.local[0] ?? "";
    this.#server = server;
    this.#browser = browser;
  }

  static async open(): Promise<DemoSite> {
    const folder = mkdtempSync(join(tmpdir(), "fusewire-demo-"));
    for (const name of copied)
      cpSync(join(repository, name), join(folder, name), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    const server = await createServer({
      root: join(folder, "demo"),
      configFile: join(folder, "demo", "vite.config.ts"),
      cacheDir: join(folder, "cache"),
      logLevel: "silent",
      server: { port: 0, host: "127.0.0.1" },
    });
    await server.listen();
    return new DemoSite(folder, server, await launchChromium());
  }

  /** A page on which the game runs. */
  async page(): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(90_000);
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(this.url);
    await page.waitForFunction(() => window.fusewireDemo?.ready === true);
    return page;
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /**
   * Saves a file with `from` replaced by `to`.
   * @returns what saves it as it was.
   * @throws Error when `from` isn't there.
   */
  edit(file: string, from: string, to: string): () => void {
    const before = this.read(file);
    if (!before.includes(from)) throw new Error(`${file} has no "${from}"`);
    writeFileSync(join(this.folder, file), before.replace(from, to));
    return () => writeFileSync(join(this.folder, file), before);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until the game has run so many more frames. */
export async function framesLater(page: Page, count: number): Promise<void> {
  const frame = await page.evaluate(() => window.fusewireDemo?.stats().frame ?? 0);
  await page.waitForFunction(
    (until) => (window.fusewireDemo?.stats().frame ?? 0) >= until,
    frame + count,
  );
}
