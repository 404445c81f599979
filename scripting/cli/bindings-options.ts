import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "./failure.ts";

/** What `fusewire bindings` was asked for. */
export interface BindingsCommandOptions {
  /** The modules that export components and prefabs, absolute. */
  readonly from: readonly string[];
  /** The file to write, absolute. */
  readonly out: string;
  /** Whether to tell only if the file is as it should be. */
  readonly check: boolean;
  /** Whether to go on and write it again after each change. */
  readonly watch: boolean;
  /** What the file's header says to run. */
  readonly command: string;
}

/** Where the modules are looked for when none is named, in this order. */
export const defaultModules: readonly string[] = ["src/", "game/", ""].flatMap((folder) =>
  ["ts", "mts", "js", "mjs"].map((end) => `${folder}components.${end}`),
);
export const defaultOut = "scripts/components.ts";

/**
 * Reads the arguments of `fusewire bindings`; paths are relative to the working folder.
 * @throws UsageError
 */
export function readBindingsOptions(args: readonly string[]): BindingsCommandOptions {
  const { from: modules, out, check, watch, command } = parsed(args);
  if (check && watch) throw new UsageError("--check looks once; it doesn't go with --watch");
  if (out !== undefined && !/\.ts$/.test(out)) {
    throw new UsageError(`--out ${out}: scripts import the file, so its name has to end in .ts`);
  }
  if (command !== undefined && /[\r\n\u2028\u2029]/.test(command)) {
    throw new UsageError("--command has to be one line");
  }
  return {
    from: (modules ?? [defaultModule()]).map((path) => resolve(path)),
    out: resolve(out ?? defaultOut),
    check: check ?? false,
    watch: watch ?? false,
    command: command ?? commandOf(modules, out),
  };
}

/** A path as its user would write it: from the working folder, with `/`. */
export function shownPath(path: string): string {
  return relative("", path).replaceAll("\\", "/");
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: "string", multiple: true },
        out: { type: "string" },
        check: { type: "boolean" },
        watch: { type: "boolean" },
        command: { type: "string" },
      },
    }).values;
  } catch (error) {
    // Node's texts go on with advice about its own syntax after the first sentence.
    throw new UsageError(String((error as Error).message).replace(/\. .*$/s, ""));
  }
}

function defaultModule(): string {
  const found = defaultModules.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UsageError(
    `which module exports the game's components? Name it with --from; there is none of ${defaultModules.join(", ")}`,
  );
}

/** The same for the same file and modules, wherever and however it is run: checks compare it, too. */
function commandOf(modules: readonly string[] | undefined, out: string | undefined): string {
  const words = ["npx fusewire bindings"];
  for (const path of modules ?? []) words.push("--from", quoted(shownPath(path)));
  if (out !== undefined && resolve(out) !== resolve(defaultOut)) {
    words.push("--out", quoted(shownPath(out)));
  }
  return words.join(" ");
}

function quoted(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : JSON.stringify(word);
}
