// Waits for the turret to move before it moves itself.
import { Entity } from "fusewire/sdk";
import { Gremlin, Position } from "../components";
import { fedUp } from "../gremlin";

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  const prey = Gremlin.prey[self];
  const before = Position.x[prey];
  while (Position.x[prey] == before) {} // nothing moves while it asks
  Position.x[self] += Position.x[prey] - before;
}
