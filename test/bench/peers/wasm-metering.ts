import { meterWASM } from "wasm-metering";

/** The module with a call of an imported function in front of every branch. */
export function meterByImport(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(meterWASM(Buffer.from(bytes), { meterType: "i32" }));
}

/** What such a module imports: a gas meter that a host would give it. Runs `call` with `gas` to spend. */
export class GasMeter {
  readonly imports = {
    metering: {
      usegas: (amount: number): void => {
        this.left -= amount;
        if (this.left < 0) throw new Error("out of gas");
      },
    },
  };
  private left = 0;

  fill(gas: number): void {
    this.left = gas;
  }
}
