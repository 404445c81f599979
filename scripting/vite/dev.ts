import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { ViteDevServer } from "vite";
import { type Diagnostic, formatDiagnostic, formatDiagnostics } from "../compile/diagnostics.ts";
import type { CompilePool, PoolCompileOptions } from "../compile/pool.ts";
import type { Project } from "./options.ts";
import { SCRIPT_ENDPOINT, SCRIPT_EVENT, type ScriptMessage } from "./protocol.ts";
import { ScriptSession, type Version } from "./session.ts";

/** The scripts of one Vite dev server: answers pages that ask for one, and tells them of later versions. */
export class DevScripts {
  readonly #server: ViteDevServer;
  readonly #session: ScriptSession;
  readonly #overlay: boolean;
  readonly #watched = new Set<string>();

  constructor(server: ViteDevServer, project: Project, pool: CompilePool, overlay: boolean) {
    this.#server = server;
    this.#overlay = overlay;
    this.#session = new ScriptSession({
      root: project.root,
      pool,
      onVersion: (version) => this.#tell(version),
      onFiles: (paths) => this.#watch(paths),
    });
    server.watcher.on("all", (_event, path) => this.#session.changed(path));
    server.middlewares.use(`${server.config.base}${SCRIPT_ENDPOINT}`, (request, response, next) => {
      const file = new URL(request.url ?? "", "http://server").searchParams.get("file");
      this.#session.newest(file ?? "").then((version) => {
        response.statusCode = version ? 200 : 404;
        response.setHeader("Content-Type", "application/json");
        response.setHeader("Cache-Control", "no-store");
        response.end(JSON.stringify(version ? messageOf(version) : null));
      }, next);
    });
  }

  track(options: PoolCompileOptions): void {
    this.#session.track(options);
  }

  dependsOn(path: string): boolean {
    return this.#session.dependsOn(path);
  }

  close(): void {
    this.#session.close();
  }

  #tell(version: Version): void {
    const { hot } = this.#server.environments.client;
    const { logger } = this.#server.config;
    hot.send(SCRIPT_EVENT, messageOf(version));
    const { result, file } = version;
    if (result.ok) {
      const took = `${result.elapsedMs.toFixed(0)} ms, ${result.binary.bytes.length} bytes`;
      logger.info(`script ${file} (${took})`, { timestamp: true });
      if (result.warnings.length > 0) logger.warn(formatDiagnostics(result.warnings));
      return;
    }
    logger.error(formatDiagnostics(result.diagnostics), { timestamp: true });
    // Vite keeps an error for the next page when none is open; by then it may be mended.
    const [first] = result.diagnostics;
    if (this.#overlay && first && this.#server.ws.clients.size > 0) hot.send(overlayOf(first));
  }

  /** Files may lie outside of Vite's root, and may not exist yet: their folders are watched. */
  #watch(paths: readonly string[]): void {
    const folders = new Set(paths.map((path) => dirname(path)));
    let added = false;
    for (const folder of folders) {
      if (this.#watched.has(folder) || !existsSync(folder)) continue;
      this.#watched.add(folder);
      this.#server.watcher.add(folder);
      added = true;
    }
    if (!added) return;
    // A watcher takes a moment to see what it was given, and doesn't say when: looks again after that.
    const look = () => {
      for (const path of paths) this.#session.changed(path);
    };
    for (const delayMs of WATCHER_START_MS) setTimeout(look, delayMs).unref();
  }
}

const WATCHER_START_MS = [250, 1000, 4000];

function messageOf({ file, version, result }: Version): ScriptMessage {
  if (!result.ok) return { file, version, ok: false, diagnostics: result.diagnostics };
  const { bytes, sourceMap } = result.binary;
  const base64 = Buffer.from(bytes).toString("base64");
  return { file, version, ok: true, base64, ...(sourceMap && { sourceMap }) };
}

function overlayOf(diagnostic: Diagnostic) {
  const { file, line, column, message } = diagnostic;
  const [, ...frame] = formatDiagnostic(diagnostic).split("\n");
  const loc = { file, line, column };
  const err = { message, stack: "", plugin: "fusewire", id: file, frame: frame.join("\n"), loc };
  return { type: "error", err } as const;
}
