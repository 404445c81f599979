import { CompileError } from "../scripting/compile/diagnostics.ts";
import { type ScriptBinary, type ScriptSystem, StartError } from "../scripting/index.ts";
import type { ScriptModule } from "../scripting/vite/index.ts";
import type { CompileErrors } from "./panel/compile-errors.ts";
import type { FaultFeed } from "./panel/fault-feed.ts";
import { toast } from "./panel/toasts.ts";

/** Loads scripts, replaces them when they are edited, and shows what is wrong with those that can't run. */
export class Library {
  readonly #scripts: ScriptSystem;
  readonly #errors: CompileErrors;
  readonly #faults: FaultFeed;
  readonly #running = new Set<string>();
  readonly #followed = new Set<string>();
  /** One change at a time, so that the last save wins. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(scripts: ScriptSystem, errors: CompileErrors, faults: FaultFeed) {
    this.#scripts = scripts;
    this.#errors = errors;
    this.#faults = faults;
  }

  /** Whether a script is there to be attached. */
  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** Loads a script unless it is loaded, and follows its edits from then on. False when it can't run. */
  async add(module: ScriptModule): Promise<boolean> {
    if (!this.#followed.has(module.name)) {
      this.#followed.add(module.name);
      this.#follow(module);
    }
    if (this.#running.has(module.name)) return true;
    // Asked for at once, so that several compile side by side.
    const loading = module.load();
    loading.catch(() => {});
    await this.#enqueue(module.file, async () => {
      if (!this.#running.has(module.name)) await this.#put(await loading);
    });
    return this.#running.has(module.name);
  }

  #follow(module: ScriptModule): void {
    module.onUpdate((update) => {
      if (!update.ok) {
        this.#errors.show(module.file, update.diagnostics);
        return;
      }
      const sinceMs = performance.now();
      void this.#enqueue(module.file, async () => {
        await this.#put(await update.load());
        const tookMs = performance.now() - sinceMs;
        toast(module.name, `reloaded in ${tookMs.toFixed(0)} ms, state kept`);
      });
    });
  }

  /** Loads a script, or replaces the version that runs. */
  async #put(binary: ScriptBinary): Promise<void> {
    if (this.#running.has(binary.name)) {
      await this.#scripts.reload(binary);
    } else {
      await this.#scripts.load(binary);
      this.#running.add(binary.name);
    }
    this.#errors.clear(binary.file);
  }

  #enqueue(file: string, change: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(change).catch((error: unknown) => this.#show(file, error));
    this.#queue = done;
    return done;
  }

  #show(file: string, error: unknown): void {
    if (error instanceof CompileError) {
      this.#errors.show(file, error.diagnostics);
    } else if (error instanceof StartError) {
      this.#faults.add(error.fault, "never started");
    } else {
      this.#errors.showText(file, [error instanceof Error ? error.message : String(error)]);
    }
  }
}
