declare module "wasm-metering" {
  /** @throws Error at what isn't WebAssembly 1.0. */
  export function meterWASM(wasm: Buffer, options?: { meterType?: "i32" | "i64" }): Buffer;
}
