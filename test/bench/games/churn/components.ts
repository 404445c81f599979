import { defineComponent } from "../../../../engine/index.ts";

export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Velocity = defineComponent("Velocity", { x: "f32", y: "f32" });
/** Frames that are left. */
export const Life = defineComponent("Life", { frames: "u8" });
/** Sparks a frame. */
export const Emitter = defineComponent("Emitter", { rate: "u8" });
