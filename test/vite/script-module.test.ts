import { afterEach, describe, expect, test, vi } from "vitest";
import {
  CompileError,
  type Diagnostic,
  fileDiagnostic,
} from "../../scripting/compile/diagnostics.ts";
import type { ScriptMessage } from "../../scripting/vite/protocol.ts";
import {
  builtScript,
  devScript,
  inlineScript,
  type ScriptUpdate,
} from "../../scripting/vite/script-module.ts";

const names = { name: "patrol", file: "scripts/patrol.ts" };
const sourceMap = { version: 3 as const, sources: [], names: [], mappings: "" };
const diagnostics: Diagnostic[] = [fileDiagnostic(2304, "Cannot find name 'x'.", names.file)];

const good = (version: number, file = names.file): ScriptMessage => ({
  file,
  version,
  ok: true,
  base64: Buffer.from([version]).toString("base64"),
  sourceMap,
});
const bad = (version: number): ScriptMessage => ({
  file: names.file,
  version,
  ok: false,
  diagnostics,
});

/** A page's side of Vite's socket, and the dev server's endpoint. */
function page(first: ScriptMessage) {
  let receive: (message: ScriptMessage) => void = () => {};
  const fetched = vi.fn(async () => Response.json(first));
  vi.stubGlobal("fetch", fetched);
  const hot = {
    on: (_event: string, listener: (message: ScriptMessage) => void) => {
      receive = listener;
    },
  };
  const script = devScript(names, "/@fusewire/script?file=x", hot);
  return { script, fetched, push: (message: ScriptMessage) => receive(message) };
}

async function versionOf(update: ScriptUpdate): Promise<number | "failed"> {
  return update.ok ? ((await update.load()).bytes[0] ?? -1) : "failed";
}

afterEach(() => vi.unstubAllGlobals());

describe("a script of a dev server", () => {
  test("is fetched once, and is then what the server pushed", async () => {
    const { script, fetched, push } = page(good(1));
    expect(await script.load()).toEqual({ ...names, bytes: Uint8Array.of(1), sourceMap });
    push(good(2));
    expect((await script.load()).bytes).toEqual(Uint8Array.of(2));
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  test("calls listeners for each later version, in order, and not for an older one", async () => {
    const { script, push } = page(good(1));
    const seen: ScriptUpdate[] = [];
    const remove = script.onUpdate((update) => seen.push(update));
    await script.load();
    for (const message of [good(2), bad(3), good(3), good(2), good(4, "scripts/x.ts"), good(5)]) {
      push(message);
    }
    remove();
    push(good(6));
    expect(await Promise.all(seen.map(versionOf))).toEqual([2, "failed", 5]);
    expect(seen[1]).toEqual({ ok: false, diagnostics });
  });

  test("rejects with a CompileError while it doesn't compile, and tells of the fix", async () => {
    const { script, push } = page(bad(1));
    const seen: ScriptUpdate[] = [];
    script.onUpdate((update) => seen.push(update));
    const error: unknown = await script.load().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toMatchObject({ file: names.file, diagnostics });
    push(good(2));
    expect(await Promise.all(seen.map(versionOf))).toEqual([2]);
    expect((await script.load()).bytes).toEqual(Uint8Array.of(2));
  });

  test("keeps what was pushed while the answer was on its way", async () => {
    const { script, push } = page(good(1));
    const loading = script.load();
    push(good(2));
    expect((await loading).bytes).toEqual(Uint8Array.of(2));
  });

  test("reports what came between load and onUpdate, to each version's first listener", async () => {
    const { script, push } = page(good(1));
    await script.load();
    push(good(2));
    push(good(3));
    const seen: ScriptUpdate[] = [];
    script.onUpdate((update) => seen.push(update));
    await Promise.resolve();
    script.onUpdate((update) => seen.push(update));
    await Promise.resolve();
    expect(await Promise.all(seen.map(versionOf))).toEqual([3]);
  });

  test("doesn't report a version that load() gives as well, whichever way it came first", async () => {
    const { script, push } = page(good(1));
    const listener = vi.fn();
    script.onUpdate(listener);
    const loading = script.load();
    push(good(1));
    push(good(2));
    expect((await loading).bytes).toEqual(Uint8Array.of(2));
    await Promise.resolve();
    expect(listener).not.toHaveBeenCalled();
    push(good(3));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("lets no listener keep the others from being called", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const { script, push } = page(good(1));
    const listener = vi.fn();
    const error = new Error("mine");
    script.onUpdate(() => {
      throw error;
    });
    script.onUpdate(listener);
    await script.load();
    push(good(2));
    expect(listener).toHaveBeenCalledTimes(1);
    expect(reported).toHaveBeenCalledWith(error);
  });

  test("says which script a server doesn't have", async () => {
    const { script, fetched } = page(good(1));
    fetched.mockResolvedValue(new Response(null, { status: 404, statusText: "Not Found" }));
    await expect(script.load()).rejects.toThrow(
      "Cannot load script 'patrol' (scripts/patrol.ts): 404 Not Found",
    );
  });
});

describe("a script of a build", () => {
  const serve = (files: Record<string, BodyInit>) =>
    vi.stubGlobal("fetch", async (url: string) =>
      url in files ? new Response(files[url]) : new Response(null, { status: 404 }),
    );

  test("is fetched with its source map", async () => {
    serve({ "/a.wasm": Uint8Array.of(7), "/a.map": JSON.stringify(sourceMap) });
    const script = builtScript(names, "/a.wasm", "/a.map");
    expect(await script.load()).toEqual({ ...names, bytes: Uint8Array.of(7), sourceMap });
    expect(() => script.onUpdate(() => {})()).not.toThrow();
  });

  test("does without a source map that isn't served", async () => {
    serve({ "/a.wasm": Uint8Array.of(7) });
    const bytes = Uint8Array.of(7);
    expect(await builtScript(names, "/a.wasm", "/a.map").load()).toEqual({ ...names, bytes });
    expect(await builtScript(names, "/a.wasm").load()).toEqual({ ...names, bytes });
  });

  test("says which script isn't served", async () => {
    serve({});
    await expect(builtScript(names, "/a.wasm").load()).rejects.toThrow("script 'patrol'");
  });
});

test("a script outside of a page carries its bytes", async () => {
  const script = inlineScript(names, "Bw==", sourceMap);
  expect(await script.load()).toEqual({ ...names, bytes: Uint8Array.of(7), sourceMap });
});
