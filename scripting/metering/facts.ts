import type { CodeIndex } from "../wasm/code.ts";
import { type FuncType, funcTypeKey, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/opcodes.ts";
import { buildCallGraph, type CallGraph, hostHandlesFunctions } from "./callgraph.ts";

/** How a defined function gets at the fuel. */
export const Convention = {
  /** Costs the same on every way through, so its callers charge it and its body stays as it is. */
  fixed: 0,
  /** Takes the fuel as an extra parameter and gives it back as an extra result. */
  threaded: 1,
  /** Keeps its type, because tail calls tie it to others', and passes fuel through the global. */
  shared: 2,
} as const;

/** Longest chain of stack frames, in frame units, that may go uncounted. */
const maxUncountedFrames = 512;

/** Longest chain of them on top of a function that is counted behind its entry, and its own frame. */
const maxLateUnits = 8;

/**
 * Values of 8 bytes in one unit of call depth: 192 bytes, which hold a frame of up to 16 values with
 * what every frame takes besides.
 */
const valuesPerFrameUnit = 24;
/** What every frame takes besides its values: return address, links, the instance. */
const bareFrameValues = 8;

/** Values that a frame holds at most, as baseline compilers lay it out. */
export interface FrameValues {
  readonly params: number;
  readonly locals: number;
  readonly operands: number;
  /** Most parameters and results of any function that it calls: those go by the stack. */
  readonly callArea: number;
  /** Whether any may be a vector, of 16 bytes. */
  readonly vectors: boolean;
}

/**
 * What the meter knows of every defined function, filled callees before callers: by then a
 * function's facts are complete for everyone who calls it from outside its cycle.
 */
export class FunctionFacts {
  readonly graph: CallGraph;
  readonly convention: Uint8Array;
  /** Cost of a whole call of a `fixed` function. */
  readonly fixedCost: Uint32Array;
  /** 1 where the function can reach a counted one, so that depth has to be passed on to it. */
  readonly deep: Uint8Array;
  /** 1 where the function checks fuel and call depth: in cycles of calls, and on top of long chains. */
  readonly counted: Uint8Array;
  /**
   * Offset of the instruction in front of which a counted function checks, where that isn't at its
   * entry: what comes before it is short, calls nothing, and may return. Else -1.
   */
  readonly checkOffset: Int32Array;
  /** Units of call depth a frame takes. */
  readonly frameUnits: Uint32Array;
  /** Most fuel burnt since entry, on a path without a check. */
  readonly prefixFuel: Uint32Array;
  /** Most fuel burnt since the last check, or since entry, when the function returns. */
  readonly exitFuel: Uint32Array;
  /**
   * Whether table entries take and give back fuel like direct callees do, instead of by the global.
   * Only where the host never sees a function reference, and where types stay apart by it.
   */
  threadsTables = false;
  /** 1 where a defined function is called by name. */
  private readonly calledDirectly: Uint8Array;
  private readonly mayThreadTables: boolean;
  private readonly uncountedFrames: Uint32Array;
  private readonly indirect = new Map<number, IndirectFacts>();
  private readonly indirectOutside = new Map<number, IndirectFacts>();
  private readonly module: WasmModule;
  private readonly code: CodeIndex;

  constructor(module: WasmModule, code: CodeIndex) {
    this.module = module;
    this.code = code;
    this.graph = buildCallGraph(module, code);
    const count = module.bodies.length;
    this.convention = new Uint8Array(count).fill(Convention.threaded);
    this.fixedCost = new Uint32Array(count);
    this.deep = new Uint8Array(count);
    this.counted = new Uint8Array(count);
    this.checkOffset = new Int32Array(count).fill(-1);
    this.frameUnits = new Uint32Array(count);
    this.prefixFuel = new Uint32Array(count);
    this.exitFuel = new Uint32Array(count);
    this.uncountedFrames = new Uint32Array(count);
    this.calledDirectly = new Uint8Array(count);
    for (const callee of code.callees) {
      if (callee >= module.importedFunctionCount) {
        this.calledDirectly[callee - module.importedFunctionCount] = 1;
      }
    }
    this.mayThreadTables =
      code.referenced.size > 0 && !code.hasIndirectTailCall && !hostHandlesFunctions(module);
  }

  /** Whether only indirect calls reach a function, so that a fixed cost would only take a thunk. */
  isCalledThroughTables(f: number): boolean {
    const index = f + this.module.importedFunctionCount;
    return this.mayThreadTables && this.calledDirectly[f] === 0 && this.code.referenced.has(index);
  }

  /** Whether a call from `caller` through `callee` (see {@link CodeIndex.callees}) stays in its cycle. */
  inCycle(caller: number, callee: number): boolean {
    const { component, recursive, canonicalType } = this.graph;
    if (recursive[caller] === 0) return false;
    const imported = this.module.importedFunctionCount;
    if (callee >= 0 && callee < imported) return false;
    const node =
      callee >= 0
        ? callee - imported
        : this.module.bodies.length + (canonicalType[-1 - callee] as number);
    return component[node] === component[caller];
  }

  /** The worst of all functions that an indirect call through the type can reach. */
  indirectFacts(typeIndex: number): IndirectFacts {
    return this.worstTarget(typeIndex, this.indirect, () => true);
  }

  /** The same without those in the type's own cycle, which may be unsettled yet. */
  indirectFactsOutside(typeIndex: number): IndirectFacts {
    const { component, canonicalType } = this.graph;
    const node = this.module.bodies.length + (canonicalType[typeIndex] as number);
    const own = component[node];
    return this.worstTarget(typeIndex, this.indirectOutside, (f) => component[f] !== own);
  }

  private worstTarget(
    typeIndex: number,
    known: Map<number, IndirectFacts>,
    counts: (f: number) => boolean,
  ): IndirectFacts {
    const type = this.graph.canonicalType[typeIndex] as number;
    let facts = known.get(type);
    if (facts !== undefined) return facts;
    const host = this.graph.hostTypes.has(type);
    facts = { host, deep: false, prefixFuel: 0, exitFuel: 0, uncountedFrames: 0 };
    for (const f of this.graph.indirectTargets.get(type) ?? []) {
      if (!counts(f)) continue;
      facts.deep ||= this.deep[f] === 1;
      facts.prefixFuel = Math.max(facts.prefixFuel, this.prefixFuel[f] as number);
      facts.exitFuel = Math.max(facts.exitFuel, this.exitFuel[f] as number);
      facts.uncountedFrames = Math.max(facts.uncountedFrames, this.uncountedFrames[f] as number);
    }
    known.set(type, facts);
    return facts;
  }

  /** The type of an indirect call with fuel, and depth if any of its targets wants it, threaded. */
  threadedIndirectType(typeIndex: number): FuncType {
    const type = this.module.types[typeIndex] as FuncType;
    const extra = this.indirectFacts(typeIndex).deep ? [ValType.i32, ValType.i32] : [ValType.i32];
    return { params: [...type.params, ...extra], results: [...type.results, ValType.i32] };
  }

  /** Decides on `threadsTables`, when all functions are settled. */
  settleTables(): void {
    if (!this.mayThreadTables) return;
    // With depth for some types and not for others, two types must not become one.
    const keys = new Set<string>();
    const types = new Set(this.graph.canonicalType);
    for (const type of types) keys.add(funcTypeKey(this.threadedIndirectType(type)));
    this.threadsTables = keys.size === types.size;
  }

  /** Whether a call through `callee` has to carry the call depth. */
  callIsDeep(caller: number, callee: number): boolean {
    if (callee < 0) return this.inCycle(caller, callee) || this.indirectFacts(-1 - callee).deep;
    const imported = this.module.importedFunctionCount;
    return callee >= imported && this.deep[callee - imported] === 1;
  }

  /**
   * Settles depth for a function whose callees are settled and whose frame is known: whether it is
   * counted, where, and whether it passes depth on.
   * @param lateCheck offset where it could be counted instead of at its entry; -1 for nowhere.
   */
  settleDepth(f: number, frame: FrameValues, lateCheck: number): void {
    const { callStart, callees } = this.code;
    const units = 1 + Math.floor(this.frameSize(f, frame) / valuesPerFrameUnit);
    this.frameUnits[f] = units;
    const recursive = this.graph.recursive[f] === 1;
    let deep = recursive;
    let chain = 0;
    for (let i = callStart[f] as number; i < (callStart[f + 1] as number); i++) {
      const callee = callees[i] as number;
      if (this.inCycle(f, callee)) continue;
      if (callee < 0) {
        const facts = this.indirectFacts(-1 - callee);
        deep ||= facts.deep;
        chain = Math.max(chain, facts.uncountedFrames);
      } else if (callee >= this.module.importedFunctionCount) {
        const g = callee - this.module.importedFunctionCount;
        deep ||= this.deep[g] === 1;
        chain = Math.max(chain, this.uncountedFrames[g] as number);
      }
    }
    const counted = recursive || chain + units > maxUncountedFrames;
    this.counted[f] = counted ? 1 : 0;
    this.deep[f] = deep || counted ? 1 : 0;
    // A frame that returns before the check isn't counted; what it calls by then has a fixed cost.
    const isLate = recursive && lateCheck >= 0 && units <= maxLateUnits && chain <= maxLateUnits;
    if (isLate) this.checkOffset[f] = lateCheck;
    this.uncountedFrames[f] = counted && !isLate ? 0 : chain + units;
  }

  private frameSize(f: number, frame: FrameValues): number {
    const { params, locals, operands, callArea } = frame;
    const viaThunk = this.code.referenced.has(f + this.module.importedFunctionCount);
    // A thunk keeps its parameters, and passes them on over its operands and its call area.
    const values = params + locals + operands + callArea + (viaThunk ? 3 * params : 0);
    return bareFrameValues + (frame.vectors ? 2 * values : values);
  }
}

interface IndirectFacts {
  /** Whether a function of the host's is among them. */
  host: boolean;
  deep: boolean;
  prefixFuel: number;
  exitFuel: number;
  uncountedFrames: number;
}
