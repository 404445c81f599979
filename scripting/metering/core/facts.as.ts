import { Convention } from "../codes";
import { code } from "../../wasm/core/code.as";
import { allocate, Bytes, Ints, newBytes, newInts } from "../../wasm/core/memory.as";
import { graph } from "./callgraph.as";
import { BodyField, input } from "./input.as";

/** Longest chain of stack frames, in frame units, that may go uncounted. */
const maxUncountedFrames: i32 = 512;

/** Longest chain of them on top of a function that is counted behind its entry, and its own frame. */
const maxLateUnits: i32 = 8;

/**
 * Values of 8 bytes in one unit of call depth: 192 bytes, which hold a frame of up to 16 values
 * with what every frame takes besides.
 */
const valuesPerFrameUnit: i32 = 24;
/** What every frame takes besides its values: return address, links, the instance. */
const bareFrameValues: i32 = 8;

/** The worst of the functions that an indirect call through a type can reach. */
@unmanaged
export class IndirectFacts {
  known: bool;
  /** Whether a function of the host's is among them. */
  host: bool;
  deep: bool;
  prefixFuel: i32;
  exitFuel: i32;
  uncountedFrames: i32;
}

/**
 * What the meter knows of every defined function, filled callees before callers: by then a
 * function's facts are complete for everyone who calls it from outside its cycle.
 */
@unmanaged
export class FunctionFacts {
  /** {@link Convention} of each. */
  convention: Bytes = changetype<Bytes>(0);
  /** Cost of a whole call of a `fixed` function. */
  fixedCost: Ints = changetype<Ints>(0);
  /** 1 where the function can reach a counted one, so that depth has to be passed on to it. */
  deep: Bytes = changetype<Bytes>(0);
  /** 1 where the function checks fuel and call depth: in cycles of calls, and on top of long chains. */
  counted: Bytes = changetype<Bytes>(0);
  /**
   * Offset of the instruction in front of which a counted function checks, where that isn't at its
   * entry: what comes before it is short, calls nothing, and may return. Else -1.
   */
  checkOffset: Ints = changetype<Ints>(0);
  /** Units of call depth a frame takes. */
  frameUnits: Ints = changetype<Ints>(0);
  /** Most fuel burnt since entry, on a path without a check. */
  prefixFuel: Ints = changetype<Ints>(0);
  /** Most fuel burnt since the last check, or since entry, when the function returns. */
  exitFuel: Ints = changetype<Ints>(0);
  /**
   * Whether table entries take and give back fuel like direct callees do, instead of by the global.
   * Only where the host never sees a function reference, and where types stay apart by it. The host
   * decides, when all functions are settled.
   */
  threadsTables: bool = false;
  /** 1 where a defined function is called by name. */
  private calledDirectly: Bytes = changetype<Bytes>(0);
  private uncountedFrames: Ints = changetype<Ints>(0);
  /** By canonical type. */
  private indirect: usize = 0;
  private indirectOutside: usize = 0;

  /** Starts a module, whose graph is built. */
  begin(): void {
    const count = input.bodyCount;
    this.convention = newBytes(count);
    memory.fill(changetype<usize>(this.convention), <u8>Convention.threaded, count);
    this.fixedCost = newInts(count);
    this.deep = newBytes(count);
    this.counted = newBytes(count);
    this.checkOffset = newInts(count);
    memory.fill(changetype<usize>(this.checkOffset), 0xff, <usize>count << 2);
    this.frameUnits = newInts(count);
    this.prefixFuel = newInts(count);
    this.exitFuel = newInts(count);
    this.uncountedFrames = newInts(count);
    this.calledDirectly = newBytes(count);
    this.threadsTables = false;
    this.indirect = newRecords(input.typeCount);
    this.indirectOutside = newRecords(input.typeCount);
    const imported = input.importedFunctions;
    const calls = code.callStart[count];
    for (let i = 0; i < calls; i++) {
      const callee = code.callees[i];
      if (callee >= imported) this.calledDirectly[callee - imported] = 1;
    }
  }

  /** Whether only indirect calls reach a function, so that a fixed cost would only take a thunk. */
  isCalledThroughTables(f: i32): bool {
    const index = f + input.importedFunctions;
    return input.mayThreadTables && this.calledDirectly[f] == 0 && input.referenced[index] == 1;
  }

  /** Whether a call from `caller` through `callee` (see `CodeIndex.callees`) stays in its cycle. */
  inCycle(caller: i32, callee: i32): bool {
    if (graph.recursive[caller] == 0) return false;
    const node = graph.node(callee);
    return node >= 0 && graph.component[node] == graph.component[caller];
  }

  /** The worst of all functions that an indirect call through the type can reach. */
  indirectFacts(typeIndex: i32): IndirectFacts {
    const type = input.canonicalType[typeIndex];
    const facts = record(this.indirect, type);
    if (!facts.known) this.worstTarget(type, facts, -1);
    return facts;
  }

  /** The same without those in the type's own cycle, which may be unsettled yet. */
  indirectFactsOutside(typeIndex: i32): IndirectFacts {
    const type = input.canonicalType[typeIndex];
    const facts = record(this.indirectOutside, type);
    if (!facts.known) this.worstTarget(type, facts, graph.component[input.bodyCount + type]);
    return facts;
  }

  /** Goes over all targets of a canonical type but those in the cycle of that number. */
  private worstTarget(type: i32, facts: IndirectFacts, without: i32): void {
    facts.known = true;
    facts.host = input.hostTypes[type] == 1;
    const end = input.targetStarts[type + 1];
    for (let i = input.targetStarts[type]; i < end; i++) {
      const f = input.targets[i];
      if (graph.component[f] == without) continue;
      if (this.deep[f] == 1) facts.deep = true;
      facts.prefixFuel = max(facts.prefixFuel, this.prefixFuel[f]);
      facts.exitFuel = max(facts.exitFuel, this.exitFuel[f]);
      facts.uncountedFrames = max(facts.uncountedFrames, this.uncountedFrames[f]);
    }
  }

  /** Whether a call through `callee` has to carry the call depth. */
  callIsDeep(caller: i32, callee: i32): bool {
    if (callee < 0) return this.inCycle(caller, callee) || this.indirectFacts(-1 - callee).deep;
    const imported = input.importedFunctions;
    return callee >= imported && this.deep[callee - imported] == 1;
  }

  /**
   * Settles depth for a function whose callees are settled and whose frame is known: whether it is
   * counted, where, and whether it passes depth on.
   * @param lateCheck offset where it could be counted instead of at its entry; -1 for nowhere.
   */
  settleDepth(f: i32, lateCheck: i32): void {
    const callees = code.callees;
    const imported = input.importedFunctions;
    const units = 1 + this.frameSize(f) / valuesPerFrameUnit;
    this.frameUnits[f] = units;
    const recursive = graph.recursive[f] == 1;
    const component = graph.component[f];
    let deep = recursive;
    let chain = 0;
    const end = code.callStart[f + 1];
    for (let i = code.callStart[f]; i < end; i++) {
      const callee = callees[i];
      if (callee >= 0 && callee < imported) continue;
      if (recursive && graph.component[graph.node(callee)] == component) continue;
      if (callee < 0) {
        const facts = this.indirectFacts(-1 - callee);
        if (facts.deep) deep = true;
        chain = max(chain, facts.uncountedFrames);
      } else {
        const g = callee - imported;
        if (this.deep[g] == 1) deep = true;
        chain = max(chain, this.uncountedFrames[g]);
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

  /** Values that a frame holds at most, as baseline compilers lay it out. */
  private frameSize(f: i32): i32 {
    const index = f + input.importedFunctions;
    const params = input.typeParams[input.typeOf(index)];
    // A thunk keeps its parameters, and passes them on over its operands and its call area.
    const thunk = input.referenced[index] == 1 ? 3 * params : 0;
    const locals = input.body(f, BodyField.localCount);
    const values = params + locals + code.mostOperands[f] + code.callArea[f] + thunk;
    const vectors = code.hasVector[f] == 1 || input.hasVectors;
    return bareFrameValues + (vectors ? 2 * values : values);
  }
}

function newRecords(count: i32): usize {
  const size = count * <i32>offsetof<IndirectFacts>();
  const at = allocate(size);
  memory.fill(at, 0, size);
  return at;
}

@inline
function record(records: usize, i: i32): IndirectFacts {
  return changetype<IndirectFacts>(records + <usize>i * offsetof<IndirectFacts>());
}

export const facts: FunctionFacts = changetype<FunctionFacts>(
  memory.data(offsetof<FunctionFacts>()),
);
