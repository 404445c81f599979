import { World } from "../../engine/index.ts";
import type { FrameTime } from "../../scripting/host/time.ts";
import type { ScriptEvent, ScriptEventOf, ScriptEventType } from "../../scripting/system/events.ts";
import type { ScriptSystemOptions } from "../../scripting/system/options.ts";
import { ScriptSystem } from "../../scripting/system/system.ts";
import { binary, components, messages, positions, prefabs, queries } from "../host/fixture.ts";

export { scripted } from "../../scripting/system/scripted.ts";
export * from "../host/fixture.ts";

export interface Rig {
  readonly world: World;
  readonly scripts: ScriptSystem;
  /** All events so far. */
  readonly events: ScriptEvent[];
  of<T extends ScriptEventType>(type: T): ScriptEventOf<T>[];
  /** Loads a script by the text that follows the imports. */
  load(name: string, body: string): Promise<void>;
  reload(name: string, body: string): Promise<void>;
  /** Runs frames, each with so many fixed steps. */
  frames(count?: number, steps?: number): void;
}

/** A world with a script system, without a game. Nothing depends on the time it takes. */
export function rig(options: Partial<ScriptSystemOptions> = {}, maxEntities = 256): Rig {
  const world = options.world ?? new World({ components, prefabs, maxEntities });
  const events: ScriptEvent[] = [];
  const scripts = new ScriptSystem({
    frameBudgetMs: Infinity,
    messages,
    queries,
    positions,
    ...options,
    limits: { callTimeMs: Infinity, ...options.limits },
    world,
    onEvent: (event) => events.push(event),
  });
  let frame = 0;
  return {
    world,
    scripts,
    events,
    of: <T extends ScriptEventType>(type: T) =>
      events.filter((event): event is ScriptEventOf<T> => event.type === type),
    load: async (name, body) => scripts.load(await binary(name, body)),
    reload: async (name, body) => scripts.reload(await binary(name, body)),
    frames: (count = 1, steps = 0) => {
      for (let n = 0; n < count; n++) {
        frame++;
        const time: FrameTime = { delta: 0.5, elapsed: frame * 0.5, frame, fixedDelta: 0.125 };
        for (let step = 0; step < steps; step++) {
          world.commit();
          scripts.runFixed(time);
        }
        world.commit();
        scripts.run(time);
      }
    },
  };
}
