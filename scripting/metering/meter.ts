import type { AdmittedModule } from "../admission/admit.ts";
import type { WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { type DriverPlan, driverCount } from "./driver.ts";
import { InlinedCode } from "./inlined-code.ts";
import { Layout } from "./layout.ts";
import type { ProfiledLoop } from "./loop-profile.ts";
import { core } from "./meter-core.ts";
import { OffsetMap } from "./offsets.ts";
import { SectionWriter } from "./sections.ts";
import { ThunkWriter } from "./thunks.ts";

const made = Symbol("metered");

/** A module that stops when its host says so. Only {@link meter} makes one. */
export interface MeteredModule {
  readonly [made]: true;
  readonly bytes: Uint8Array;
  /** From offsets in `bytes` to offsets in the admitted module. */
  readonly offsets: OffsetMap;
  readonly admitted: AdmittedModule;
  /** The loops whose turns are counted; empty unless that was asked for. */
  readonly loops: readonly ProfiledLoop[];
  /** The guest's own globals that are exported for a host to keep; empty unless that was asked for. */
  readonly stateGlobals: readonly number[];
  /** The tables that are; likewise. */
  readonly stateTables: readonly number[];
  /**
   * Index in the metered module → index in the admitted one; undefined for the meter's own.
   * @param offset of an instruction of the function in `bytes`, as another one's may stand in it.
   */
  originalFunction(index: number, offset: number): number | undefined;
}

export interface MeterOptions {
  /** Counts every loop's turns and fuel. For debugging: loops take several times as long. Default: false. */
  readonly profileLoops?: boolean;
  /**
   * Exports the guest's own globals that can change under names of the meter's, so that a host can keep and
   * set its state. Default: false.
   */
  readonly exportState?: boolean;
  /**
   * Exports the guest's tables under names of the meter's, likewise. A host can then take functions out of
   * them: calls through tables are metered as they are where the module exports one itself. Default: false.
   */
  readonly exportTables?: boolean;
  /** Adds loops that call functions for row after row. Default: none. */
  readonly driver?: DriverPlan | undefined;
}

/** Globals that are a module's state: its own, and not constant. */
function stateGlobalsOf(module: WasmModule, end: number): number[] {
  const indices: number[] = [];
  for (let g = module.importedGlobalCount; g < end; g++) {
    if (module.globals[g]?.mutable === true) indices.push(g);
  }
  return indices;
}

/**
 * Rewrites a module so that it burns fuel, asks for more when a slice is used up, and stops when
 * none is given. One analysis and one pass over each body; what isn't touched is copied.
 */
export function meter(admitted: AdmittedModule, options: MeterOptions = {}): MeteredModule {
  const { module } = admitted;
  const { profileLoops = false, exportState = false, exportTables = false, driver } = options;
  // The drivers' globals mean nothing between two drives.
  const guestGlobals = driver?.globals?.self ?? module.globals.length;
  const stateGlobals = exportState ? stateGlobalsOf(module, guestGlobals) : [];
  const stateTables = exportTables ? [...module.tables.keys()] : [];
  const exportsFunctions =
    stateTables.length > 0 ||
    stateGlobals.some((g) => module.globals[g]?.valType === ValType.funcref);
  const facts = core.analyse(module, !profileLoops, exportsFunctions);
  const layout = new Layout(
    module,
    facts,
    profileLoops,
    driver === undefined ? 0 : driverCount(driver),
  );
  const rewritten = core.rewrite(module, layout);
  if (layout.profile !== undefined) layout.profile.loops = rewritten.loops;

  const sections = new SectionWriter(admitted, layout, facts, stateGlobals, stateTables);
  // These hand out thunks, so they come before the thunks are written.
  sections.prepare();
  const thunks = new ThunkWriter(module, facts, layout);
  thunks.writeOwnFunctions();
  if (driver !== undefined) thunks.writeDrivers(driver, rewritten.code);
  for (const thunk of layout.thunks) thunks.writeThunk(thunk);

  const { bytes, codeStart } = sections.assemble(
    rewritten.code,
    thunks.code.view(),
    rewritten.hints,
  );
  const ownStarts = thunks.codeStarts.map((start) => rewritten.code.length + start);
  const ownBase = codeStart + rewritten.code.length;
  const inlined = new InlinedCode(thunks.inlined, ownBase, codeStart);
  const offsets = OffsetMap.of(rewritten.runs, ownStarts, codeStart, inlined);
  core.rest();
  const imported = module.importedFunctionCount;
  return {
    [made]: true,
    bytes,
    offsets,
    admitted,
    loops: rewritten.loops,
    stateGlobals,
    stateTables,
    originalFunction: (index, offset) => {
      if (index < imported) return index;
      const callee = inlined.calleeAt(offset);
      if (callee !== undefined) return callee;
      return index > imported && index <= module.functionTypes.length ? index - 1 : undefined;
    },
  };
}
