import { defineComponent } from "../../engine/index.ts";

export const Body = defineComponent("Body", { x: "f32", y: "f32", speed: "f32" });
/** 0 for who behaves; else what it does instead. */
export const Mischief = defineComponent("Mischief", { kind: "u8" });

/** Kinds of mischief that the script knows, from 1 on. */
export const mischiefKinds = 5;
