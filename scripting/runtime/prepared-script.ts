import type { AdmittedModule } from "../admission/admit.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import type { ScriptField } from "../fields/script-field.ts";
import type { MeteredModule } from "../metering/meter.ts";
import type { LoweredModule } from "../windows/module-lowering.ts";
import type { LinkedModule } from "./linked-module.ts";

/** Marks what a runtime has prepared; of no use outside of it. */
export const prepared = Symbol("prepared");

/**
 * A module that is admitted, metered, verified, linked and compiled: all that is done once, however
 * many scripts are made of it. Only {@link ScriptRuntime.prepare} makes one.
 */
export interface PreparedScript {
  readonly [prepared]: true;
  readonly name: string;
  /** The module as it came; `metered` is of `lowered`, where there is one. */
  readonly original: AdmittedModule;
  readonly lowered: LoweredModule | undefined;
  /** See `RowDriver.undoing`. */
  readonly undoing: "nothing" | "state" | undefined;
  readonly metered: MeteredModule;
  readonly linked: LinkedModule;
  /** The fields that it lists. */
  readonly fields: readonly ScriptField[];
  /** What the engine has made of the metered module. */
  readonly compiled: WebAssembly.Module;
  readonly sourceMap: SourceMapV3 | undefined;
  /** Whose entities host functions may touch for it. */
  readonly entities: "self" | "any";
  /** Whether snapshots of its state were asked for. */
  readonly snapshots: boolean;
  /** Whether a restart sets its state instead of making a new instance. */
  readonly resets: boolean;
  /** Host functions, as `module.name`, that hide what they read from it. */
  readonly redacted: ReadonlySet<string>;
}
