import { defineComponent, World } from "../../engine/index.ts";
import { type ScriptBinary, ScriptSystem } from "../../scripting/index.ts";

export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Velocity = defineComponent("Velocity", { x: "f32", y: "f32" });
export const delta = 1 / 60;

export const movementSource = `
import { Entity, Time } from "fusewire/sdk";
import { Position, Velocity } from "./components";

export function onUpdate(self: Entity): void {
  Position.x[self] += Velocity.x[self] * Time.delta;
  Position.y[self] += Velocity.y[self] * Time.delta;
}
`;

/** Whole frames of movement, to be run any number of times. */
export interface Movement {
  /** By a script with a budget for each entity. */
  readonly scripted: () => void;
  /** By the same loop in TypeScript, over the same columns. */
  readonly native: () => void;
  /** @throws Error unless the last frame called every entity. */
  readonly check: () => void;
}

/** @param windows whether the script runs on windows, or call by call. */
export async function createMovement(
  binary: ScriptBinary,
  count: number,
  windows: boolean,
): Promise<Movement> {
  const world = new World({ components: [Position, Velocity], maxEntities: count + 1 });
  const scripts = new ScriptSystem({ world, frameBudgetMs: Infinity, windows });
  await scripts.load(binary);
  const moving = world.query([Position, Velocity]);
  for (let i = 0; i < count; i++) {
    const entity = world.spawn();
    world.add(entity, Position, { x: i % 100, y: i % 77 });
    world.add(entity, Velocity, { x: (i % 7) - 3, y: (i % 5) - 2 });
    scripts.attach(entity, binary.name);
  }
  const position = world.columns(Position);
  const velocity = world.columns(Velocity);
  let frame = 0;
  return {
    scripted: () => scripts.run({ delta, elapsed: ++frame * delta, frame }),
    native: () => {
      const ids = moving.entities();
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i] as number;
        position.x[id] = (position.x[id] as number) + (velocity.x[id] as number) * delta;
        position.y[id] = (position.y[id] as number) + (velocity.y[id] as number) * delta;
      }
    },
    check: () => {
      const { calls, faults } = scripts.lastFrame;
      if (calls !== count || faults > 0) throw new Error(`${calls} calls, ${faults} faults`);
    },
  };
}
