/** How a module is compiled. Fuel is counted on the result, so development and production want the same settings. */
export interface CodegenOptions {
  /** 0 to 3. Default 3. */
  readonly optimizeLevel?: number;
  /** 0 to 2, how much size counts. Default 0. */
  readonly shrinkLevel?: number;
  /**
   * Whether `__new`, `__pin`, `__unpin`, `__collect` and `__rtti_base` are exported, which the host needs to pass
   * strings and objects in. "auto" exports them when the signature of an export or import needs them: a script
   * without any is 0.3 KB with "auto" and 4.6 KB with `true`, and compiles in half the time. Default "auto".
   */
  readonly exportRuntime?: boolean | "auto";
}
