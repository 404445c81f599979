import { type FuncType, funcTypeKey, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { Convention } from "./codes.ts";
import { driveType } from "./driver.ts";
import { type FunctionFacts, threadedIndirectType } from "./facts.ts";
import { LoopProfile } from "./loop-profile.ts";

/** Stands in for a function where its type is visible. */
export interface Thunk {
  /** Index of the original function. */
  readonly original: number;
  /** `outside`: has the original's type. `table`: takes and gives back fuel as table entries do. */
  readonly kind: "outside" | "table";
  /** Type index in the metered module. */
  readonly type: number;
  /** Whether it takes depth. */
  readonly deep: boolean;
}

/**
 * Where everything stands in the metered module's index spaces. Imported functions keep their
 * indices, `refill` comes right behind them, so defined ones move up by one; thunks, globals and
 * types are appended.
 */
export class Layout {
  readonly refill: number;
  /** The meter's first function, behind all of the module's; `remaining` is the next one. */
  readonly begin: number;
  readonly fuelGlobal: number;
  readonly depthGlobal: number;
  readonly stopGlobal: number;
  readonly firstPriceGlobal: number;
  /** All types, the original ones first. */
  readonly types: FuncType[];
  /** The meter's functions in front of original ones, in order. */
  readonly thunks: Thunk[] = [];
  /** Where loops are counted, if they are. */
  readonly profile: LoopProfile | undefined;
  readonly refillType: number;
  /** Types of the meter's two functions, see `beginExport` and `remainingExport`. */
  readonly beginType: number;
  readonly remainingType: number;
  /** Functions in front of the thunks: `begin`, `remaining` and, where there are drivers, their readers and those. */
  readonly ownFunctions: number;
  /** The drivers' `row`, their `driven`, and the drivers, one behind the other; 0 for none. */
  readonly row: number;
  /** How many drivers there are. */
  readonly drives: number;
  readonly driveType: number;
  /** Globals of the drivers'; 0 for none. */
  readonly rowGlobal: number;
  readonly drivenGlobal: number;
  private readonly firstThunk: number;
  private readonly module: WasmModule;
  private readonly facts: FunctionFacts;
  /** By original function: its thunk of each kind; 0 where there is none. */
  private readonly thunkOf: Readonly<Record<Thunk["kind"], Int32Array>>;
  private readonly typeOfKey = new Map<string, number>();
  /** By original type, without depth and with it: 1 + the type with fuel threaded; 0 where none is known. */
  private readonly threadedTypes: Int32Array;

  constructor(module: WasmModule, facts: FunctionFacts, profileLoops: boolean, drives: number) {
    this.module = module;
    this.facts = facts;
    this.refill = module.importedFunctionCount;
    this.begin = module.functionTypes.length + 1;
    this.ownFunctions = drives > 0 ? 4 + drives : 2;
    this.row = drives > 0 ? this.begin + 2 : 0;
    this.drives = drives;
    this.firstThunk = this.begin + this.ownFunctions;
    const functions = module.functionTypes.length;
    this.thunkOf = { outside: new Int32Array(functions), table: new Int32Array(functions) };
    this.threadedTypes = new Int32Array(2 * module.types.length);
    this.fuelGlobal = module.globals.length;
    this.depthGlobal = this.fuelGlobal + 1;
    this.stopGlobal = this.fuelGlobal + 2;
    this.firstPriceGlobal = this.fuelGlobal + 3;
    this.rowGlobal = drives > 0 ? this.firstPriceGlobal + module.importedFunctionCount : 0;
    this.drivenGlobal = drives > 0 ? this.rowGlobal + 1 : 0;
    this.profile = profileLoops
      ? new LoopProfile(this.firstPriceGlobal + module.importedFunctionCount + (drives > 0 ? 2 : 0))
      : undefined;
    this.types = [...module.types];
    const { canonicalType } = facts;
    for (let t = 0; t < canonicalType.length; t++) {
      if (canonicalType[t] === t) this.typeOfKey.set(funcTypeKey(module.types[t] as FuncType), t);
    }
    this.refillType = this.addType({ params: [ValType.i32], results: [ValType.i32] });
    this.beginType = this.addType({ params: [ValType.i32, ValType.i32], results: [] });
    this.remainingType = this.addType({ params: [], results: [ValType.i32] });
    this.driveType = drives > 0 ? this.addType(driveType) : 0;
  }

  /** Whether table entries take and give back fuel. */
  get threadsTables(): boolean {
    return this.facts.threadsTables;
  }

  /** New index of an original function. */
  function(original: number): number {
    return original < this.refill ? original : original + 1;
  }

  priceGlobal(importIndex: number): number {
    return this.firstPriceGlobal + importIndex;
  }

  /** Count of globals that the meter adds, without those of the loop profile. */
  get addedGlobals(): number {
    return 3 + this.module.importedFunctionCount + (this.drives > 0 ? 2 : 0);
  }

  /** New type index of a defined function, as its convention wants it. */
  definedType(f: number): number {
    const original = this.module.functionTypes[f + this.refill] as number;
    if (this.facts.convention[f] !== Convention.threaded) return original;
    const key = original * 2 + (this.facts.deep[f] as number);
    const known = this.threadedTypes[key] as number;
    if (known > 0) return known - 1;
    const type = this.module.types[original] as FuncType;
    const extra = this.facts.deep[f] === 1 ? [ValType.i32, ValType.i32] : [ValType.i32];
    const index = this.addType({
      params: [...type.params, ...extra],
      results: [...type.results, ValType.i32],
    });
    this.threadedTypes[key] = index + 1;
    return index;
  }

  addType(type: FuncType): number {
    const key = funcTypeKey(type);
    let index = this.typeOfKey.get(key);
    if (index === undefined) {
      index = this.types.length;
      this.types.push(type);
      this.typeOfKey.set(key, index);
    }
    return index;
  }

  /** Index of the type of a block that takes and gives the same values. */
  carryType(valTypes: readonly number[]): number {
    return this.addType({ params: valTypes, results: valTypes });
  }

  /** The function to hand out where the original's type is visible: itself or its thunk. */
  reference(original: number): number {
    const f = original - this.refill;
    if (f >= 0 && this.facts.convention[f] === Convention.shared) return this.function(original);
    const type = this.module.functionTypes[original] as number;
    return this.thunk({ original, kind: "outside", type, deep: false });
  }

  /** The function to put into tables, and to take references of. */
  tableReference(original: number): number {
    if (!this.facts.threadsTables) return this.reference(original);
    const type = this.module.functionTypes[original] as number;
    const deep = this.facts.deepTypes[this.facts.canonicalType[type] as number] === 1;
    const f = original - this.refill;
    const fits = f >= 0 && this.facts.convention[f] === Convention.threaded;
    if (fits && (this.facts.deep[f] === 1) === deep) return this.function(original);
    return this.thunk({ original, kind: "table", type: this.indirectType(type), deep });
  }

  /** Type index that an indirect call through the original type index has. */
  indirectType(typeIndex: number): number {
    if (!this.facts.threadsTables) return typeIndex;
    return this.addType(threadedIndirectType(this.module, this.facts, typeIndex));
  }

  private thunk(thunk: Thunk): number {
    const known = this.thunkOf[thunk.kind];
    const index = known[thunk.original] as number;
    if (index > 0) return index;
    const added = this.firstThunk + this.thunks.push(thunk) - 1;
    known[thunk.original] = added;
    return added;
  }
}
