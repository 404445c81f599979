import { fork } from "node:child_process";
import { existsSync, type FSWatcher, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { BindingsCommandOptions } from "./bindings-options.ts";
import type { Terminal } from "./command.ts";
import { CommandFailure } from "./failure.ts";

/** Saves within this many milliseconds are one change: editors write in steps, and some write several files. */
const SETTLE_MS = 50;
const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;

/** Tells a watching process, if this one was started by one, which files a run read. */
export function reportFiles(files: readonly string[]): void {
  process.send?.({ files });
}

/**
 * Runs `fusewire bindings` with `args`, and again whenever a source in a folder that it read from changes, until the
 * process is stopped. Each run is a process of its own, so that it sees every module as it is on disk.
 * @throws CommandFailure when there is no folder to watch.
 */
export function watchRuns(
  args: readonly string[],
  { from, out }: BindingsCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const watchers = new Map<string, FSWatcher>();
  let running = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const run = (): void => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    const started = Date.now();
    const [, script = ""] = process.argv;
    const child = fork(script, ["bindings", ...args]);
    child.on("message", (message) => {
      const { files } = message as { files: readonly string[] };
      // What was saved before its folder was watched may have been read too early.
      const added = new Set(files.map((file) => dirname(file)).filter(watchFolder));
      if (files.some((file) => added.has(dirname(file)) && modified(file) >= started)) soon();
    });
    child.on("close", () => {
      running = false;
      if (again) run();
    });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(run, SETTLE_MS);
  };
  /** Whether the folder wasn't watched yet. */
  const watchFolder = (folder: string): boolean => {
    if (watchers.has(folder) || !existsSync(folder)) return false;
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && SOURCE.test(name) && join(folder, name) !== out) soon();
    });
    watcher.on("error", () => {
      watcher.close();
      watchers.delete(folder);
    });
    watchers.set(folder, watcher);
    return true;
  };

  for (const path of from) watchFolder(dirname(path));
  if (watchers.size === 0) throw new CommandFailure(`there is no folder ${dirname(from[0] ?? "")}`);
  terminal.print("watching; stop with Ctrl+C");
  run();
  return new Promise(() => {});
}

/** When a file was written, as `Date.now` counts; 0 when it is gone. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
