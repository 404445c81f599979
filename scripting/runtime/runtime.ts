import { admitCopy, copyBytes } from "../admission/admit.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import { StartError } from "../fault.ts";
import { limitProfiles, type ResourceLimits, resolveLimits } from "../limits.ts";
import { meter } from "../metering/meter.ts";
import { core as meterCore } from "../metering/meter-core.ts";
import { prepareVerifier } from "../metering/verify/bodies.ts";
import { verify } from "../metering/verify/verify.ts";
import type { Linker } from "./linker.ts";
import type { TransactionHooks } from "./open-call.ts";
import { Script } from "./script.ts";

export interface ScriptRuntimeOptions {
  readonly linker: Linker;
  /** Limits of every script that doesn't bring its own. Default: `production`. */
  readonly limits?: Partial<ResourceLimits>;
  /** Milliseconds from any origin, never backwards. Default: `performance.now`. */
  readonly nowMs?: () => number;
  /** Called around every outermost guest call. */
  readonly transaction?: TransactionHooks;
  /** AssemblyScript's `trace()`; dropped unless given. */
  readonly onTrace?: (script: string, text: string) => void;
}

export interface LoadOptions {
  /** Shown in faults and errors. */
  readonly name: string;
  /** What differs from the runtime's limits. */
  readonly limits?: Partial<ResourceLimits>;
  /** Maps byte offsets of the module to source lines. Without it, faults name functions only. */
  readonly sourceMap?: SourceMapV3;
  /**
   * For debugging: counts the turns of every loop and what they burn, for `Script.loops` and the
   * messages of faults. Loops take several times as long; fuel stays the same. Default: false.
   */
  readonly profileLoops?: boolean;
}

/** Loads scripts: admission, metering, verification, linking, instantiation, start. */
export class ScriptRuntime {
  readonly limits: ResourceLimits;
  readonly #options: ScriptRuntimeOptions;

  /** @throws RangeError for limits that make no sense. */
  constructor(options: ScriptRuntimeOptions) {
    this.#options = options;
    this.limits = resolveLimits(limitProfiles.production, options.limits);
  }

  /**
   * Takes a module's bytes to a running script. Nothing of the module runs before it is metered and
   * verified; its start runs under ten times the fuel of a call and five times the time.
   * @throws AdmissionError, LinkError, or StartError with the fault of its top-level code.
   */
  async load(bytes: ArrayBufferLike | ArrayBufferView, options: LoadOptions): Promise<Script> {
    const { linker, nowMs, transaction, onTrace } = this.#options;
    const { name, sourceMap, profileLoops = false } = options;
    const limits = resolveLimits(this.limits, options.limits);
    const copy = copyBytes(bytes, limits);
    await Promise.all([meterCore.prepare(), prepareVerifier()]);
    const admitted = admitCopy(copy, limits);
    const linked = linker.resolve(admitted.module, name);
    const metered = meter(admitted, { profileLoops });
    verify(metered.bytes);
    const compiled = await WebAssembly.compile(metered.bytes as BufferSource);
    const script = new Script({
      name,
      limits,
      metered,
      compiled,
      linked,
      sourceMap,
      nowMs: nowMs ?? (() => performance.now()),
      transaction,
      onTrace,
    });
    const fault = script.restart();
    if (fault !== null) throw new StartError(fault);
    return script;
  }
}
