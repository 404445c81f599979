import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Plugin, ResolvedConfig } from "vite";
import { CompileError, formatDiagnostic } from "../compile/diagnostics.ts";
import { CompilePool } from "../compile/pool.ts";
import { DevScripts } from "./dev.ts";
import { buildCode, devCode, inlineCode, runtimeFolder, sourcesCode } from "./module-code.ts";
import { type FusewireOptions, Project } from "./options.ts";
import { SCRIPT_ENDPOINT } from "./protocol.ts";

export type { FusewireOptions } from "./options.ts";
export type { ScriptModule, ScriptUpdate } from "./script-module.ts";

const QUERY = "?script";
const PREFIX = "\0fusewire:script:";
const SDK_SOURCES = "virtual:fusewire/sdk";

/**
 * The Vite plugin: `import patrol from "../scripts/patrol.ts?script"` gives a `ScriptModule`.
 *
 * While developing, scripts are compiled in worker threads when a page asks for them, again on every save of the
 * script or of a file that it imports, and pushed to the page over Vite's socket; the page is never reloaded for a
 * script. A build compiles them to hashed `.wasm` and `.wasm.map` assets, and fails when one doesn't compile.
 * Outside of a page (server-side rendering, Vitest) a script carries its bytes.
 *
 * `import sources from "virtual:fusewire/sdk"` gives the sdk's sources by file name, for `compile` in the page; a
 * worker that compiles wants `worker: { format: "es", plugins: () => [fusewire()] }` in Vite's configuration.
 * Types of both: `/// <reference types="fusewire/vite/client" />`.
 */
export function fusewire(options: FusewireOptions = {}): Plugin {
  let config: ResolvedConfig;
  let project: Project;
  let pool: CompilePool;
  let dev: DevScripts | undefined;

  return {
    name: "fusewire",
    // Before Vite's own plugins, which would take `patrol.ts?script` for TypeScript.
    enforce: "pre",

    config: () => ({
      // One copy of this package's classes in a page, and no pre-bundling of the 14 MB compiler.
      optimizeDeps: { exclude: ["fusewire", "assemblyscript", "binaryen", "long"] },
    }),

    configResolved(resolved) {
      config = resolved;
      resolved.server.fs.allow.push(runtimeFolder);
      project = new Project(options, resolved.root);
      const { maxWorkers, timeoutMs } = options;
      pool = new CompilePool({
        root: project.root,
        sdkRoot: project.sdkRoot,
        ...(maxWorkers !== undefined && { maxWorkers }),
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
    },

    configureServer(server) {
      dev = new DevScripts(server, project, pool, options.overlay ?? true);
      server.httpServer?.once("listening", () => pool.warm());
    },

    resolveId: {
      filter: { id: /\?script$|^virtual:fusewire\/sdk$/ },
      async handler(source, importer) {
        if (source === SDK_SOURCES) return `\0${SDK_SOURCES}`;
        const path = source.slice(0, -QUERY.length);
        const found = await this.resolve(path, importer, { skipSelf: true });
        // A script that was deleted still resolves, so that its absence is a diagnostic and not a broken page.
        const absolute =
          found?.id ?? (path.startsWith(".") && importer ? resolve(dirname(importer), path) : path);
        const file = project.fileOf(absolute);
        if (file === undefined || !file.endsWith(".ts")) {
          this.error(`${source} is not a .ts file in ${project.root}`);
        }
        return PREFIX + file;
      },
    },

    load: {
      filter: { id: /^\0(fusewire:script:|virtual:fusewire\/sdk$)/ },
      async handler(id) {
        if (id === `\0${SDK_SOURCES}`) return sourcesCode(readSources(project.sdkRoot));
        const compileOptions = project.compileOptions(id.slice(PREFIX.length));
        const { entry: file, name } = compileOptions;
        const inPage = this.environment.config.consumer === "client";
        if (dev && inPage) {
          dev.track(compileOptions);
          return devCode(
            { name, file },
            `${config.base}${SCRIPT_ENDPOINT}?file=${encodeURIComponent(file)}`,
          );
        }
        const { result, reads } = await pool.compile(compileOptions);
        for (const path of reads.keys()) this.addWatchFile(path);
        if (!result.ok) throw new CompileError(file, result.diagnostics);
        for (const warning of result.warnings) this.warn(formatDiagnostic(warning));
        if (!inPage) return inlineCode(result.binary);
        const { bytes, sourceMap } = result.binary;
        const emit = (fileName: string, source: string | Uint8Array) =>
          this.emitFile({ type: "asset", name: fileName, source });
        const wasm = emit(`${name}.wasm`, bytes);
        const map = (options.sourceMap ?? true) && sourceMap;
        return buildCode(
          { name, file },
          wasm,
          map ? emit(`${name}.wasm.map`, JSON.stringify(map)) : undefined,
        );
      },
    },

    hotUpdate({ file }) {
      // DevScripts tells pages of it. What else came from the file, as its text by `?raw`, would reload the page.
      const inPage = this.environment.config.consumer === "client";
      return inPage && dev?.dependsOn(file) ? [] : undefined;
    },

    async closeBundle() {
      if (this.meta.watchMode && !dev) return;
      dev?.close();
      await pool.close();
    },

    closeWatcher: () => pool.close(),
  };
}

function readSources(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((path) => path.endsWith(".ts"));
  return Object.fromEntries(
    sources.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path), "utf8")]),
  );
}
