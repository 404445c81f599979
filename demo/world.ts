import { type Entity, World } from "../engine/index.ts";
import { arenaHalfHeight, arenaHalfWidth, outskirts } from "./arena.ts";
import { components, Mote, Position, Spawner, Sprite } from "./components.ts";
import * as prefab from "./prefabs.ts";

/** Motes of dust that are always there; each is an entity with a script of its own. */
export const moteCount = 1_100;

const dustTints = [0x9b8cff, 0x6fb6ff, 0xff7fc4, 0xd9d4ff];

/** A small generator (mulberry32), so that the same seed lays out the same sky. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function scatterDust(world: World, random: () => number): void {
  const position = world.columns(Position);
  const sprite = world.columns(Sprite);
  const mote = world.columns(Mote);
  for (let i = 0; i < moteCount; i++) {
    const index = world.indexOf(world.spawn(prefab.Mote));
    const depth = 0.12 + 0.88 * random() ** 3;
    position.x[index] = (2 * random() - 1) * (arenaHalfWidth + outskirts);
    position.y[index] = (2 * random() - 1) * (arenaHalfHeight + outskirts);
    mote.depth[index] = depth;
    mote.phase[index] = random() * 2 * Math.PI;
    sprite.size[index] = 1.4 + 3.4 * depth;
    sprite.tint[index] = dustTints[Math.floor(random() * dustTints.length)] ?? 0xffffff;
  }
}

export interface Level {
  readonly world: World;
  /** The turret; it carries the session (score, wave, lives) as well. */
  readonly turret: Entity;
}

/** A world with everything in it that is there before the first wave. */
export function createLevel(seed = 1): Level {
  const world = new World({ components, prefabs: prefab.prefabs, maxEntities: 8_192 });
  scatterDust(world, seeded(seed));
  const turret = world.spawn(prefab.Turret);
  const spawner = world.indexOf(world.spawn(prefab.Spawner));
  world.columns(Spawner).prey[spawner] = turret;
  return { world, turret };
}
