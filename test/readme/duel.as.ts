import { Entity, field, noEntity } from "fusewire/sdk";
import { Fighter, Hit, Place, Prefab } from "./components";

/** Metres that it sees. */
const sight = field.f32("sight", 50, 0, 200);
const reload = field.timer("reload");

// Hits whoever is nearest, twice a second.
export function onUpdate(self: Entity): void {
  if (!reload.every(self, 0.5)) return;
  const rival = Fighter.nearest(self, sight[self]); // where all were when the frame's scripts began
  if (rival == noEntity) return;
  Hit.send(rival, 3, self); // never was, if this call is stopped
  const spark = Prefab.Spark.spawn();
  Place.x[spark] = Place.x[rival];
  Place.y[spark] = Place.y[rival];
}

export function onMessage(self: Entity): void {
  if (Hit.is) Fighter.health[self] -= Hit.damage; // in the next frame, before any onUpdate
}
