import { allocate, Ints } from "../../wasm/core/memory.as";
import { input } from "./input.as";

/*
 * What the host knows of the metered module's index spaces. It numbers thunks and new types in the
 * order in which they are asked for.
 */

/** The function to hand out where the original's type is visible: itself or its thunk. */
@external("host", "reference")
export declare function reference(functionIndex: i32): i32;

/** The function to put into tables, and to take references of. */
@external("host", "tableReference")
export declare function tableReference(functionIndex: i32): i32;

/** Index of the type without parameters that has that one's results. */
@external("host", "resultsBlock")
export declare function resultsBlock(typeIndex: i32): i32;

@external("host", "indirectType")
declare function hostIndirectType(typeIndex: i32): i32;
@external("host", "carryResults")
declare function hostCarryResults(typeIndex: i32): i32;
@external("host", "carryParams")
declare function hostCarryParams(typeIndex: i32): i32;

/** Index of the type that takes and gives a value of that type. */
@external("host", "carryValue")
export declare function carryValue(valType: i32): i32;

/** Defined function `f` has more bytes than engines take, once metered: throws. */
@external("host", "refuseSize")
export declare function refuseSize(f: i32, bytes: i32): void;

const unknown: i32 = -1;

/**
 * Where everything stands in the metered module's index spaces. Imported functions keep their
 * indices, `refill` comes right behind them, so defined ones move up by one; globals are appended.
 */
@unmanaged
export class Layout {
  refill: i32 = 0;
  fuelGlobal: i32 = 0;
  depthGlobal: i32 = 0;
  stopGlobal: i32 = 0;
  private firstPriceGlobal: i32 = 0;
  // What the host has said by type index; `unknown` before it was asked.
  private indirectTypes: Ints = changetype<Ints>(0);
  private resultCarriers: Ints = changetype<Ints>(0);
  private paramCarriers: Ints = changetype<Ints>(0);

  begin(
    refill: i32,
    fuelGlobal: i32,
    depthGlobal: i32,
    stopGlobal: i32,
    firstPriceGlobal: i32,
  ): void {
    this.refill = refill;
    this.fuelGlobal = fuelGlobal;
    this.depthGlobal = depthGlobal;
    this.stopGlobal = stopGlobal;
    this.firstPriceGlobal = firstPriceGlobal;
    this.indirectTypes = unknownTypes();
    this.resultCarriers = unknownTypes();
    this.paramCarriers = unknownTypes();
  }

  /** New index of an original function. */
  @inline function(original: i32): i32 {
    return original + i32(original >= this.refill);
  }

  priceGlobal(importIndex: i32): i32 {
    return this.firstPriceGlobal + importIndex;
  }

  /** Type index that an indirect call through the original type index has. */
  indirectType(typeIndex: i32): i32 {
    const known = this.indirectTypes[typeIndex];
    if (known != unknown) return known;
    const type = hostIndirectType(typeIndex);
    this.indirectTypes[typeIndex] = type;
    return type;
  }

  /** Index of the type that takes and gives that type's results. */
  carryResults(typeIndex: i32): i32 {
    const known = this.resultCarriers[typeIndex];
    if (known != unknown) return known;
    const type = hostCarryResults(typeIndex);
    this.resultCarriers[typeIndex] = type;
    return type;
  }

  /** Index of the type that takes and gives that type's parameters. */
  carryParams(typeIndex: i32): i32 {
    const known = this.paramCarriers[typeIndex];
    if (known != unknown) return known;
    const type = hostCarryParams(typeIndex);
    this.paramCarriers[typeIndex] = type;
    return type;
  }
}

function unknownTypes(): Ints {
  const bytes = input.typeCount << 2;
  const at = allocate(bytes);
  memory.fill(at, <u8>unknown, bytes);
  return changetype<Ints>(at);
}

export const layout: Layout = changetype<Layout>(memory.data(offsetof<Layout>()));
