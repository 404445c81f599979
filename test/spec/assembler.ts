import wabtFactory from "wabt";
import type { ModuleSource } from "./wast.ts";

/** A module's binary, or why there is none. */
export type Assembled =
  | {
      readonly bytes: Uint8Array;
      /** Denied features without which the text couldn't be assembled. */
      readonly needs: readonly string[];
    }
  | { readonly bytes: undefined; readonly reason: string };

type Wabt = Awaited<ReturnType<typeof wabtFactory>>;
type Features = NonNullable<Parameters<Wabt["parseWat"]>[2]>;

const allowed: Features = {
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
  tail_call: true,
  annotations: true,
};
const denied = [
  "exceptions",
  "threads",
  "memory64",
  "relaxed_simd",
  "function_references",
  "gc",
] as const satisfies readonly (keyof Features)[];

/** Makes binaries of texts, valid or not. */
export class Assembler {
  private constructor(private readonly wabt: Wabt) {}

  static async start(): Promise<Assembler> {
    return new Assembler(await wabtFactory());
  }

  /** `valid`: whether the module has to be. */
  async assemble(source: ModuleSource, valid: boolean): Promise<Assembled> {
    if (source.form === "binary") return { bytes: source.bytes, needs: [] };
    const plain = this.withFeatures(source.bytes, []);
    if (typeof plain !== "string") return { bytes: plain, needs: [] };
    const made = valid ? await withBinaryen(source.bytes) : undefined;
    if (made !== undefined) return { bytes: made, needs: [] };
    for (const needs of [...denied.map((feature) => [feature]), denied]) {
      const bytes = this.withFeatures(source.bytes, needs);
      if (typeof bytes !== "string") return { bytes, needs };
    }
    return { bytes: undefined, reason: plain };
  }

  /** The binary, or what is wrong with the text. */
  private withFeatures(text: Uint8Array, more: readonly string[]): Uint8Array | string {
    const features: Features = { ...allowed };
    for (const feature of more) features[feature as keyof Features] = true;
    try {
      const module = this.wabt.parseWat("a", text, features);
      try {
        return module.toBinary({}).buffer.slice();
      } finally {
        module.destroy();
      }
    } catch (error) {
      const lines = (error instanceof Error ? error.message : String(error)).split("\n");
      return lines[1] ?? lines[0] ?? "";
    }
  }
}

/** Binaryen knows what WABT doesn't, but takes valid modules only, and takes seconds to start. */
async function withBinaryen(text: Uint8Array): Promise<Uint8Array | undefined> {
  const { default: binaryen } = await import("binaryen");
  try {
    const module = binaryen.parseText(new TextDecoder().decode(text));
    try {
      module.setFeatures(binaryen.Features.All);
      return module.emitBinary();
    } finally {
      module.dispose();
    }
  } catch {
    // What it throws has no text.
    return undefined;
  }
}
