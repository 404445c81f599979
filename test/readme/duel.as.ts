import { Entity, noEntity } from "fusewire/sdk";
import { Fighter, Hit } from "./components";
export function onUpdate(self: Entity): void {
  const rival = Fighter.nearest(self, 50); // where all were when the frame's scripts began
  if (rival != noEntity) Hit.send(rival, 3, self); // never was, if this call is stopped
}
export function onMessage(self: Entity): void {
  if (Hit.is) Fighter.health[self] -= Hit.damage; // in the next frame, before any onUpdate
}
