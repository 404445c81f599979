import type { ColumnType } from "../../engine/index.ts";

/**
 * What a host function without parameters tells of the message that a call is for: one of its values, or, without
 * one, whether it is that message at all. A function that is driven for messages needs no call for it, see {@link lower}.
 */
export interface MessageAccess {
  /** The message's number. */
  readonly message: number;
  readonly value?: { readonly place: number; readonly type: ColumnType };
}

/**
 * What a host function that sends a message does, and nothing else: `send(entity, ...values)`. A driven function needs
 * no call for it, see {@link lower}.
 */
export interface MessageSend {
  /** The message's number. */
  readonly message: number;
  /** Its values, in order. */
  readonly values: readonly ColumnType[];
}
