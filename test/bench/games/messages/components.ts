import { defineComponent, defineMessage } from "../../../../engine/index.ts";

export const Fighter = defineComponent("Fighter", {
  health: { type: "f32", default: 100 },
  strength: "f32",
  falls: "u16",
  enemy: "entity",
  /** Who is to be hit back. */
  foe: "entity",
});

export const Hit = defineMessage("Hit", { damage: "f32", from: "entity" });
