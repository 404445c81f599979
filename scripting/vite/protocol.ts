import type { Diagnostic } from "../compile/diagnostics.ts";
import type { SourceMapV3 } from "../compile/source.ts";

// What the dev server says to the page, over Vite's socket and in the answer to a script's first request.

/** The custom event of Vite's socket that carries a {@link ScriptMessage}. */
export const SCRIPT_EVENT = "fusewire:script";

/** Below the server's base; `?file=scripts/patrol.ts` follows. */
export const SCRIPT_ENDPOINT = "@fusewire/script";

/** What became of a script's newest version. */
export type ScriptMessage = {
  /** The script's project path. */
  readonly file: string;
  /** Grows with each message about a script. */
  readonly version: number;
} & (
  | { readonly ok: true; readonly base64: string; readonly sourceMap?: SourceMapV3 }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
);
