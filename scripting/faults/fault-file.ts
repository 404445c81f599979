import type { SourceMapV3 } from "../compile/source.ts";
import type { Fault } from "../fault.ts";
import type { ValueType } from "../runtime/host-function.ts";
import type { Hook } from "../system/events.ts";
import type { SavedMemory } from "../system/scripts-state.ts";
import type { SavedHostCall } from "./host-log.ts";

/** What names the format of a {@link FaultFile}. */
export const faultFormat = "fusewire-fault";
/** What is written, and understood. */
export const faultVersion = 1;

/** A host function that the module imports, as the game has defined it. */
export interface SavedImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly fuel: number;
  readonly fuelPerByte?: number;
  readonly perCall?: number;
  readonly anyFloat?: boolean;
}

/** What came of the call. */
export interface SavedFault extends Pick<Fault, "kind" | "message" | "fuelUsed" | "stack"> {
  readonly functionName?: string;
  readonly location?: NonNullable<Fault["location"]>;
}

/**
 * A stopped call, with all that it takes to make it again: without the game, its world, its assets. Plain data that JSON
 * holds. It has the module in it, what was in the script's memory and what it was told of the world: mind who gets it.
 */
export interface FaultFile {
  readonly format: "fusewire-fault";
  readonly version: 1;
  readonly script: string;
  readonly hook: Hook;
  /** Handle of the entity that the call was for. */
  readonly entity: number;
  /** How many frames scripts had run, that one included. */
  readonly frame: number;
  /** Base64. */
  readonly module: string;
  readonly sourceMap?: SourceMapV3;
  /** What the call had; numbers by name where JSON has none. */
  readonly limits: Readonly<Record<string, number | string>>;
  /** Whether messages repeat what the script says. */
  readonly guestText: boolean;
  /** In the module's order; null for the runtime's own, such as `abort`. */
  readonly imports: readonly (SavedImport | null)[];
  readonly memories: readonly { readonly module: string; readonly name: string }[];
  readonly tables: readonly { readonly module: string; readonly name: string }[];
  readonly globals: readonly {
    readonly module: string;
    readonly name: string;
    readonly type: ValueType;
    readonly mutable: boolean;
    readonly value: number | string;
  }[];
  /** The script's memory and variables before the call. */
  readonly memory: SavedMemory;
  /** Calls of the host that its top-level code made, and that the call made. */
  readonly start: readonly SavedHostCall[];
  readonly calls: readonly SavedHostCall[];
  readonly fault: SavedFault;
}
