import { withValues } from "../../../../engine/index.ts";
import { Dice } from "../dice.ts";
import type { Game } from "../game.ts";
import { Boid, height, Position, Velocity, width } from "./components.ts";
import { nativeBoids } from "./native.ts";
import { quickJsBoids } from "./quickjs.ts";

const count = 2_000;

/** Boids that look at some 15 neighbours each. */
export const boids: Game = {
  name: "boids",
  components: [Boid, Position, Velocity],
  prefabs: [],
  messages: [],
  positions: { component: Position, x: "x", y: "y" },
  scripts: ["flock"],
  maxEntities: count + 1,
  entities: () => {
    const dice = new Dice("flock");
    return Array.from({ length: count }, () => ({
      script: "flock",
      parts: [
        withValues(Boid, {}),
        withValues(Position, { x: dice.next() * width, y: dice.next() * height }),
        withValues(Velocity, { x: dice.next() * 120 - 60, y: dice.next() * 120 - 60 }),
      ],
    }));
  },
  compared: [Position, Velocity],
  comesAndGoes: false,
  frames: 20,
  quickJsFrames: 3,
  // Neighbours are added up in another order.
  tolerance: 0.05,
  native: nativeBoids,
  quickJs: quickJsBoids,
};
