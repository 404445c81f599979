import { withValues } from "../../../../engine/index.ts";
import { type Game, handleOf } from "../game.ts";
import { Guard, Position } from "./components.ts";
import { nativeStates } from "./native.ts";
import { quickJsStates } from "./quickjs.ts";

const count = 10_000;
const half = count / 2;

/** Ten thousand guards, two for each beat, that are each other's rivals. */
export const states: Game = {
  name: "states",
  components: [Guard, Position],
  prefabs: [],
  messages: [],
  scripts: ["guard"],
  maxEntities: count + 1,
  entities: () =>
    Array.from({ length: count }, (_, i) => {
      const beat = i % half;
      const homeX = (beat % 100) * 200;
      const homeY = Math.floor(beat / 100) * 200;
      const [x, y] = [homeX + ((i * 37) % 160) - 80, homeY + ((i * 91) % 160) - 80];
      return {
        script: "guard",
        parts: [
          withValues(Position, { x, y }),
          withValues(Guard, {
            state: (i % 7) % 5,
            timer: (i % 60) / 30,
            stamina: 40 + (i % 61),
            homeX,
            homeY,
            goalX: homeX,
            goalY: homeY,
            rival: handleOf(((i + half) % count) + 1),
          }),
        ],
      };
    }),
  compared: [Position, Guard],
  comesAndGoes: false,
  frames: 120,
  quickJsFrames: 3,
  tolerance: 0,
  native: nativeStates,
  quickJs: quickJsStates,
};
