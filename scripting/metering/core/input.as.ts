import { Bytes, Ints } from "../../wasm/core/memory.as";

/** What the host writes for each body. */
export const enum BodyField {
  start = 0,
  codeStart = 1,
  end = 2,
  localCount = 3,
}
export const fieldsPerBody: i32 = 4;

/** The module as its host has parsed it. Function indices count imports first, as in the format. */
@final
export class ModuleInput {
  /** Its bytes, 16 zeros behind them. */
  bytes: usize = 0;
  byteCount: i32 = 0;
  importedFunctions: i32 = 0;
  /** Defined functions. */
  bodyCount: i32 = 0;
  functionCount: i32 = 0;
  typeCount: i32 = 0;
  /** Whether any signature, global or local is a vector. */
  hasVectors: bool = false;
  /** Start, codeStart, end and localCount of each body. */
  bodies: Ints = changetype<Ints>(0);
  /** Type index of every function. */
  functionTypes: Ints = changetype<Ints>(0);
  /** By type index: how many parameters and results, its first result's value type, and the first equal type. */
  typeParams: Ints = changetype<Ints>(0);
  typeResults: Ints = changetype<Ints>(0);
  firstResult: Ints = changetype<Ints>(0);
  canonicalType: Ints = changetype<Ints>(0);
  /** 1 for functions that can be reached through a reference; the host begins it, the scan adds `ref.func`. */
  referenced: Bytes = changetype<Bytes>(0);

  // What the host knows once the scan is over.

  /**
   * Defined functions that an indirect call through canonical type `t` can reach:
   * `targets[targetStarts[t] .. targetStarts[t + 1])`; and whether a function of the host's is
   * among what it reaches.
   */
  targetStarts: Ints = changetype<Ints>(0);
  targets: Ints = changetype<Ints>(0);
  hostTypes: Bytes = changetype<Bytes>(0);
  /** Whether tables may take fuel as a parameter: see `FunctionFacts`. */
  mayThreadTables: bool = false;

  body(f: i32, field: BodyField): i32 {
    return this.bodies[f * fieldsPerBody + field];
  }

  typeOf(functionIndex: i32): i32 {
    return this.functionTypes[functionIndex];
  }
}

export const input: ModuleInput = new ModuleInput();
