import { Entity } from "./entity";

/** A field of the script's own: one value for each entity that carries the script, `speed[self]`. */
declare class Field<T> {
  [key: Entity]: T;
}

/** A timer of the script's own, one for each entity that carries the script. It runs on game time, in seconds. */
declare class Timer {
  /** Starts it, from now, whether it is running or not. */
  start(entity: Entity, seconds: f64): void;
  /** Stops it: it neither runs nor ends. */
  stop(entity: Entity): void;
  /** Whether it was started and isn't over: what a cooldown asks. */
  isRunning(entity: Entity): bool;
  /** Seconds until it is over; 0 when it isn't running. */
  left(entity: Entity): f64;
  /** True once, when it is over: what a fuse asks in every frame. It is stopped then. */
  ends(entity: Entity): bool;
  /** True once every so many seconds: `if (reload.every(self, 0.5)) shoot();`. The first call starts it. */
  every(entity: Entity, seconds: f64): bool;
}

/**
 * Declares fields of the script's own, at the top level of a file:
 *
 * ```ts
 * // A doc comment before it is what an inspector shows.
 * const speed = field.f32("speed", 2, 0, 10);
 * const reload = field.timer("reload");
 * ```
 *
 * Every entity that carries the script has a value of its own, `speed[self]`, which the game can see and change. Values
 * are kept while the script is reloaded, by name and kind, and undone with a call that is stopped. What the script's
 * own variables hold isn't. The default and the range (the least and greatest value that editors offer; scripts may go
 * beyond) must be plain numbers.
 */
export declare namespace field {
  function f32(name: string, initial?: number, min?: number, max?: number): Field<f32>;
  function f64(name: string, initial?: number, min?: number, max?: number): Field<f64>;
  /** A whole number from -128 to 127. */
  function i8(name: string, initial?: number, min?: number, max?: number): Field<i32>;
  /** A whole number from 0 to 255. */
  function u8(name: string, initial?: number, min?: number, max?: number): Field<i32>;
  /** A whole number from -32768 to 32767. */
  function i16(name: string, initial?: number, min?: number, max?: number): Field<i32>;
  /** A whole number from 0 to 65535. */
  function u16(name: string, initial?: number, min?: number, max?: number): Field<i32>;
  function i32(name: string, initial?: number, min?: number, max?: number): Field<i32>;
  function u32(name: string, initial?: number, min?: number, max?: number): Field<u32>;
  function bool(name: string, initial?: boolean): Field<boolean>;
  /** Another entity, or `noEntity`. */
  function entity(name: string): Field<Entity>;
  function timer(name: string): Timer;
}
