import { existsSync, statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { shownPath } from "./bindings-options.ts";
import type { GameModule } from "./definitions.ts";
import { CommandFailure } from "./failure.ts";

type Exports = Readonly<Record<string, unknown>>;

/** Imports modules by absolute paths, all into one graph, and tells which files they came from. */
interface Loader {
  load(path: string): Promise<Exports>;
  /** The files that were read so far, as far as the loader knows. */
  files(): readonly string[];
  close(): Promise<void>;
}

/**
 * Loads modules of a game the way that the game itself is: by its Vite, with its configuration; without Vite by tsx;
 * and without either by Node, which takes TypeScript from 22.18 on.
 * @param onFiles is told what was read, also when a module can't be loaded.
 * @throws CommandFailure when there is no such module, or it can't be loaded.
 */
export async function loadGameModules(
  paths: readonly string[],
  onFiles: (files: readonly string[]) => void,
): Promise<readonly GameModule[]> {
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandFailure(`there is no module ${shownPath(path)}`);
    if (!statSync(path).isFile()) throw new CommandFailure(`${shownPath(path)} is not a file`);
  }
  const loader = await loaderFor(paths);
  try {
    const modules: GameModule[] = [];
    for (const path of paths) {
      const exports = await loader.load(path).catch((error: unknown) => {
        throw new CommandFailure(`${shownPath(path)} can't be loaded: ${textOf(error)}`);
      });
      modules.push({ path: shownPath(path), exports });
    }
    return modules;
  } finally {
    onFiles(loader.files().filter((file) => !/[\\/]node_modules[\\/]/.test(file)));
    await loader.close();
  }
}

async function loaderFor(paths: readonly string[]): Promise<Loader> {
  const vite = await installed(import("vite"));
  if (vite) return viteLoader(vite);
  const tsx = await installed(import("tsx/esm/api"));
  if (tsx) return tsxLoader(tsx);
  const typed = paths.find((path) => /\.[cm]?tsx?$/.test(path));
  if (typed !== undefined && !Reflect.get(process.features, "typescript")) {
    throw new CommandFailure(
      `${shownPath(typed)} is TypeScript, which this Node can't load by itself: npm install --save-dev vite (or tsx)`,
    );
  }
  return nodeLoader();
}

async function viteLoader(vite: typeof import("vite")): Promise<Loader> {
  const server = await vite
    .createServer({
      logLevel: "silent",
      appType: "custom",
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true, include: [] },
    })
    .catch((error: unknown) => {
      throw new CommandFailure(`the game's Vite doesn't start: ${textOf(error)}`);
    });
  return {
    async load(path) {
      try {
        return await server.ssrLoadModule(vite.normalizePath(path));
      } catch (error) {
        if (error instanceof Error) server.ssrFixStacktrace(error);
        throw error;
      }
    },
    files() {
      const modules = server.environments.ssr.moduleGraph.idToModuleMap.values();
      const files = [...modules].flatMap(({ file }) => (file && existsSync(file) ? [file] : []));
      return [...files, ...server.config.configFileDependencies];
    },
    close: () => server.close(),
  };
}

async function tsxLoader(tsx: typeof import("tsx/esm/api")): Promise<Loader> {
  const files: string[] = [];
  // Modules of a CommonJS package are imported first, and require the others.
  const { register } = await import("tsx/cjs/api");
  const unregisterCommonJs = register();
  const unregister = tsx.register({
    onImport: (url) => {
      if (url.startsWith("file:")) files.push(fileURLToPath(url));
    },
  });
  return {
    ...nodeLoader(),
    files: () => files,
    async close() {
      unregisterCommonJs();
      await unregister();
    },
  };
}

function nodeLoader(): Loader {
  return {
    async load(path) {
      const exports: Exports = await import(pathToFileURL(path).href);
      // Of a CommonJS module Node tells some exports by name, but has all of them in the default one.
      return { ...Object(exports["default"]), ...exports };
    },
    files: () => [],
    close: async () => {},
  };
}

/** A tool that a game may have, or else undefined. */
async function installed<T>(tool: Promise<T>): Promise<T | undefined> {
  try {
    return await tool;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return;
    throw error;
  }
}

/** An error's message, and where in the game it was thrown. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const places = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const own = places.find((line) => line.includes(process.cwd()) && !line.includes("node_modules"));
  return own === undefined ? error.message : `${error.message}\n${own}`;
}
