import type { Fault } from "../fault.ts";
import type { ArrayTypeName, GuestArray, TypedArrayOf } from "./guest-arrays.ts";
import type { CallValue } from "./guest-export.ts";

/** What a call that finished, or didn't, comes back with. */
export type Outcome<Value> =
  | {
      readonly ok: true;
      readonly value: Value;
      /**
       * Exact: the sum of what the executed instructions cost, host functions included. For a call from inside
       * another one, of a host function: all that the outer one has used by then.
       */
      readonly fuelUsed: number;
      /** Wall-clock time in milliseconds; likewise since the outer call began. */
      readonly elapsedMs: number;
    }
  | { readonly ok: false; readonly fault: Fault };

/** The export's result: undefined for none, an array for several. */
export type CallResult = Outcome<CallValue | readonly CallValue[] | undefined>;

/** What JSON says; anything at all. */
export type JsonResult = Outcome<unknown>;

/** What passes to a guest in a typed call: a number as it is, a string or typed array as a copy. */
export type GuestValue = CallValue | string | GuestArray;

/** What a typed call returns: a number as it is, or a copy of the string or typed array it points to. */
export type ReturnKind = "number" | "string" | ArrayTypeName;

export type TypedResult<R extends ReturnKind> = Outcome<
  R extends "string" ? string : R extends ArrayTypeName ? TypedArrayOf<R> : CallValue | undefined
>;
