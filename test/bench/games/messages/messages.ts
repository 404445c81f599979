import { withValues } from "../../../../engine/index.ts";
import { type Game, handleOf } from "../game.ts";
import { Fighter, Hit } from "./components.ts";
import { nativeMessages } from "./native.ts";
import { quickJsMessages } from "./quickjs.ts";

const count = 5_000;
/** Coprime to the count, so that everybody is somebody's enemy. */
const stride = 1_877;

/** Five thousand fighters that send one or two messages a frame each. */
export const messages: Game = {
  name: "messages",
  components: [Fighter],
  prefabs: [],
  messages: [Hit],
  scripts: ["fighter"],
  maxEntities: count + 1,
  entities: () =>
    Array.from({ length: count }, (_, i) => ({
      script: "fighter",
      parts: [
        withValues(Fighter, {
          strength: 1 + (i % 4),
          enemy: handleOf(((i + stride) % count) + 1),
        }),
      ],
    })),
  compared: [Fighter],
  comesAndGoes: false,
  frames: 12,
  // Those that were sent before would get lost.
  quickJsFrames: 12,
  tolerance: 0,
  native: nativeMessages,
  quickJs: quickJsMessages,
};
