import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CompileOptions, CompileResult } from "./compile.ts";
import { DiagnosticCode, fileDiagnostic } from "./diagnostics.ts";
import { type FileHashes, shippedSdkFolder } from "./disk.ts";
import { messageOf } from "./files.ts";

export interface CompilePoolOptions {
  /** The project's folder: entries and imports are paths in it. */
  readonly root: string;
  /** The folder of `fusewire/sdk`'s sources. Default: the one that ships with this package. */
  readonly sdkRoot?: string;
  /** Worker threads at most; about 300 MB each. Default: one less than there are cores, from 1 to 4. */
  readonly maxWorkers?: number;
  /** A compile that takes longer is stopped, with its worker. Starting a worker counts. Default 60,000. */
  readonly timeoutMs?: number;
}

/** What to compile: the options of `compile` but for where files come from. */
export type PoolCompileOptions = Omit<CompileOptions, "readFile" | "sdk">;

export interface PoolResult {
  readonly result: CompileResult;
  /** Every file that was asked for, the sdk's included, with its content's hash as it was compiled. */
  readonly reads: FileHashes;
}

/** A message to the worker. */
export interface CompileJob {
  readonly id: number;
  readonly root: string;
  readonly sdkRoot: string;
  readonly options: PoolCompileOptions;
}

/** A message from the worker. */
export interface JobReply extends PoolResult {
  readonly id: number;
}

interface Pending {
  readonly job: CompileJob;
  readonly settle: (result: PoolResult) => void;
}

/**
 * Compiles scripts from disk in worker threads, so that the caller's thread is never blocked. Node only.
 * Workers are started when there is work and kept; idle ones don't keep the process alive.
 */
export class CompilePool {
  readonly #root: string;
  readonly #sdkRoot: string;
  readonly #maxWorkers: number;
  readonly #timeoutMs: number;
  readonly #waiting: Pending[] = [];
  readonly #idle = new Set<Worker>();
  readonly #busy = new Map<Worker, Pending>();
  #nextId = 1;

  constructor(options: CompilePoolOptions) {
    this.#root = options.root;
    this.#sdkRoot = options.sdkRoot ?? shippedSdkFolder();
    this.#maxWorkers = options.maxWorkers ?? Math.max(1, Math.min(4, availableParallelism() - 1));
    this.#timeoutMs = options.timeoutMs ?? 60_000;
  }

  /** Never rejects: a worker that crashes, hangs or runs out of memory is a diagnostic like any other. */
  compile(options: PoolCompileOptions): Promise<PoolResult> {
    return new Promise((settle) => {
      const job = { id: this.#nextId++, root: this.#root, sdkRoot: this.#sdkRoot, options };
      this.#waiting.push({ job, settle });
      this.#pump();
    });
  }

  /**
   * Starts a worker ahead of the first compile and lets it parse the standard library once, which takes a cold
   * compiler longer than all that a script adds to it.
   */
  warm(): void {
    void this.compile({ entry: "no-such-file.ts" });
  }

  /** Ends all workers. What is under way or waiting fails with a diagnostic. A later compile starts new ones. */
  async close(): Promise<void> {
    const pending = [...this.#busy.values(), ...this.#waiting.splice(0)];
    const workers = [...this.#busy.keys(), ...this.#idle];
    this.#busy.clear();
    this.#idle.clear();
    for (const each of pending)
      fail(each, DiagnosticCode.compilerCrash, "The compiler was closed.");
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const [idle] = this.#idle;
      if (!idle && this.#busy.size >= this.#maxWorkers) return;
      const pending = this.#waiting.shift();
      if (pending) this.#start(idle ?? this.#newWorker(), pending);
    }
  }

  #newWorker(): Worker {
    const worker = startWorker();
    // Also while it is idle; what a busy worker's end means is said in #start.
    worker.on("error", () => {}).on("exit", () => this.#idle.delete(worker));
    return worker;
  }

  #start(worker: Worker, pending: Pending): void {
    this.#idle.delete(worker);
    this.#busy.set(worker, pending);
    const timer = setTimeout(() => {
      end(DiagnosticCode.compileTimeout, `The compiler was stopped after ${this.#timeoutMs} ms.`);
    }, this.#timeoutMs);

    const onMessage = (reply: JobReply | { id: number; error: string }) => {
      if ("error" in reply) return end(DiagnosticCode.compilerCrash, reply.error);
      if (crashed(reply.result)) return end(reply);
      release();
      this.#idle.add(worker);
      worker.unref();
      pending.settle({ result: reply.result, reads: reply.reads });
      this.#pump();
    };
    const onError = (error: unknown) => {
      end(DiagnosticCode.compilerCrash, `The compiler's worker failed: ${messageOf(error)}`);
    };
    const onExit = () => end(DiagnosticCode.compilerCrash, "The compiler's worker ended.");

    const release = () => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      this.#busy.delete(worker);
    };
    // Also ends the worker: nothing that has crashed or been stopped compiles again.
    const end = (outcome: PoolResult | number, message = "") => {
      release();
      void worker.terminate();
      if (typeof outcome === "number") fail(pending, outcome, message);
      else pending.settle({ result: outcome.result, reads: outcome.reads });
      this.#pump();
    };

    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.ref();
    worker.postMessage(pending.job);
  }
}

function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith(".ts");
  const file = fromSource ? "./worker-source.js" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), {
    name: "fusewire-compile",
    // The host's flags (a test runner's loader, an inspector port) are not the worker's.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
}

function crashed(result: CompileResult): boolean {
  return !result.ok && result.diagnostics.some(({ code }) => code === DiagnosticCode.compilerCrash);
}

function fail({ job, settle }: Pending, code: number, message: string): void {
  const diagnostics = [fileDiagnostic(code, message, job.options.entry)];
  settle({ result: { ok: false, diagnostics, elapsedMs: 0, files: [] }, reads: new Map() });
}
