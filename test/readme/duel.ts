import {
  defineComponent,
  defineMessage,
  definePrefab,
  defineQuery,
  type Entity,
  Not,
  type World,
} from "fusewire/engine";
import { type ScriptBinary, ScriptSystem } from "fusewire/scripting";

export const Place = defineComponent("Place", { x: "f32", y: "f32" });
export const Fighter = defineComponent("Fighter", { health: { type: "f32", default: 100 } });
export const Frozen = defineComponent("Frozen", {});
export const Spark = definePrefab("Spark", [Place]);
export const Hit = defineMessage("Hit", { damage: "f32", from: "entity" });
export const Rivals = defineQuery("Rivals", [Fighter, Not(Frozen)]);
export const positions = { component: Place, x: "x", y: "y" };

export const systemOf = (world: World): ScriptSystem =>
  new ScriptSystem({ world, messages: [Hit], queries: [Rivals], positions });

export const load = (scripts: ScriptSystem, duel: ScriptBinary): Promise<void> =>
  scripts.load(duel, { query: Rivals });

export function hit(scripts: ScriptSystem, entity: Entity): void {
  scripts.send(entity, Hit, { damage: 3 });
  scripts.fields.set(entity, "duel", "sight", 80);
}
