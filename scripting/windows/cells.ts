/** What a guest's memory holds, by the wasm type that it is read as. */
export type Cells = Int32Array | Float32Array | Float64Array;

/** A wasm type that columns have in memory. */
export type CellType = "i32" | "f32" | "f64";

interface CellArray {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): Cells;
}

const cellArrays: Readonly<Record<CellType, CellArray>> = {
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** A view of a guest's memory. Offset in bytes, length in elements. */
export function cellsAt(
  type: CellType,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): Cells {
  return new cellArrays[type](buffer, offset, length);
}

/** log2 of how many elements of a type there are in one of `1 << shift` bytes. */
export function strideOf(shift: number, type: CellType): number {
  return shift - Math.log2(cellArrays[type].BYTES_PER_ELEMENT);
}
