import type { Linker } from "../runtime/linker.ts";
import type { CallInfo } from "../system/call-info.ts";
import type { FrameConstant } from "../windows/frame-constant.ts";
import { hostModule } from "./define.ts";

/** The frame's time as scripts see it: every entity of one frame sees the same, but for `delta` of who had to wait. */
export interface FrameTime {
  /** Seconds since the frame before. In `onUpdate` scripts are told those since the entity's last one. */
  readonly delta: number;
  /** Seconds of game time since the game started. */
  readonly elapsed: number;
  /** Frames since the game started. */
  readonly frame: number;
  /** Seconds of a fixed step. Default: 0, for a game that has none. */
  readonly fixedDelta?: number;
}

/**
 * Host functions of module "time". `time` is asked on every call, as it may be replaced; `call` has by how much the
 * entity lags behind.
 */
export function linkTime(linker: Linker, time: () => FrameTime, call: Pick<CallInfo, "lag">): void {
  const define = hostModule(linker, "time");
  const constant = (name: string, type: FrameConstant["type"], value: () => number): void => {
    define(name, [], [type], value, { constant: { type, value } });
  };
  constant("delta", "f32", () => time().delta + call.lag);
  constant("elapsed", "f64", () => time().elapsed);
  constant("frame", "i32", () => time().frame);
  constant("fixedDelta", "f32", () => time().fixedDelta ?? 0);
}
