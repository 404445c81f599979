import { defineComponent } from "../../../../engine/index.ts";

export const Boid = defineComponent("Boid", {});
export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Velocity = defineComponent("Velocity", { x: "f32", y: "f32" });

/** How far boids see. */
export const sight = 40;
/** Where they are. */
export const width = 920;
export const height = 780;
