import { clamp } from "./math";

/**
 * Curves from 0 (at 0) to 1 (at 1), for what shouldn't move like a machine: `lerp(from, to, Ease.outQuad(t))`. `In` begins
 * slowly, `out` ends slowly. What lies outside of 0 to 1 counts as the nearer end.
 */
export namespace Ease {
  export function inQuad(t: f32): f32 {
    t = clamp(t, 0, 1);
    return t * t;
  }

  export function outQuad(t: f32): f32 {
    t = 1 - clamp(t, 0, 1);
    return 1 - t * t;
  }

  export function inOutQuad(t: f32): f32 {
    t = clamp(t, 0, 1);
    return t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
  }

  export function inCubic(t: f32): f32 {
    t = clamp(t, 0, 1);
    return t * t * t;
  }

  export function outCubic(t: f32): f32 {
    t = 1 - clamp(t, 0, 1);
    return 1 - t * t * t;
  }

  /** Slow at both ends: 3t² - 2t³, as shaders' `smoothstep`. */
  export function smooth(t: f32): f32 {
    t = clamp(t, 0, 1);
    return t * t * (3 - 2 * t);
  }

  /** Goes a tenth past the end, and comes back. */
  export function outBack(t: f32): f32 {
    // Robert Penner's constant for an overshoot of 10 %.
    const over: f32 = 1.70158;
    t = clamp(t, 0, 1) - 1;
    return t * t * ((over + 1) * t + over) + 1;
  }

  /** Swings past the end and back, ever less. */
  export function outElastic(t: f32): f32 {
    t = clamp(t, 0, 1);
    if (t == 0 || t == 1) return t;
    return Mathf.pow(2, -10 * t) * Mathf.sin((t - 0.075) * ((2 * Mathf.PI) / 0.3)) + 1;
  }

  /** Falls on the end and bounces. */
  export function outBounce(t: f32): f32 {
    t = clamp(t, 0, 1);
    const strength: f32 = 7.5625;
    const part: f32 = 2.75;
    if (t < 1 / part) return strength * t * t;
    if (t < 2 / part) {
      t -= 1.5 / part;
      return strength * t * t + 0.75;
    }
    if (t < 2.5 / part) {
      t -= 2.25 / part;
      return strength * t * t + 0.9375;
    }
    t -= 2.625 / part;
    return strength * t * t + 0.984375;
  }
}
