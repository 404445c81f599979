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
