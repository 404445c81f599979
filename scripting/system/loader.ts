import type { QueryDefinition } from "../../engine/index.ts";
import type { ScriptBinary } from "../compile/source.ts";
import { StartError } from "../fault.ts";
import type { CallLimits, ResourceLimits } from "../limits.ts";
import type { Linker } from "../runtime/linker.ts";
import type { PreparedScript } from "../runtime/prepared-script.ts";
import type { LoadOptions, ScriptRuntime } from "../runtime/runtime.ts";
import { withoutBindings } from "./bindings-map.ts";
import type { SystemCore } from "./core.ts";
import type { FieldChanges } from "./field-columns.ts";
import { checkQuery } from "./named-queries.ts";
import { type FaultPolicy, resolvePolicy } from "./policy.ts";
import { drivenHooks, Program } from "./program.ts";
import { grantedBy, resolveScriptPolicy, type ScriptPolicy } from "./script-policy.ts";
import { scripted } from "./scripted.ts";
import { ScriptSlot } from "./slot.ts";

export interface ScriptLoadOptions {
  /** What this script may use, where it differs from the system's limits. */
  readonly limits?: Partial<ResourceLimits>;
  /** What this script may do, where it differs from the system's `scriptPolicy`. */
  readonly policy?: Partial<ScriptPolicy>;
  /**
   * Of the entities that carry it, those that `onUpdate` and `onFixedUpdate` are called for: who is in this query when
   * a frame's scripts, or those of a fixed step, begin. The others keep their place and all that is theirs, and still
   * get messages and their last call; `onStart` comes before an entity's first call, so when it is first in the query
   * or gets a message. It holds for later versions, too, and isn't part of a saved state, as policies aren't.
   * Default: all.
   */
  readonly query?: QueryDefinition;
}

export interface LoaderOptions {
  /** Of scripts that don't bring their own. */
  readonly policy: ScriptPolicy;
  /** Told of names that aren't used any more. */
  readonly forgotten: (name: string) => void;
  /** See `ScriptSystemOptions.windows`. */
  readonly windows: boolean | "rows";
  /** Whether scripts' memory can be saved and set. */
  readonly snapshots: boolean;
}

/** What holds for every version of a script. */
interface Terms {
  readonly limits: Partial<ResourceLimits>;
  /** What was set since. */
  readonly changed: Partial<CallLimits>;
  readonly policy: ScriptPolicy;
  /** {@link ScriptPolicy.faults}, completed. */
  readonly faults: FaultPolicy;
  readonly query: QueryDefinition | undefined;
}

/**
 * Builds scripts, and puts them in place between two frames. Everything of one name happens in the
 * order it was asked for, however long each build takes.
 */
export class Loader {
  readonly #core: SystemCore;
  readonly #runtime: ScriptRuntime;
  readonly #linker: Linker;
  readonly #policy: ScriptPolicy;
  readonly #forgotten: (name: string) => void;
  readonly #windows: boolean | "rows";
  readonly #snapshots: boolean;
  /** By the names that are loaded or about to be. */
  readonly #terms = new Map<string, Terms>();
  readonly #latest = new Map<string, Promise<unknown>>();
  #nextId = 0;
  /** Times that everything was forgotten. */
  #epoch = 0;

  constructor(
    core: SystemCore,
    runtime: ScriptRuntime,
    linker: Linker,
    { policy, forgotten, windows, snapshots }: LoaderOptions,
  ) {
    this.#core = core;
    this.#runtime = runtime;
    this.#linker = linker;
    this.#policy = policy;
    this.#forgotten = forgotten;
    this.#windows = windows;
    this.#snapshots = snapshots;
  }

  /**
   * @param enter puts the script in its place, in the same moment as its `onLoad` has run.
   * @throws what {@link ScriptRuntime.load} throws, StartError when `onLoad` faults, Error when everything
   * was forgotten meanwhile.
   */
  load(
    binary: ScriptBinary,
    options: ScriptLoadOptions,
    enter: (slot: ScriptSlot) => void,
  ): Promise<void> {
    const { name } = binary;
    if (this.#terms.has(name)) throw new TypeError(`a script named "${name}" is loaded already`);
    const terms = this.#termsOf(options);
    this.#terms.set(name, terms);
    const epoch = this.#epoch;
    return this.#inTurn(name, async () => {
      let program: Program;
      try {
        program = await this.#build(binary, terms);
        if (epoch !== this.#epoch) {
          program.dispose();
          throw new Error(`script "${name}" wasn't loaded: its system was disposed of meanwhile`);
        }
        finish(program, program.load());
      } catch (error) {
        if (epoch === this.#epoch) this.forget(name);
        throw error;
      }
      // Not before: a script that can't be loaded leaves neither an id, nor a tag, nor a query behind.
      enter(new ScriptSlot(this.#core, this.#nextId++, name, program, terms.faults, terms.query));
    });
  }

  /**
   * Builds a new version beside the old one, then swaps them.
   * @param find the script's slot, or undefined when it was unloaded meanwhile.
   * @param enter told when the new version is in its place, and what has become of its fields.
   * @throws like `load`; the old version runs on.
   */
  reload(
    binary: ScriptBinary,
    find: () => ScriptSlot | undefined,
    enter: (slot: ScriptSlot, fields: FieldChanges) => void,
  ): Promise<void> {
    const { name } = binary;
    if (!this.#terms.has(name)) throw new TypeError(`no script named "${name}" is loaded`);
    return this.#inTurn(name, async () => {
      const terms = this.#terms.get(name);
      const program = terms === undefined ? undefined : await this.#build(binary, terms);
      const slot = find();
      if (slot === undefined || program === undefined) {
        program?.dispose();
        throw new TypeError(`script "${name}" was unloaded before its new version was ready`);
      }
      // They may have been set while it was built.
      program.script.setLimits(this.#terms.get(name)?.changed ?? {});
      const changes = slot.rows.fields.changesTo(program.script.fields);
      const before = slot.rows.changeFields(program.script.fields);
      program.own(slot.rows);
      const fault = program.takeOver();
      if (fault !== null) slot.rows.putFields(before);
      finish(program, fault);
      const old = slot.program;
      slot.program = program;
      slot.pardon();
      slot.usage.lastFault = undefined;
      slot.usage.reloads++;
      old.dispose();
      enter(slot, changes);
    });
  }

  /** Changes what a script's next versions may use. */
  setLimits(name: string, limits: Partial<CallLimits>): void {
    const terms = this.#terms.get(name);
    if (terms === undefined) return;
    this.#terms.set(name, { ...terms, changed: { ...terms.changed, ...limits } });
  }

  /** Frees a name. */
  forget(name: string): void {
    this.#terms.delete(name);
    this.#forgotten(name);
  }

  /** Frees all names; what is being built isn't loaded any more. */
  forgetAll(): void {
    this.#epoch++;
    for (const name of [...this.#terms.keys()]) this.forget(name);
  }

  #termsOf({ limits = {}, policy: overrides, query }: ScriptLoadOptions): Terms {
    const { policy: faultPolicy, world } = this.#core;
    if (query !== undefined) checkQuery(world, query);
    const policy = resolveScriptPolicy(this.#core, this.#linker, this.#policy, overrides);
    return {
      limits,
      changed: {},
      policy,
      faults: resolvePolicy({ ...faultPolicy, ...policy.faults }),
      query,
    };
  }

  async #build({ name, bytes, sourceMap }: ScriptBinary, terms: Terms): Promise<Program> {
    this.#core.call.serial++;
    const { limits, changed, policy } = terms;
    const options: LoadOptions = {
      name,
      limits: { ...limits, ...changed },
      capabilities: grantedBy(policy, this.#linker, this.#core),
      entities: policy.entities,
      redacted: policy.redacted.map((field) => `component.${field}.get`),
      ...(sourceMap === undefined ? {} : { sourceMap: withoutBindings(sourceMap) }),
    };
    const isolated = await this.#isolated(bytes, options);
    const script = await this.#runtime.load(bytes, {
      ...options,
      snapshots: this.#snapshots || isolated !== undefined,
      ...(this.#windows === false ? {} : { driven: drivenHooks }),
      ...(this.#windows === true ? { tableEntities: this.#core.world.maxEntities } : {}),
    });
    try {
      return new Program(script, this.#core, scripted(name), isolated);
    } catch (error) {
      script.dispose();
      throw error;
    }
  }

  /** What stopped calls are made again with; undefined where that isn't wanted, or can't be. */
  async #isolated(bytes: Uint8Array, options: LoadOptions): Promise<PreparedScript | undefined> {
    if (this.#core.captures === undefined) return undefined;
    try {
      const prepared = await this.#runtime.prepare(bytes, { ...options, snapshots: true });
      const { functions } = prepared.linked;
      const repeats = functions.every((f) => !("spec" in f) || f.spec.repeatable === true);
      return repeats ? prepared : undefined;
    } catch {
      // Its state can't be saved, or it can't be loaded at all: that comes up next.
      return undefined;
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
