import { CompileError, type Diagnostic } from "../compile/diagnostics.ts";
import type { ScriptBinary, SourceMapV3 } from "../compile/source.ts";
import { SCRIPT_EVENT, type ScriptMessage } from "./protocol.ts";

/** What `import patrol from "./patrol.ts?script"` gives. */
export interface ScriptModule {
  /** `patrol` */
  readonly name: string;
  /** The script's project path, `scripts/patrol.ts`. */
  readonly file: string;
  /**
   * The script as it stands now.
   * Rejects with a {@link CompileError} when it doesn't compile (while developing; a build fails instead), and with
   * another error when the server can't be reached.
   */
  load(): Promise<ScriptBinary>;
  /**
   * Calls `listener` for every version after the one that `load` gave, in order, and returns what stops that. A
   * version that came before the listener did is reported to it at once. Several saves while one compiles are one version. A script whose
   * file is deleted doesn't compile any more. Never called in a build.
   */
  onUpdate(listener: (update: ScriptUpdate) => void): () => void;
}

/** What became of a script that was edited. */
export type ScriptUpdate =
  | { readonly ok: true; load(): Promise<ScriptBinary> }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What the two names of a script are; see {@link ScriptBinary}. */
export type ScriptNames = Pick<ScriptBinary, "name" | "file">;

/** The part of Vite's `import.meta.hot` that is used. */
export interface Hot {
  on(event: string, listener: (message: ScriptMessage) => void): void;
}

/** A script of a dev server: fetched from `url` once, then kept up to date through `hot`. */
export function devScript(names: ScriptNames, url: string, hot: Hot | undefined): ScriptModule {
  const listeners = new Set<(update: ScriptUpdate) => void>();
  let newest: ScriptMessage | undefined;
  // The newest version that was handed out, by load() or to a listener; nothing is "later" before the first load().
  let seenVersion = Number.POSITIVE_INFINITY;

  const take = (message: ScriptMessage): boolean => {
    if (newest && message.version <= newest.version) return false;
    newest = message;
    closeOverlayOnceFixed(message);
    return true;
  };
  const report = (message: ScriptMessage, listener: (update: ScriptUpdate) => void): void => {
    seenVersion = message.version;
    notify(listener, updateOf(names, message));
  };

  hot?.on(SCRIPT_EVENT, (message) => {
    if (message.file !== names.file || !take(message) || message.version <= seenVersion) return;
    for (const listener of [...listeners]) report(message, listener);
  });

  return {
    ...names,
    async load() {
      if (!newest) {
        const response = await fetch(url);
        if (!response.ok) throw fetchError(names, response);
        take((await response.json()) as ScriptMessage);
      }
      // What came over the socket while the answer was on its way is newer, and stays.
      const message = newest as ScriptMessage;
      seenVersion = message.version;
      return binaryOf(names, message);
    },
    onUpdate(listener) {
      listeners.add(listener);
      queueMicrotask(() => {
        if (newest && newest.version > seenVersion && listeners.has(listener)) {
          report(newest, listener);
        }
      });
      return () => void listeners.delete(listener);
    },
  };
}

/** A script of a build: two assets, of which the source map is optional and may be missing. */
export function builtScript(names: ScriptNames, wasmUrl: string, mapUrl?: string): ScriptModule {
  return {
    ...names,
    async load() {
      const [bytes, sourceMap] = await Promise.all([
        fetch(wasmUrl).then((response) => {
          if (!response.ok) throw fetchError(names, response);
          return response.arrayBuffer();
        }),
        mapUrl ? fetchMap(mapUrl) : undefined,
      ]);
      return { ...names, bytes: new Uint8Array(bytes), ...(sourceMap && { sourceMap }) };
    },
    onUpdate: () => () => {},
  };
}

/** A script outside of a page, as in a test in Node: nothing to fetch from, so it carries its bytes. */
export function inlineScript(
  names: ScriptNames,
  base64: string,
  sourceMap?: SourceMapV3,
): ScriptModule {
  const message = {
    ...names,
    version: 1,
    ok: true,
    base64,
    ...(sourceMap && { sourceMap }),
  } as const;
  return {
    ...names,
    load: async () => binaryOf(names, message),
    onUpdate: () => () => {},
  };
}

function binaryOf(names: ScriptNames, message: ScriptMessage): ScriptBinary {
  if (!message.ok) throw new CompileError(names.file, message.diagnostics);
  const { base64, sourceMap } = message;
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return { ...names, bytes, ...(sourceMap && { sourceMap }) };
}

function updateOf(names: ScriptNames, message: ScriptMessage): ScriptUpdate {
  return message.ok
    ? { ok: true, load: async () => binaryOf(names, message) }
    : { ok: false, diagnostics: message.diagnostics };
}

async function fetchMap(url: string): Promise<SourceMapV3 | undefined> {
  try {
    const response = await fetch(url);
    return response.ok ? ((await response.json()) as SourceMapV3) : undefined;
  } catch {
    return undefined;
  }
}

function fetchError({ name, file }: ScriptNames, { status, statusText, url }: Response): Error {
  return new Error(`Cannot load script '${name}' (${file}): ${status} ${statusText} from ${url}`);
}

/** One listener's error is the page's to see, and keeps no other listener from being called. */
function notify(listener: (update: ScriptUpdate) => void, update: ScriptUpdate): void {
  try {
    listener(update);
  } catch (error) {
    reportError(error);
  }
}

const failing = new Set<string>();

/** Vite closes its overlay with an update of a module, which a script is not. */
function closeOverlayOnceFixed({ file, ok }: ScriptMessage): void {
  if (!ok) failing.add(file);
  else if (failing.delete(file) && failing.size === 0 && typeof document !== "undefined") {
    for (const overlay of document.querySelectorAll("vite-error-overlay")) overlay.remove();
  }
}
