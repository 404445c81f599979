import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileDiagnostic } from "../../scripting/compile/diagnostics.ts";
import { DiskFolder } from "../../scripting/compile/disk.ts";
import type { PoolCompileOptions, PoolResult } from "../../scripting/compile/pool.ts";
import { ScriptSession, type Version } from "../../scripting/vite/session.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fusewire-session-")));
});

afterEach(() => rmSync(root, { recursive: true }));

/** A compiler that ends each compile when it is told to. Its bytes are the entry's text and that of `lib.ts`. */
class ManualPool {
  readonly #started: (() => void)[] = [];
  #waiting: (() => void) | undefined;
  compiles = 0;

  async compile({ entry }: PoolCompileOptions): Promise<PoolResult> {
    this.compiles++;
    const folder = new DiskFolder(root);
    const text = folder.read(entry);
    const bytes = new TextEncoder().encode(`${text} ${folder.read("lib.ts")}`);
    await new Promise<void>((resolve) => {
      this.#started.push(resolve);
      this.#waiting?.();
    });
    const outcome = { elapsedMs: 1, files: [] };
    return {
      reads: folder.reads,
      result:
        text === null
          ? { ok: false, diagnostics: [fileDiagnostic(6054, "not found")], ...outcome }
          : { ok: true, binary: { name: entry, file: entry, bytes }, warnings: [], ...outcome },
    };
  }

  /** Waits until a compile is under way, and ends it once `meanwhile` has been done. */
  async finish(meanwhile: () => void = () => {}): Promise<void> {
    while (this.#started.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    meanwhile();
    this.#started.shift()?.();
  }
}

function write(name: string, text: string): string {
  writeFileSync(join(root, name), text);
  return join(root, name);
}

function start() {
  const pool = new ManualPool();
  const told: string[] = [];
  const textOf = ({ version, result }: Version) =>
    `${version}: ${result.ok ? new TextDecoder().decode(result.binary.bytes) : "failed"}`;
  const session = new ScriptSession({
    root,
    pool,
    onVersion: (version) => told.push(textOf(version)),
    onFiles: () => {},
  });
  return {
    pool,
    told,
    session,
    newest: async () => textOf((await session.newest("a.ts")) as Version),
  };
}

describe("a session", () => {
  test("compiles a tracked script once, however often it is asked for", async () => {
    write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    session.track({ entry: "a.ts" });
    const asked = Promise.all([newest(), newest()]);
    await pool.finish();
    expect(await asked).toEqual(["1: one null", "1: one null"]);
    expect(await newest()).toBe("1: one null");
    expect(pool.compiles).toBe(1);
    expect(told).toEqual(["1: one null"]);
  });

  test("doesn't know a script that isn't tracked", async () => {
    expect(await start().session.newest("a.ts")).toBe(undefined);
  });

  test("tells one version for many saves during a compile, the last", async () => {
    const a = write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    await pool.finish(() => {
      for (const text of ["two", "three", "four"]) {
        write("a.ts", text);
        session.changed(a);
      }
    });
    await pool.finish();
    expect(await newest()).toBe("1: four null");
    expect(told).toEqual(["1: four null"]);
    expect(pool.compiles).toBe(2);
  });

  test("sees a change that no event came for", async () => {
    write("a.ts", "one");
    const { pool, session, newest } = start();
    session.track({ entry: "a.ts" });
    await pool.finish();
    await newest();
    write("a.ts", "two");
    const second = newest();
    await pool.finish();
    expect(await second).toBe("2: two null");
  });

  test("follows a dependency from before it exists until it is gone", async () => {
    write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    await pool.finish();
    await newest();
    expect(session.dependsOn(join(root, "lib.ts"))).toBe(true);
    expect(session.dependsOn(join(root, "other.ts"))).toBe(false);
    for (const change of [
      () => write("lib.ts", "x"),
      () => write("lib.ts", "y"),
      () => rmSync(join(root, "lib.ts")),
    ]) {
      change();
      session.changed(join(root, "lib.ts"));
      await pool.finish();
      await newest();
    }
    expect(told).toEqual(["1: one null", "2: one x", "3: one y", "4: one null"]);
  });

  test("says nothing when a file is touched, or is as before in the end", async () => {
    const a = write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    await pool.finish();
    await newest();
    write("a.ts", "one");
    session.changed(a);
    expect(pool.compiles).toBe(1);

    write("a.ts", "two");
    session.changed(a);
    await pool.finish(() => write("a.ts", "one"));
    await pool.finish();
    expect(await newest()).toBe("1: one null");
    expect(told).toEqual(["1: one null"]);
  });

  test("reports a deleted script, and takes it up again", async () => {
    const a = write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    await pool.finish();
    await newest();
    rmSync(a);
    session.changed(a);
    await pool.finish();
    await newest();
    write("a.ts", "two");
    session.changed(a);
    await pool.finish();
    await newest();
    expect(told).toEqual(["1: one null", "2: failed", "3: two null"]);
  });

  test("tells nothing any more once it is closed", async () => {
    write("a.ts", "one");
    const { pool, session, told, newest } = start();
    session.track({ entry: "a.ts" });
    session.close();
    await pool.finish();
    await newest();
    expect(told).toEqual([]);
  });
});
