import { defineComponent, type Entity, World } from "../../engine/index.ts";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings, type ScriptBinary, ScriptSystem } from "../../scripting/index.ts";
import { alternate } from "./measure.ts";

export interface EntitiesResult {
  readonly entities: number;
  /** Script time over native time, whole frames, medians. */
  readonly ratio: number;
  readonly scriptNsPerEntity: number;
  readonly nativeNsPerEntity: number;
}

export const Position = defineComponent("Position", { x: "f32", y: "f32" });
export const Velocity = defineComponent("Velocity", { x: "f32", y: "f32" });
const delta = 1 / 60;

const movement = `
import { Entity, Time } from "fusewire/sdk";
import { Position, Velocity } from "./components";

export function onUpdate(self: Entity): void {
  Position.x[self] += Velocity.x[self] * Time.delta;
  Position.y[self] += Velocity.y[self] * Time.delta;
}
`;

export async function movementBinary(): Promise<ScriptBinary> {
  const files = new Map([
    ["scripts/movement.ts", movement],
    ["scripts/components.ts", generateBindings([Position, Velocity], [])],
  ]);
  const { sdk } = diskSources(".");
  const entry = "scripts/movement.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return result.binary;
}

/** Movement of so many entities: a script with a budget for each, against the same loop in TypeScript. */
export async function benchEntities(count: number, rounds: number): Promise<EntitiesResult> {
  const world = new World({ components: [Position, Velocity], maxEntities: count + 1 });
  const scripts = new ScriptSystem({ world, frameBudgetMs: Infinity });
  await scripts.load(await movementBinary());
  const moving = world.query([Position, Velocity]);
  for (let i = 0; i < count; i++) {
    const entity: Entity = world.spawn();
    world.add(entity, Position, { x: i % 100, y: i % 77 });
    world.add(entity, Velocity, { x: (i % 7) - 3, y: (i % 5) - 2 });
    scripts.attach(entity, "movement");
  }
  const position = world.columns(Position);
  const velocity = world.columns(Velocity);
  const native = (): void => {
    const ids = moving.entities();
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      position.x[id] = (position.x[id] as number) + (velocity.x[id] as number) * delta;
      position.y[id] = (position.y[id] as number) + (velocity.y[id] as number) * delta;
    }
  };
  let frame = 0;
  const scripted = (): void => scripts.run({ delta, elapsed: ++frame * delta, frame });
  const [scriptMs, nativeMs] = alternate([scripted, native], rounds);
  if (scripts.lastFrame.calls !== count) throw new Error(`${scripts.lastFrame.calls} calls`);
  return {
    entities: count,
    ratio: scriptMs / nativeMs,
    scriptNsPerEntity: (scriptMs * 1e6) / count,
    nativeNsPerEntity: (nativeMs * 1e6) / count,
  };
}
