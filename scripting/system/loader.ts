import type { ScriptBinary } from "../compile/source.ts";
import { StartError } from "../fault.ts";
import type { ResourceLimits } from "../limits.ts";
import type { ScriptRuntime } from "../runtime/runtime.ts";
import { withoutBindings } from "./bindings-map.ts";
import type { SystemCore } from "./core.ts";
import { Program } from "./program.ts";
import { ScriptSlot } from "./slot.ts";

export interface ScriptLoadOptions {
  /** What this script may use, where it differs from the system's limits. */
  readonly limits?: Partial<ResourceLimits>;
}

/**
 * Builds scripts, and puts them in place between two frames. Everything of one name happens in the
 * order it was asked for, however long each build takes.
 */
export class Loader {
  readonly #core: SystemCore;
  readonly #runtime: ScriptRuntime;
  /** What each script may use, by the names that are loaded or about to be. */
  readonly #limits = new Map<string, Partial<ResourceLimits>>();
  readonly #latest = new Map<string, Promise<unknown>>();
  #nextId = 0;

  constructor(core: SystemCore, runtime: ScriptRuntime) {
    this.#core = core;
    this.#runtime = runtime;
  }

  /** @throws what {@link ScriptRuntime.load} throws, StartError when `onLoad` faults. */
  load(binary: ScriptBinary, options: ScriptLoadOptions): Promise<ScriptSlot> {
    const { name } = binary;
    if (this.#limits.has(name)) throw new TypeError(`a script named "${name}" is loaded already`);
    this.#limits.set(name, options.limits ?? {});
    return this.#inTurn(name, async () => {
      try {
        const program = await this.#build(binary);
        const slot = new ScriptSlot(this.#core.world, this.#nextId++, name, program);
        finish(program, program.load());
        return slot;
      } catch (error) {
        this.#limits.delete(name);
        throw error;
      }
    });
  }

  /**
   * Builds a new version beside the old one, then swaps them.
   * @param find the script's slot, or undefined when it was unloaded meanwhile.
   * @throws like `load`; the old version runs on.
   */
  reload(binary: ScriptBinary, find: () => ScriptSlot | undefined): Promise<ScriptSlot> {
    const { name } = binary;
    if (!this.#limits.has(name)) throw new TypeError(`no script named "${name}" is loaded`);
    return this.#inTurn(name, async () => {
      const program = await this.#build(binary);
      const slot = find();
      if (slot === undefined) {
        program.dispose();
        throw new TypeError(`script "${name}" was unloaded before its new version was ready`);
      }
      finish(program, program.takeOver());
      const old = slot.program;
      slot.program = program;
      slot.disabled = false;
      slot.rows.pardon();
      slot.usage.lastFault = undefined;
      slot.usage.reloads++;
      old.dispose();
      return slot;
    });
  }

  /** Frees a name. */
  forget(name: string): void {
    this.#limits.delete(name);
  }

  async #build({ name, bytes, sourceMap }: ScriptBinary): Promise<Program> {
    this.#core.call.serial++;
    const script = await this.#runtime.load(bytes, {
      name,
      limits: this.#limits.get(name) ?? {},
      ...(sourceMap === undefined ? {} : { sourceMap: withoutBindings(sourceMap) }),
    });
    try {
      return new Program(script, this.#core.transaction, this.#core.call);
    } catch (error) {
      script.dispose();
      throw error;
    }
  }

  /** Runs a task when those before it, of the same name, are done. */
  async #inTurn<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#latest.get(name);
    const run = (async () => {
      await before?.catch(() => {});
      return task();
    })();
    this.#latest.set(name, run);
    try {
      return await run;
    } finally {
      if (this.#latest.get(name) === run) this.#latest.delete(name);
    }
  }
}

function finish(program: Program, fault: ReturnType<Program["load"]>): void {
  if (fault === null) return;
  program.dispose();
  throw new StartError(fault);
}
