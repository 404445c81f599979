// @ts-ignore: decorator
@external("log", "info")
declare function log_info(text: string): void;

// @ts-ignore: decorator
@external("log", "warn")
declare function log_warn(text: string): void;

// @ts-ignore: decorator
@inline
function textOf<T>(value: T): string {
  if (isString<T>()) return value as string;
  // @ts-ignore: every type that AssemblyScript can print has it
  return value.toString();
}

/**
 * Writes a line to the script's log: text, a number, a boolean, or anything with `toString()`.
 * A frame takes a limited number of lines; further ones are counted and dropped.
 */
export function log<T>(value: T): void {
  log_info(textOf<T>(value));
}

/** Like {@link log}, marked as a warning. */
export function warn<T>(value: T): void {
  log_warn(textOf<T>(value));
}
