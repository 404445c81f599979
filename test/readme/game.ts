import { addComponent, addEntity, createWorld } from "bitecs";
import { defineComponent, Game, World } from "fusewire/engine";
import { type ScriptBinary, ScriptSystem } from "fusewire/scripting";

// What the game has already: a bitECS world, and components as typed arrays.
const bitWorld = createWorld();
const PositionStore = { x: new Float32Array(10_000), y: new Float32Array(10_000) };

// What scripts may see of it.
const Position = defineComponent("Position", { x: "f32", y: "f32" }, { store: PositionStore });
const Patrol = defineComponent("Patrol", { left: "f32", right: "f32", speed: "f32" });
export const components = [Position, Patrol];

export async function start(patrol: ScriptBinary) {
  const world = new World({ bitWorld, components, maxEntities: 10_000 });
  const scripts = new ScriptSystem({ world, frameBudgetMs: 4 });
  scripts.on("fault", ({ fault }) => console.warn(fault.kind, fault.message, fault.location));
  await scripts.load(patrol);

  const eid = addEntity(bitWorld); // the game's own code, as ever
  addComponent(bitWorld, eid, PositionStore);
  const guard = world.handleOf(eid);
  world.add(guard, Patrol, { left: -50, right: 50, speed: 30 });
  scripts.attach(guard, "patrol");

  const game = new Game({ world });
  game.use(scripts);
  game.addSystem("render", "draw", () => {
    // PositionStore.x[eid] has moved.
  });
  return { game, guard: eid, store: PositionStore }; // game.start() in a page
}
