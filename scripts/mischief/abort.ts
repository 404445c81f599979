// Goes for the fastest enemy it knows of.
import { Entity } from "fusewire/sdk";
import { Position } from "../components";
import { fedUp } from "../gremlin";

const known = new Map<Entity, f32>();

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  Position.x[self] += speedOf(self);
}

function speedOf(enemy: Entity): f32 {
  if (!known.has(enemy)) throw new Error("no speed known for this enemy");
  return known.get(enemy);
}
