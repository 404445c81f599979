// Waits for the turret to be gone before it moves itself.
import { Entity, isAlive } from "fusewire/sdk";
import { Gremlin, Position } from "../components";
import { fedUp } from "../gremlin";

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  const prey = Gremlin.prey[self];
  while (isAlive(prey)) {} // nobody goes while it asks
  Position.x[self] += 1;
}
