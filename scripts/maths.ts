import { angleDifference, clamp } from "fusewire/sdk";

/** A full turn, in radians. */
export const TAU: f32 = 6.2831853;

/** The angle `from`, turned towards `to` by at most `step` radians. */
export function turnTowards(from: f32, to: f32, step: f32): f32 {
  return from + clamp(angleDifference(from, to), -step, step);
}

/** Which share of the way to go in `seconds` when going at `rate` each second; never past 1. */
export function ease(rate: f32, seconds: f32): f32 {
  return 1 - Mathf.exp(-rate * seconds);
}
