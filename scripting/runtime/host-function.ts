import { maxHostCallFuel } from "../metering/bounds.ts";
import type { FuncType } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import type { ColumnAccess } from "../windows/column-access.ts";
import type { FrameConstant } from "../windows/frame-constant.ts";
import type { MessageAccess, MessageSend } from "../windows/message-access.ts";
import type { Script } from "./script.ts";

/** Types that cross between guest and host. */
export type ValueType = "i32" | "i64" | "f32" | "f64";

type HostValue<T> = T extends "i64" ? bigint : number;
export type HostArguments<P extends readonly ValueType[]> = {
  -readonly [K in keyof P]: HostValue<P[K]>;
};
/** What a function without results returns is passed over, but for a promise: that is refused. */
export type HostResult<R extends readonly ValueType[]> = R extends readonly [infer T]
  ? HostValue<T>
  : unknown;

/** What a host function is called with, besides its arguments. Valid during the call only. */
export interface HostContext {
  readonly script: Script;
  /** Handle of the entity that the call is about; 0 when it is about none. */
  readonly entity: number;
  /** The guest's memory as it is now; a guest call or `memory.grow` may replace the buffer. */
  readonly memory: Uint8Array;
  /**
   * Whether what this function reads is to be hidden from the script (`LoadOptions.redacted`): it then
   * gives something neutral instead.
   */
  readonly redacted: boolean;
  /** Charges fuel beyond the function's price; stops the call when the budget can't pay. */
  charge(fuel: number): void;
  /**
   * Refuses an entity that isn't the script's to touch (`LoadOptions.entities`).
   * @param what was asked, for the message.
   * @throws HostError.
   */
  checkEntity(what: string, entity: number): void;
  /**
   * An AssemblyScript string. Charges `fuelPerByte`.
   * @throws HostError for a pointer outside of memory, or more than `payloadBytes`.
   */
  readString(pointer: number): string;
  /**
   * Allocates an AssemblyScript string in the guest, at the guest's expense. Charges `fuelPerByte`.
   * @throws HostError above `payloadBytes`, or when the script doesn't export its runtime.
   */
  newString(text: string): number;
  /**
   * Bytes of the guest's memory in place: valid until the guest runs again. Charges `fuelPerByte`.
   * @throws HostError for a span outside of memory, or more than `payloadBytes`.
   */
  bytes(pointer: number, length: number): Uint8Array;
}

/** A host function without its signature in types; what the linker keeps. */
export type HostFunction = (context: HostContext, ...args: number[]) => unknown;

export interface HostFunctionSpec<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends readonly ValueType[] = readonly ValueType[],
> {
  readonly params: P;
  /** None or one. */
  readonly results: R;
  /**
   * Fuel for one call, charged before it runs: 0 to 2^20. The deadline is only looked at when fuel
   * is used up, so price a function like the guest instructions that would take as long (about one
   * a nanosecond).
   */
  readonly fuel: number;
  /**
   * Fuel for each byte that its context reads from the guest or writes to it: 0 to 1,024, not
   * necessarily whole. Default 0. `payloadBytes` bounds what is read before it is charged.
   */
  readonly fuelPerByte?: number;
  /** Calls allowed within one call from the host; default none but `hostCallsPerCall`. */
  readonly perCall?: number;
  /** What a script has to be granted at load to import it; default nothing. */
  readonly capability?: string;
  /**
   * Whether NaN and the infinities may be passed for its f32 and f64 parameters. Default false: the
   * call is stopped with `host-error`, and the function doesn't run.
   */
  readonly anyFloat?: boolean;
  /**
   * `"none"` when it neither reads nor writes columns of the world, by itself or by what it calls. Default: it may;
   * a script that imports it is then called entity by entity, without a window (see {@link LoadOptions.driven}).
   */
  readonly columns?: "none";
  /**
   * Whether all that it does is undone with the call, so that the call can be made again: after a fault, the calls that
   * finished before it are, and one that is under way when a frame's time is over is in the next frame. Default: false;
   * a script that imports it, and whose calls change its memory, is then restarted after a fault.
   */
  readonly repeatable?: boolean;
  /** The column that it reads or writes of the entity it is given, and nothing else. */
  readonly column?: ColumnAccess;
  /** What it gives every call of a frame; it has no parameters then, and does nothing else. */
  readonly constant?: FrameConstant;
  /** What it tells of the message that a call is for; it has no parameters then, and does nothing else. */
  readonly message?: MessageAccess;
  /** The message that it sends to the entity it is given; it does nothing else. */
  readonly send?: MessageSend;
  /** That it gives the n-th entity that the call has found, and does nothing else. */
  readonly found?: true;
}

const typeBytes: Record<ValueType, number> = {
  i32: ValType.i32,
  i64: ValType.i64,
  f32: ValType.f32,
  f64: ValType.f64,
};

/** The byte by which the format knows a type. */
export function typeByte(type: ValueType): number {
  return typeBytes[type];
}

/** Whether a text names a type that can cross. */
export function isValueType(type: string): type is ValueType {
  return Object.hasOwn(typeBytes, type);
}

/** A signature as modules have it. */
export function signatureType(spec: Pick<HostFunctionSpec, "params" | "results">): FuncType {
  return { params: spec.params.map(typeByte), results: spec.results.map(typeByte) };
}

const maxFuelPerByte = 1_024;

/** @throws TypeError for a bad signature or capability, RangeError for a bad price or quota. */
export function checkSpec(module: string, name: string, spec: HostFunctionSpec): void {
  const where = `"${module}" "${name}"`;
  for (const type of [...spec.params, ...spec.results]) {
    if (!isValueType(type)) {
      throw new TypeError(`${where}: "${type}" is no type for host functions; i32 i64 f32 f64 are`);
    }
  }
  if (spec.results.length > 1) throw new TypeError(`${where}: more than one result`);
  const { fuel, fuelPerByte = 0, perCall = 0, capability = "none" } = spec;
  if (!Number.isInteger(fuel) || fuel < 0 || fuel > maxHostCallFuel) {
    throw new RangeError(`${where}: fuel must be an integer from 0 to ${maxHostCallFuel}`);
  }
  if (!(fuelPerByte >= 0 && fuelPerByte <= maxFuelPerByte)) {
    throw new RangeError(`${where}: fuelPerByte must be from 0 to ${maxFuelPerByte}`);
  }
  if (!(perCall >= 0)) {
    throw new RangeError(`${where}: perCall must be at least 0, not ${perCall}`);
  }
  if (typeof capability !== "string" || capability === "") {
    throw new TypeError(`${where}: capability must be a text that isn't empty`);
  }
}
