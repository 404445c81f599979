import { admitCopy, copyBytes, limitPages } from "../admission/admit.ts";
import { type KeptState, surveyState } from "../admission/kept-state.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import { StartError } from "../fault.ts";
import { readFields } from "../fields/fields-section.ts";
import {
  type CallLimits,
  limitProfiles,
  type ResourceLimits,
  resolveCallLimits,
  resolveLimits,
} from "../limits.ts";
import { meter } from "../metering/meter.ts";
import { core as meterCore } from "../metering/meter-core.ts";
import { prepareVerifier } from "../metering/verify/bodies.ts";
import { verify } from "../metering/verify/verify.ts";
import { type DrivenExport, type ImportUse, lower } from "../windows/lower.ts";
import type { LoweredModule } from "../windows/module-lowering.ts";
import {
  type AllocationFigures,
  type AllocationOptions,
  InstanceAllocator,
} from "./instance-allocator.ts";
import {
  isRepeatable,
  type LinkedFunction,
  type LinkedModule,
  type RuntimeFunction,
} from "./linked-module.ts";
import type { Linker } from "./linker.ts";
import type { TransactionHooks } from "./open-call.ts";
import { prepared as made, type PreparedScript } from "./prepared-script.ts";
import { Script } from "./script.ts";
import { checkSourceMap } from "./script-map.ts";

export interface ScriptRuntimeOptions {
  readonly linker: Linker;
  /** Limits of every script that doesn't bring its own. Default: `production`. */
  readonly limits?: Partial<ResourceLimits>;
  /** Milliseconds from any origin, never backwards. Default: `performance.now`. */
  readonly nowMs?: () => number;
  /** How it comes by instances. Default: on demand, as many as are wanted. */
  readonly allocation?: AllocationOptions;
  /** Called around every outermost guest call. */
  readonly transaction?: TransactionHooks;
  /**
   * Whether an entity belongs to the call that runs, beside the one that it is about: what it has
   * spawned itself, say. Asked for scripts that may touch only their own. Default: none does.
   */
  readonly owns?: (entity: number) => boolean;
  /**
   * Whether a fault's message may repeat what a script says when it aborts: the text of an assertion or a
   * `throw`, which comes out of its memory. For authors' own eyes. Default: false; the standard library's
   * messages are always shown.
   */
  readonly guestText?: boolean;
  /** AssemblyScript's `trace()`; dropped unless given. */
  readonly onTrace?: (script: string, text: string) => void;
}

export interface LoadOptions {
  /** Shown in faults and errors. */
  readonly name: string;
  /** What differs from the runtime's limits. */
  readonly limits?: Partial<ResourceLimits>;
  /**
   * Maps byte offsets of the module to source lines. Without it, faults name functions only. One of another
   * shape is refused with a TypeError; mappings that make no sense only leave faults without a location.
   */
  readonly sourceMap?: SourceMapV3;
  /**
   * For debugging: counts the turns of every loop and what they burn, for `Script.loops` and the
   * messages of faults. Loops take several times as long; fuel stays the same. Default: false.
   */
  readonly profileLoops?: boolean;
  /**
   * Lets `Script.snapshot` and `restore` keep and set its state. A restart then sets it to what it was behind
   * its top-level code, which doesn't run again. A module that changes its tables, drops segments or keeps
   * references in globals is refused with a TypeError. Default: false.
   */
  readonly snapshots?: boolean;
  /**
   * What it may import that asks for a capability: these, or `"all"`. Default: none. A module that
   * imports more is refused with a LinkError.
   */
  readonly capabilities?: "all" | readonly string[];
  /** Which entities host functions may touch for it: the one a call is about, or any. Default: any. */
  readonly entities?: "self" | "any";
  /** Host functions, as `module.name`, that are to hide from it what they read. Default: none. */
  readonly redacted?: readonly string[];
  /**
   * Exports that are called for many entities at a time, by `Script.driver`; those that there are. Default: none.
   * They need functions of the linker's that access columns, and no other that may touch them.
   */
  readonly driven?: readonly DrivenExport[];
  /** Indices of entities are below this; what they are shown in may have a row for each. Default: no such table. */
  readonly tableEntities?: number;
}

export interface InstantiateOptions {
  /** Default: the one it was prepared with. */
  readonly name?: string;
  /** What differs from the limits it was prepared with. */
  readonly limits?: Partial<CallLimits>;
}

/** Loads scripts: admission, metering, verification, linking, instantiation, start. */
export class ScriptRuntime {
  readonly limits: ResourceLimits;
  readonly #options: ScriptRuntimeOptions;
  readonly #allocator: InstanceAllocator;

  /** @throws RangeError for limits and totals that make no sense; TypeError for other options. */
  constructor(options: ScriptRuntimeOptions) {
    this.#options = options;
    this.limits = resolveLimits(limitProfiles.production, options.limits);
    const { allocation = { strategy: "on-demand" } } = options;
    this.#allocator = new InstanceAllocator(allocation, this.limits.memoryBytes);
  }

  /** The instances there are, and for how many there is room. */
  get allocation(): AllocationFigures {
    return this.#allocator.figures;
  }

  /**
   * Takes a module's bytes to a running script. Nothing of the module runs before it is metered and
   * verified; its start runs under ten times the fuel of a call and five times the time.
   * @throws AdmissionError, LinkError, AllocationError, or StartError with the fault of its top-level code;
   * RangeError or TypeError for options that make no sense.
   */
  async load(bytes: ArrayBufferLike | ArrayBufferView, options: LoadOptions): Promise<Script> {
    return this.instantiate(await this.prepare(bytes, options));
  }

  /**
   * Does everything that is done once, for as many scripts as are wanted. Nothing of the module runs.
   * @throws AdmissionError or LinkError; RangeError or TypeError for options that make no sense.
   */
  async prepare(
    bytes: ArrayBufferLike | ArrayBufferView,
    options: LoadOptions,
  ): Promise<PreparedScript> {
    const { linker } = this.#options;
    const { name, sourceMap, driven = [], profileLoops = false } = options;
    const { entities = "any", snapshots = false, tableEntities } = options;
    const limits = resolveLimits(this.limits, options.limits);
    const redacted = checkRedacted(linker, options.redacted ?? []);
    if (entities !== "self" && entities !== "any") {
      throw new TypeError(`entities must be "self" or "any", not ${String(entities)}`);
    }
    if (sourceMap !== undefined) checkSourceMap(name, sourceMap);
    const copy = copyBytes(bytes, limits);
    await Promise.all([meterCore.prepare(), prepareVerifier()]);
    const admitted = admitCopy(copy, limits);
    const fields = readFields(admitted.module);
    const linked = linker.prepare(admitted, { name, capabilities: options.capabilities ?? [] });
    const wantsState = snapshots || this.#allocator.strategy === "pooling";
    let surveyed: KeptState | undefined;
    // Looks at every instruction, for whoever asks first.
    const survey = (): KeptState => {
      surveyed ??= surveyState(admitted.module);
      return surveyed;
    };
    const kept = wantsState ? survey() : undefined;
    if (snapshots && kept?.unsavable !== undefined) {
      throw new TypeError(`${name}: there can't be snapshots of it: ${kept.unsavable}`);
    }
    const resets = kept !== undefined && kept.unkeepable === undefined;
    const exportTables = resets && kept.changesTables;
    // Loops are counted where they stand, so such a script is called entity by entity.
    const drives = driven.length > 0 && !profileLoops && linked.functions.every(sparesColumns);
    // A module may read all of its memory, so what it isn't to see mustn't be shown there.
    const hidden = linker.hiddenColumns(options.capabilities ?? [], redacted);
    const useOf = (i: number): ImportUse => useBy(linked.functions[i], hidden);
    const room = tableEntities && { entities: tableEntities, pages: limitPages(limits) };
    const touchesAll = entities === "any";
    const lowered = drives
      ? lower(admitted, driven, useOf, touchesAll, room || undefined)
      : undefined;
    const driver = lowered?.driver;
    const source = lowered?.admitted ?? admitted;
    const undoing = lowered === undefined ? undefined : undoingOf(lowered, linked, survey);
    const exportState = resets || undoing === "state";
    const metered = meter(source, { profileLoops, exportState, exportTables, driver });
    verify(metered.bytes);
    const compiled = await WebAssembly.compile(metered.bytes as BufferSource);
    return Object.freeze({
      [made]: true as const,
      name,
      original: admitted,
      lowered,
      undoing,
      metered,
      linked,
      fields,
      compiled,
      sourceMap,
      entities,
      redacted,
      snapshots,
      resets,
    });
  }

  /**
   * A script of its own: memory, globals and tables are shared with no other.
   * @throws StartError with the fault of its top-level code; AllocationError when there is no room for it;
   * RangeError for limits that make no sense.
   */
  instantiate(prepared: PreparedScript, options: InstantiateOptions = {}): Script {
    const { nowMs, transaction, owns, guestText, onTrace } = this.#options;
    const name = options.name ?? prepared.name;
    const { admitted } = prepared.metered;
    const limits = resolveCallLimits(admitted.limits, options.limits ?? {});
    const release = this.#allocator.take(name, admitted);
    const script = new Script({
      name,
      limits,
      prepared,
      nowMs: nowMs ?? (() => performance.now()),
      transaction,
      owns: owns ?? (() => false),
      guestText: guestText === true,
      onTrace,
      release,
    });
    const fault = script.restart();
    if (fault === null) return script;
    script.dispose();
    throw new StartError(fault);
  }
}

/** What undoing a stopped call takes in the guest; undefined where that can't be done. */
function undoingOf(
  { reach }: LoweredModule,
  linked: LinkedModule,
  survey: () => KeptState,
): "nothing" | "state" | undefined {
  if (!reach.changesState) return "nothing";
  // Calls that finished before it are made again.
  if (!isRepeatable(linked)) return undefined;
  const { unkeepable, changesTables } = survey();
  return unkeepable === undefined && !changesTables ? "state" : undefined;
}

/** Whether a host function leaves columns alone, but for the one that it says it accesses. */
function sparesColumns(f: LinkedFunction | RuntimeFunction): boolean {
  return !("spec" in f) || f.spec.column !== undefined || f.spec.columns === "none";
}

function useBy(
  f: LinkedFunction | RuntimeFunction | undefined,
  hidden: ReadonlySet<string>,
): ImportUse {
  if (f === undefined || !("spec" in f)) return {};
  const { column, repeatable } = f.spec;
  if (column !== undefined && hidden.has(column.field)) return {};
  return repeatable === true ? f.spec : { ...f.spec, mayEnd: true };
}

function checkRedacted(linker: Linker, names: readonly string[]): ReadonlySet<string> {
  for (const name of names) {
    const dot = name.indexOf(".");
    if (!linker.has(name.slice(0, dot), name.slice(dot + 1))) {
      throw new TypeError(`redacted: there is no host function "${name}"`);
    }
  }
  return new Set(names);
}
