import { defineComponent } from "../../../../engine/index.ts";

export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Guard = defineComponent("Guard", {
  state: "u8",
  timer: "f32",
  stamina: { type: "f32", default: 100 },
  homeX: "f32",
  homeY: "f32",
  goalX: "f32",
  goalY: "f32",
  rival: "entity",
  hits: "u16",
});
