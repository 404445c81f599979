/** A host function without parameters that gives every call of one frame the same value. */
export interface FrameConstant {
  readonly type: "i32" | "f32" | "f64";
  readonly value: () => number;
}
