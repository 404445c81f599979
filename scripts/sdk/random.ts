// @ts-ignore: decorator
@external("random", "next")
declare function random_next(): f64;

/**
 * Random numbers that repeat: they depend on the game's seed, the script's name, the entity and the
 * frame, and on nothing that other scripts or entities do. Every call has a sequence of its own.
 */
export abstract class Random {
  /** A number from 0 up to, but not including, 1. */
  // @ts-ignore: decorator
  @inline
  static next(): f64 {
    return random_next();
  }

  /** A number between `from` and `to`. */
  // @ts-ignore: decorator
  @inline
  static range(from: f32, to: f32): f32 {
    return from + (to - from) * (random_next() as f32);
  }

  /** A whole number between `from` and `to`, both included: `Random.int(1, 6)` rolls a die. */
  // @ts-ignore: decorator
  @inline
  static int(from: i32, to: i32): i32 {
    const count = (to as f64) - (from as f64) + 1;
    return ((from as f64) + Math.floor(count * random_next())) as i32;
  }
}
