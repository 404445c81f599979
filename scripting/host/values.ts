import { type ColumnType, columnRange, type World } from "../../engine/index.ts";
import { HostError } from "../errors.ts";

/** How values of a column type cross to scripts, and which ones may cross back. */
export interface ValueKind {
  readonly wasm: "i32" | "f32" | "f64";
  /** @throws HostError that names the column and the value it can't hold. */
  readonly check: (value: number, name: string, world: World) => void;
}

function anything(): void {}

function finite(value: number, name: string): void {
  // Only NaN and the infinities differ from themselves by something other than 0.
  if (value - value !== 0) throw new HostError(`${name}: ${value} is not a finite number`);
}

function narrow(type: ColumnType): ValueKind {
  const [least, most] = columnRange(type);
  return {
    wasm: "i32",
    check: (value, name) => {
      if (value >= least && value <= most) return;
      throw new HostError(
        `${name}: ${value} does not fit ${type}, which holds ${least} to ${most}`,
      );
    },
  };
}

function liveOrNone(value: number, name: string, world: World): void {
  if (value === 0 || world.resolve(value) >= 0) return;
  throw new HostError(`${name}: ${world.staleError(value).message}`);
}

/**
 * Narrow integers cross as i32 and are refused when they don't fit, not cut off. A u32 crosses as
 * the i32 with the same bits, so any value fits.
 */
export const valueKinds: Readonly<Record<ColumnType, ValueKind>> = {
  f32: { wasm: "f32", check: finite },
  f64: { wasm: "f64", check: finite },
  i8: narrow("i8"),
  u8: narrow("u8"),
  i16: narrow("i16"),
  u16: narrow("u16"),
  i32: { wasm: "i32", check: anything },
  u32: { wasm: "i32", check: anything },
  entity: { wasm: "i32", check: liveOrNone },
};
