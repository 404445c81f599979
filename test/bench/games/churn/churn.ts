import { definePrefab, withValues } from "../../../../engine/index.ts";
import { scripted } from "../../../../scripting/index.ts";
import type { Game } from "../game.ts";
import { Emitter, Life, Position, Velocity } from "./components.ts";
import { nativeChurn } from "./native.ts";
import { quickJsChurn } from "./quickjs.ts";

const emitters = 100;

const Spark = definePrefab("Spark", [Velocity, Position, Life, scripted("spark")]);

/** A hundred emitters of two sparks a frame, which last 20 to 60 frames: 8,000 at a time. */
export const churn: Game = {
  name: "churn",
  components: [Emitter, Life, Position, Velocity],
  prefabs: [Spark],
  messages: [],
  scripts: ["emitter", "spark"],
  maxEntities: 16_384,
  entities: () =>
    Array.from({ length: emitters }, (_, i) => ({
      script: "emitter",
      parts: [
        withValues(Position, { x: (i % 10) * 90, y: Math.floor(i / 10) * 60 }),
        withValues(Emitter, { rate: 2 }),
      ],
    })),
  compared: [Velocity, Position, Life],
  comesAndGoes: true,
  frames: 90,
  quickJsFrames: 3,
  tolerance: 0,
  native: nativeChurn,
  quickJs: quickJsChurn,
};
