import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CompileResult } from "../compile/compile.ts";
import { type FileHashes, hashOnDisk } from "../compile/disk.ts";
import type { CompilePool, PoolCompileOptions, PoolResult } from "../compile/pool.ts";

/** A script's newest version, as the session tells it on. */
export interface Version {
  readonly file: string;
  /** Grows by one with every version of this script. */
  readonly version: number;
  readonly result: CompileResult;
}

interface Entry {
  readonly options: PoolCompileOptions;
  /** Of the entry file, absolute. */
  readonly path: string;
  reads: FileHashes;
  newest: Version | undefined;
  /** The compile under way, which ends with the newest version. */
  running: Promise<Version> | undefined;
}

export interface SessionOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly pool: Pick<CompilePool, "compile">;
  /** Called with each new version, in order; not for one that was compiled from the same files as the last. */
  readonly onVersion: (version: Version) => void;
  /** Called before the first compile and after each with the files the script depends on, existing or not. */
  readonly onFiles: (absolutePaths: readonly string[]) => void;
}

/**
 * The scripts of a dev server: compiles each when it is first asked for and when a file it was made from has
 * changed, and keeps the newest result. What is told on is always made from what is on disk at that time: changes
 * during a compile start it again, however many they were, and only the last result is told.
 */
export class ScriptSession {
  readonly #options: SessionOptions;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Starts to keep a script up to date. Does nothing the second time. */
  track(options: PoolCompileOptions): void {
    if (this.#entries.has(options.entry)) return;
    const path = join(this.#options.root, options.entry);
    const entry: Entry = { options, path, reads: new Map(), newest: undefined, running: undefined };
    this.#entries.set(options.entry, entry);
    this.#options.onFiles([path]);
    void this.#refresh(entry);
  }

  /** The newest version of a tracked script, as of what is on disk now; undefined when it isn't tracked. */
  async newest(file: string): Promise<Version | undefined> {
    const entry = this.#entries.get(file);
    if (!entry) return undefined;
    if (!entry.running && entry.newest && !isStale(entry.reads)) return entry.newest;
    return this.#refresh(entry);
  }

  /** Whether any script is made from this file, or would be if it existed. */
  dependsOn(absolute: string): boolean {
    return [...this.#entries.values()].some(
      ({ path, reads }) => path === absolute || reads.has(absolute),
    );
  }

  /** To be called when a file was changed, created or deleted. Compiles what is made from it. */
  changed(absolute: string): void {
    if (this.#closed) return;
    for (const entry of this.#entries.values()) {
      // A compile under way looks at its files again before it ends.
      if (entry.running || !entry.reads.has(absolute)) continue;
      if (hashOnDisk(absolute) !== entry.reads.get(absolute)) void this.#refresh(entry);
    }
  }

  /** Nothing is compiled for a change, and no version is told on, from here. */
  close(): void {
    this.#closed = true;
  }

  #refresh(entry: Entry): Promise<Version> {
    entry.running ??= this.#compile(entry).finally(() => {
      entry.running = undefined;
    });
    return entry.running;
  }

  async #compile(entry: Entry): Promise<Version> {
    let reads: FileHashes;
    let compiled: PoolResult;
    do {
      await settled([entry.path, ...entry.reads.keys()]);
      const before = hashesOf([entry.path, ...entry.reads.keys()]);
      compiled = await this.#options.pool.compile(entry.options);
      // A compile that was stopped doesn't tell what it read; what it was to be made from is known from before.
      reads = compiled.reads.size > 0 ? compiled.reads : before;
      this.#options.onFiles([...reads.keys()]);
    } while (!this.#closed && isStale(reads));

    const { newest } = entry;
    const unchanged = newest && isSame(entry.reads, reads);
    entry.reads = reads;
    if (unchanged) return newest;
    const version = (newest?.version ?? 0) + 1;
    entry.newest = { file: entry.options.entry, version, result: compiled.result };
    if (!this.#closed) this.#options.onVersion(entry.newest);
    return entry.newest;
  }
}

function hashesOf(paths: Iterable<string>): FileHashes {
  return new Map([...paths].map((path) => [path, hashOnDisk(path)]));
}

function isStale(reads: FileHashes): boolean {
  for (const [path, hash] of reads) if (hashOnDisk(path) !== hash) return true;
  return false;
}

function isSame(a: FileHashes, b: FileHashes): boolean {
  return a.size === b.size && [...a].every(([path, hash]) => b.get(path) === hash);
}

/** Some editors empty a file before they write it: waits a moment while one of the files is empty. */
async function settled(paths: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 5 && paths.some(isEmpty); tries++) await sleep(10);
}

function isEmpty(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === 0;
}
