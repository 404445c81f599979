import { build, createServer, type InlineConfig, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fusewire } from "../../scripting/vite/index.ts";
import { launchChromium } from "../browser/chromium.ts";
import { TempProject } from "./project.ts";

const repo = new URL("../..", import.meta.url).pathname;

// A live editor's part: the compiler in a worker of the page, with the sdk's sources from the plugin.
const files = {
  "page/index.html": `<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.ts"></script>`,
  "page/main.ts": `
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      window.replies = [...(window.replies ?? []), data];
      if (window.replies.length === 1) worker.postMessage("export function f(): i32 { return nope; }");
    };
    worker.onerror = (event) => { window.replies = ["worker failed: " + event.message]; };
    const sdk = 'import { Time } from "fusewire/sdk"; export function f(): f32 { return Time.delta; }';
    worker.postMessage(sdk);`,
  "page/worker.ts": `
    import { compile } from ${JSON.stringify(`${repo}scripting/compile/compile.ts`)};
    import sdk from "virtual:fusewire/sdk";
    onmessage = async ({ data: source }) => {
      const result = await compile({
        entry: "scripts/live.ts",
        readFile: (path) => (path === "scripts/live.ts" ? source : null),
        sdk: (path) => sdk[path] ?? null,
      });
      const imports = result.ok && WebAssembly.Module.imports(await WebAssembly.compile(result.binary.bytes));
      postMessage(result.ok ? imports.map((i) => i.module + " " + i.name) : result.diagnostics.map((d) => d.message));
    };`,
};

let project: TempProject;

beforeAll(() => {
  project = new TempProject(files);
});

afterAll(() => project.dispose());

const config = (): InlineConfig => ({
  root: project.page,
  base: "./",
  configFile: false,
  logLevel: "silent",
  cacheDir: `${project.root}/.vite`,
  plugins: [fusewire()],
  worker: { format: "es", plugins: () => [fusewire()] },
  server: { port: 0, host: "127.0.0.1", fs: { allow: [project.root, repo] } },
  preview: { port: 0, host: "127.0.0.1" },
});

async function repliesAt(url: string): Promise<unknown> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const replies = await page.waitForFunction(
      () => {
        const { replies } = window as unknown as { replies?: unknown[] };
        return replies && (replies.length === 2 || typeof replies[0] === "string") && replies;
      },
      undefined,
      { timeout: 100_000 },
    );
    return await replies.jsonValue();
  } finally {
    await browser.close();
  }
}

describe("the compiler in a page's worker", () => {
  const expected = [["time delta"], ["Cannot find name 'nope'."]];

  test("on a dev server", async () => {
    const server = await createServer(config());
    try {
      await server.listen();
      expect(await repliesAt(server.resolvedUrls?.local[0] ?? "")).toEqual(expected);
    } finally {
      await server.close();
    }
  });

  test("in a build", async () => {
    await build(config());
    const server = await preview(config());
    try {
      expect(await repliesAt(server.resolvedUrls?.local[0] ?? "")).toEqual(expected);
    } finally {
      await server.close();
    }
  });
});
