import type { WindowConstant, WindowLayout } from "./window-layout.ts";

/** Writes what is the same for all rows of a window. */
export class ConstantsWindow {
  readonly #constants: readonly WindowConstant[];
  readonly #address: number;
  #bytes: DataView = new DataView(new ArrayBuffer(0));

  constructor({ constants, address }: WindowLayout) {
    this.#constants = constants;
    this.#address = address;
  }

  /** Says where the guest's memory is. */
  show(buffer: ArrayBufferLike): void {
    this.#bytes = new DataView(buffer, this.#address);
  }

  write(): void {
    for (let i = 0; i < this.#constants.length; i++) {
      const { constant, offset } = this.#constants[i] as WindowConstant;
      const value = constant.value();
      if (constant.type === "f32") this.#bytes.setFloat32(offset, value, true);
      else if (constant.type === "f64") this.#bytes.setFloat64(offset, value, true);
      else this.#bytes.setInt32(offset, value, true);
    }
  }
}
