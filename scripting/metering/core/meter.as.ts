import { code } from "../../wasm/core/code.as";
import { allocate, Bytes, Ints, newBytes, newInts, reset } from "../../wasm/core/memory.as";
import { scanner } from "../../wasm/core/scanner.as";
import { analyseAll } from "./analyse.as";
import { graph } from "./callgraph.as";
import { costs, prefixedCost } from "./costs.as";
import { facts } from "./facts.as";
import { fieldsPerBody, input } from "./input.as";

// Entry of the meter's core. For each load its host calls, in this order: `begin`, then writes the
// module to where the addresses below say; `scan`; `beginTargets`, then writes those; `analyse`.

scanner.weigh(costs, prefixedCost);

/** Drops the load before, and makes room for a module of such counts. */
export function begin(
  byteCount: i32,
  functionCount: i32,
  importedFunctions: i32,
  typeCount: i32,
  bodyCount: i32,
  hasVectors: bool,
): void {
  reset();
  input.byteCount = byteCount;
  input.bytes = allocate(byteCount + 16);
  memory.fill(input.bytes + <usize>byteCount, 0, 16);
  input.functionCount = functionCount;
  input.importedFunctions = importedFunctions;
  input.typeCount = typeCount;
  input.bodyCount = bodyCount;
  input.hasVectors = hasVectors;
  input.bodies = newInts(bodyCount * fieldsPerBody);
  input.functionTypes = newInts(functionCount);
  input.typeParams = newInts(typeCount);
  input.typeResults = newInts(typeCount);
  input.firstResult = newInts(typeCount);
  input.canonicalType = newInts(typeCount);
  input.referenced = newBytes(functionCount);
}

/** Walks all bodies; has the host throw what is wrong with them. The engine validates behind this. */
export function scan(): void {
  scanner.run();
}

/** Makes room for what indirect calls can reach: so many functions, of all types together. */
export function beginTargets(count: i32, mayThreadTables: bool): void {
  input.targetStarts = newInts(input.typeCount + 1);
  input.targets = newInts(count);
  input.hostTypes = newBytes(input.typeCount);
  input.mayThreadTables = mayThreadTables;
}

/** Decides where charges and checks go. Only of what the engine takes for valid. */
export function analyse(unrollLoops: bool): void {
  analyseAll(unrollLoops);
}

// What the host writes: see `ModuleInput`.

export function bytesAddress(): usize {
  return input.bytes;
}
export function bodiesAddress(): Ints {
  return input.bodies;
}
export function functionTypesAddress(): Ints {
  return input.functionTypes;
}
export function typeParamsAddress(): Ints {
  return input.typeParams;
}
export function typeResultsAddress(): Ints {
  return input.typeResults;
}
export function firstResultAddress(): Ints {
  return input.firstResult;
}
export function canonicalTypeAddress(): Ints {
  return input.canonicalType;
}
export function referencedAddress(): Bytes {
  return input.referenced;
}
export function targetStartsAddress(): Ints {
  return input.targetStarts;
}
export function targetsAddress(): Ints {
  return input.targets;
}
export function hostTypesAddress(): Bytes {
  return input.hostTypes;
}

// What the host reads behind the scan.

/** Functions that the scan has added to those that can be referenced, in order. */
export function referencesAddress(): Ints {
  return code.references;
}
export function referenceCount(): i32 {
  return code.referenceCount;
}
export function hasIndirectTailCall(): bool {
  return code.hasIndirectTailCall;
}

// What it reads behind the analysis: see `FunctionFacts` and `CallGraph`.

export function conventionAddress(): Bytes {
  return facts.convention;
}
export function deepAddress(): Bytes {
  return facts.deep;
}
export function countedAddress(): Bytes {
  return facts.counted;
}
export function fixedCostAddress(): Ints {
  return facts.fixedCost;
}
export function orderAddress(): Ints {
  return graph.order;
}
export function componentAddress(): Ints {
  return graph.component;
}
export function recursiveAddress(): Bytes {
  return graph.recursive;
}
/** Whether any function that an indirect call through the type can reach takes depth. */
export function indirectDeep(typeIndex: i32): bool {
  return facts.indirectFacts(typeIndex).deep;
}

export {
  codeAddress,
  codeLength,
  hintedFunctions,
  hintsAddress,
  hintsLength,
  loopCount,
  loopsAddress,
  rewrite,
  runsAddress,
  runsEnd,
  runsLength,
} from "./rewriting.as";
