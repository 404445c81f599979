// @ts-ignore: decorator
@external("time", "delta")
declare function time_delta(): f32;

// @ts-ignore: decorator
@external("time", "elapsed")
declare function time_elapsed(): f64;

// @ts-ignore: decorator
@external("time", "frame")
declare function time_frame(): i32;

// @ts-ignore: decorator
@external("time", "fixedDelta")
declare function time_fixedDelta(): f32;

/** The frame's time: the same for every entity and every script of one frame, but for `delta`. */
export abstract class Time {
  /**
   * Seconds since the frame before; in `onUpdate` since the entity's last one, where that had to wait or was stopped.
   * Multiply speeds by it.
   */
  // @ts-ignore: decorator
  @inline
  static get delta(): f32 {
    return time_delta();
  }

  /** Seconds of game time since the game started; pauses when the game does. */
  // @ts-ignore: decorator
  @inline
  static get elapsed(): f64 {
    return time_elapsed();
  }

  /** Seconds of a fixed step: multiply speeds by it in `onFixedUpdate`. */
  // @ts-ignore: decorator
  @inline
  static get fixedDelta(): f32 {
    return time_fixedDelta();
  }

  /** Number of this frame, from 1. */
  // @ts-ignore: decorator
  @inline
  static get frame(): i32 {
    return time_frame();
  }
}
