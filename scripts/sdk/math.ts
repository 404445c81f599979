/** `value`, held between `low` and `high`. */
// @ts-ignore: decorator
@inline
export function clamp(value: f32, low: f32, high: f32): f32 {
  return max<f32>(low, min<f32>(high, value));
}

/** The point between `from` (at 0) and `to` (at 1); `amount` may lie outside 0 to 1. */
// @ts-ignore: decorator
@inline
export function lerp(from: f32, to: f32, amount: f32): f32 {
  return from + (to - from) * amount;
}

/** Length of the vector (x, y). */
// @ts-ignore: decorator
@inline
export function length(x: f32, y: f32): f32 {
  return sqrt<f32>(x * x + y * y);
}

/** Distance between two points. */
// @ts-ignore: decorator
@inline
export function distance(fromX: f32, fromY: f32, toX: f32, toY: f32): f32 {
  return length(toX - fromX, toY - fromY);
}

/** `value`, moved towards `target` by at most `step`, never past it. `step` is not negative. */
// @ts-ignore: decorator
@inline
export function moveTowards(value: f32, target: f32, step: f32): f32 {
  return value + clamp(target - value, -step, step);
}

/** The turn that leads from one angle to the other the short way, in radians, from -π to π. */
export function angleDifference(from: f32, to: f32): f32 {
  const full: f32 = 2 * Mathf.PI;
  const turn: f32 = to - from;
  return turn - full * nearest<f32>(turn / full);
}

/** Where `value` lies between `from` (0) and `to` (1): the reverse of {@link lerp}. They must differ. */
// @ts-ignore: decorator
@inline
export function inverseLerp(from: f32, to: f32, value: f32): f32 {
  return (value - from) / (to - from);
}

/** Product of two vectors: positive when they point the same way, 0 when they are at right angles. */
// @ts-ignore: decorator
@inline
export function dot(x1: f32, y1: f32, x2: f32, y2: f32): f32 {
  return x1 * x2 + y1 * y2;
}

/** Positive when the second vector is turned from the first one towards growing angles. */
// @ts-ignore: decorator
@inline
export function cross(x1: f32, y1: f32, x2: f32, y2: f32): f32 {
  return x1 * y2 - y1 * x2;
}

/** Direction of the vector (x, y) in radians, from -π to π; 0 for none. */
// @ts-ignore: decorator
@inline
export function angleOf(x: f32, y: f32): f32 {
  return Mathf.atan2(y, x);
}

/** `angle`, turned towards `target` the short way by at most `step`, in radians. `step` is not negative. */
export function turnTowards(angle: f32, target: f32, step: f32): f32 {
  return angle + clamp(angleDifference(angle, target), -step, step);
}
