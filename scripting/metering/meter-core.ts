import { Core, type CoreExports } from "../core/core.ts";
import { meterCore } from "../core/meter-core.ts";
import { AdmissionError } from "../errors.ts";
import {
  type Body,
  canonicaliseTypes,
  type FuncType,
  type FunctionUse,
  type WasmModule,
} from "../wasm/module.ts";
import { refuseBody, refuseInstruction } from "../wasm/refusal.ts";
import { engineFunctionBytes } from "./bounds.ts";
import { type FunctionFacts, threadedTypesDiffer } from "./facts.ts";
import type { BranchHints } from "./hints.ts";
import { findIndirectTargets, hostHandlesFunctions } from "./indirect.ts";
import type { Layout } from "./layout.ts";
import type { ProfiledLoop } from "./loop-profile.ts";
import type { OffsetRuns } from "./offsets.ts";

/** The exports of `core/meter.as.ts`. Addresses are valid until the next call that allocates. */
interface MeterCoreExports extends CoreExports {
  begin(
    byteCount: number,
    functionCount: number,
    importedFunctions: number,
    typeCount: number,
    bodyCount: number,
    hasVectors: boolean,
  ): void;
  bytesAddress(): number;
  bodiesAddress(): number;
  functionTypesAddress(): number;
  typeParamsAddress(): number;
  typeResultsAddress(): number;
  firstResultAddress(): number;
  canonicalTypeAddress(): number;
  referencedAddress(): number;
  scan(): void;
  referencesAddress(): number;
  referenceCount(): number;
  hasIndirectTailCall(): number;
  beginTargets(count: number, mayThreadTables: boolean): void;
  targetStartsAddress(): number;
  targetsAddress(): number;
  hostTypesAddress(): number;
  analyse(unrollLoops: boolean): void;
  conventionAddress(): number;
  deepAddress(): number;
  countedAddress(): number;
  fixedCostAddress(): number;
  orderAddress(): number;
  componentAddress(): number;
  recursiveAddress(): number;
  indirectDeep(typeIndex: number): number;
  rewrite(
    refill: number,
    fuelGlobal: number,
    depthGlobal: number,
    stopGlobal: number,
    firstPriceGlobal: number,
    firstProfileGlobal: number,
    threadsTables: boolean,
  ): void;
  codeAddress(): number;
  codeLength(): number;
  runsAddress(): number;
  runsLength(): number;
  runsEnd(): number;
  hintsAddress(): number;
  hintsLength(): number;
  hintedFunctions(): number;
  loopsAddress(): number;
  loopCount(): number;
}

/** i32s that the core wants of each body: start, codeStart, end and localCount. */
const fieldsPerBody = 4;
/** Index of no global: loops aren't counted. */
const noProfile = -1;

/** The original's functions, rewritten. Bytes are the core's, valid until its next load. */
export interface RewrittenCode {
  /** Bodies, sizes included. */
  readonly code: Uint8Array;
  readonly hints: BranchHints;
  readonly runs: OffsetRuns;
  readonly loops: readonly ProfiledLoop[];
}

/** Scan, analysis and rewriting, which look at every instruction, by the meter's core. One module at a time. */
class MeterCore {
  private readonly core: Core<MeterCoreExports>;
  /**
   * What the core holds, scanned, and which of its instances: both have to be the same for it to go on.
   * A set of one, for a `WeakRef` would keep every module until the job ends that has loaded it.
   */
  private scanned: WeakSet<WasmModule> | undefined;
  private scannedBy = 0;
  /** Of the module being worked on. */
  private module: WasmModule | undefined;
  private layout: Layout | undefined;

  constructor() {
    this.core = new Core<MeterCoreExports>(meterCore, {
      host: {
        refuseInstruction: (start: number, end: number) =>
          refuseInstruction((this.module as WasmModule).bytes, start, end),
        refuseBody,
        refuseSize: (f: number, size: number) => refuseSize(this.module as WasmModule, f, size),
        ...this.layoutImports(),
      },
    });
  }

  private layoutImports(): WebAssembly.ModuleImports {
    const layout = (): Layout => this.layout as Layout;
    const typeOf = (index: number): FuncType =>
      (this.module as WasmModule).types[index] as FuncType;
    return {
      reference: (index: number) => layout().reference(index),
      tableReference: (index: number) => layout().tableReference(index),
      indirectType: (type: number) => layout().indirectType(type),
      resultsBlock: (type: number) =>
        layout().addType({ params: [], results: typeOf(type).results }),
      carryResults: (type: number) => layout().carryType(typeOf(type).results),
      carryParams: (type: number) => layout().carryType(typeOf(type).params),
      carryValue: (valType: number) => layout().carryType([valType]),
    };
  }

  /** See {@link Core.prepare}. */
  prepare(): Promise<void> {
    return this.core.prepare();
  }

  /**
   * Walks every body: knows every opcode, nests properly, ends where it should.
   * @throws WasmFormatError with the offset.
   */
  scan(module: WasmModule): void {
    this.run(module, (exports) => this.write(module, exports));
  }

  /** Decides where charges and checks go; the engine has to have validated the module. */
  analyse(module: WasmModule, unrollLoops: boolean, exportsFunctions: boolean): FunctionFacts {
    return this.run(module, (exports) => {
      const isScanned =
        this.scanned?.has(module) === true && this.scannedBy === this.core.instances;
      if (!isScanned) this.write(module, exports);
      // Analysis and rewriting use up what the scan has left.
      this.scanned = undefined;
      return this.facts(module, exports, unrollLoops, exportsFunctions);
    });
  }

  /** Writes the functions of the module that was analysed last. */
  rewrite(module: WasmModule, layout: Layout): RewrittenCode {
    this.layout = layout;
    return this.run(module, (exports) => {
      exports.rewrite(
        layout.refill,
        layout.fuelGlobal,
        layout.depthGlobal,
        layout.stopGlobal,
        layout.firstPriceGlobal,
        layout.profile?.firstGlobal ?? noProfile,
        layout.threadsTables,
      );
      const { core } = this;
      const pairs = core.ints(exports.loopsAddress(), exports.loopCount() * 2);
      return {
        code: core.bytes(exports.codeAddress(), exports.codeLength()),
        hints: {
          bytes: core.bytes(exports.hintsAddress(), exports.hintsLength()),
          functions: exports.hintedFunctions(),
        },
        runs: {
          bytes: core.bytes(exports.runsAddress(), exports.runsLength()),
          end: exports.runsEnd(),
        },
        loops: Array.from({ length: pairs.length / 2 }, (_, i) => ({
          functionIndex: pairs[2 * i] as number,
          offset: pairs[2 * i + 1] as number,
        })),
      };
    });
  }

  /** A load is over. */
  rest(): void {
    this.module = undefined;
    this.layout = undefined;
    this.core.rest();
  }

  private run<T>(module: WasmModule, work: (exports: MeterCoreExports) => T): T {
    this.module = module;
    try {
      return this.core.use(work);
    } catch (error) {
      this.scanned = undefined;
      this.rest();
      throw error;
    }
  }

  private write(module: WasmModule, exports: MeterCoreExports): void {
    const { bytes, bodies, functionTypes, types } = module;
    this.scanned = undefined;
    exports.begin(
      bytes.length,
      functionTypes.length,
      module.importedFunctionCount,
      types.length,
      bodies.length,
      module.hasVectors,
    );
    const { core } = this;
    core.write(exports.bytesAddress(), bytes);
    const fields = core.ints(exports.bodiesAddress(), bodies.length * fieldsPerBody);
    for (let f = 0, at = 0; f < bodies.length; f++) {
      const { start, codeStart, end, localCount } = bodies[f] as Body;
      fields[at++] = start;
      fields[at++] = codeStart;
      fields[at++] = end;
      fields[at++] = localCount;
    }
    core.ints(exports.functionTypesAddress(), functionTypes.length).set(functionTypes);
    const count = types.length;
    const typeParams = core.ints(exports.typeParamsAddress(), count);
    const typeResults = core.ints(exports.typeResultsAddress(), count);
    const firstResult = core.ints(exports.firstResultAddress(), count);
    for (let t = 0; t < count; t++) {
      const { params, results } = types[t] as FuncType;
      typeParams[t] = params.length;
      typeResults[t] = results.length;
      firstResult[t] = results[0] ?? 0;
    }
    core.ints(exports.canonicalTypeAddress(), count).set(canonicaliseTypes(types));
    const referenced = core.bytes(exports.referencedAddress(), functionTypes.length);
    const { functionUses } = module;
    for (let i = 0; i < functionUses.length; i++) {
      referenced[(functionUses[i] as FunctionUse).functionIndex] = 1;
    }
    exports.scan();
    this.scanned = new WeakSet<WasmModule>().add(module);
    this.scannedBy = this.core.instances;
  }

  private facts(
    module: WasmModule,
    exports: MeterCoreExports,
    unrollLoops: boolean,
    exportsFunctions: boolean,
  ): FunctionFacts {
    const { core } = this;
    const count = module.bodies.length;
    const referencedByCode = core
      .ints(exports.referencesAddress(), exports.referenceCount())
      .slice();
    const types = module.types.length;
    const canonicalType = core.ints(exports.canonicalTypeAddress(), types).slice();
    const hostHandles = exportsFunctions || hostHandlesFunctions(module);
    const targets = findIndirectTargets(module, referencedByCode, canonicalType, hostHandles);
    const areReferenced = module.functionUses.length + referencedByCode.length > 0;
    const mayThreadTables = areReferenced && exports.hasIndirectTailCall() === 0 && !hostHandles;
    exports.beginTargets(targets.functions.length, mayThreadTables);
    core.ints(exports.targetStartsAddress(), targets.starts.length).set(targets.starts);
    core.ints(exports.targetsAddress(), targets.functions.length).set(targets.functions);
    core.bytes(exports.hostTypesAddress(), targets.hostTypes.length).set(targets.hostTypes);
    exports.analyse(unrollLoops);
    const deepTypes = new Uint8Array(types);
    for (let t = 0; t < types; t++) deepTypes[t] = exports.indirectDeep(canonicalType[t] as number);
    // No property is spread: that makes each of those behind it slower than the copy that it holds.
    return {
      canonicalType,
      deepTypes,
      referencedByCode,
      convention: core.bytes(exports.conventionAddress(), count).slice(),
      deep: core.bytes(exports.deepAddress(), count).slice(),
      counted: core.bytes(exports.countedAddress(), count).slice(),
      fixedCost: core.ints(exports.fixedCostAddress(), count).slice(),
      order: core.ints(exports.orderAddress(), count).slice(),
      component: core.ints(exports.componentAddress(), count).slice(),
      recursive: core.bytes(exports.recursiveAddress(), count).slice(),
      threadsTables: mayThreadTables && threadedTypesDiffer(module, { canonicalType, deepTypes }),
    };
  }
}

function refuseSize(module: WasmModule, f: number, size: number): never {
  throw new AdmissionError(
    "too-large",
    (module.bodies[f] as Body).start,
    `function ${f + module.importedFunctionCount} has ${size} bytes once metered, ` +
      `engines take ${engineFunctionBytes}`,
  );
}

/** One for all loads: each begins and ends without anything else coming between. */
export const core = new MeterCore();
