import { type Columns, type Component, type Entity, World } from "../../../engine/index.ts";
import { type ScriptBinary, ScriptSystem } from "../../../scripting/index.ts";
import { delta, type Frame, type Game } from "./game.ts";

/** A game that scripts run. */
export interface ScriptedGame {
  readonly frame: Frame;
  /** @throws Error when a call was stopped, or had to wait, in the last frame. */
  check(): void;
  columns(component: Component): Columns;
  /** Indices of the entities that have all of some components. */
  query(components: readonly Component[]): readonly number[];
}

/** @param windows whether scripts run on windows, or call by call. */
export async function createScripted(
  game: Game,
  binaries: readonly ScriptBinary[],
  windows: boolean,
): Promise<ScriptedGame> {
  const { components, prefabs, messages, positions, maxEntities } = game;
  const world = new World({ components, prefabs, maxEntities });
  const scripts = new ScriptSystem({
    world,
    messages,
    ...(positions && { positions }),
    frameBudgetMs: Infinity,
    windows,
  });
  for (const binary of binaries) await scripts.load(binary);
  const carriers: [Entity, string][] = [];
  for (const { script, parts } of game.entities()) {
    const entity = world.spawn(undefined, ...parts);
    if (script !== undefined) carriers.push([entity, script]);
  }
  for (const [entity, script] of carriers) scripts.attach(entity, script);
  let frame = 0;
  return {
    frame: () => {
      world.commit();
      scripts.run({ delta, elapsed: ++frame * delta, frame });
    },
    check: () => {
      const { deferred, faults } = scripts.lastFrame;
      const last = scripts.stats().find((script) => script.lastFault !== null)?.lastFault;
      if (deferred > 0 || faults > 0)
        throw new Error(`${game.name}: ${deferred} waited, ${faults} faults, ${last?.message}`);
    },
    columns: (component) => world.columns(component),
    query: (terms) => {
      const members = world.query(terms);
      return members.entities().filter((index) => members.has(index));
    },
  };
}
