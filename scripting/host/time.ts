import type { Linker } from "../runtime/linker.ts";
import { hostModule } from "./define.ts";

/** The frame's time as scripts see it: every entity of one frame sees the same. */
export interface FrameTime {
  /** Seconds since the frame before. */
  readonly delta: number;
  /** Seconds of game time since the game started. */
  readonly elapsed: number;
  /** Frames since the game started. */
  readonly frame: number;
}

/** Host functions of module "time". `time` is asked on every call, as it may be replaced. */
export function linkTime(linker: Linker, time: () => FrameTime): void {
  const define = hostModule(linker, "time");
  define("delta", [], ["f32"], () => time().delta);
  define("elapsed", [], ["f64"], () => time().elapsed);
  define("frame", [], ["i32"], () => time().frame);
}
